// AbortController and AbortSignal (DOM standard section 3).

import { toSequence } from './convert.js';
import { DOMException } from './dom-exception.js';
import { defineHandler, EventTarget, fire, hasListeners, useSignals } from './event-target.js';
import { Event } from './events.js';
import { began, settled } from './pending.js';
import { enforceRange, exposeInterfaces, kInternal, requireArguments } from './webidl.js';

const { disallow, setTimer } = native;
const MAX_DELAY = 2 ** 31 - 1;

let isAbortSignal;
let abort;
let addAlgorithm;
let removeAlgorithm;
let follow;

export class AbortSignal extends EventTarget {
  #aborted = false;
  #reason = undefined;
  // made when the first one is added
  #algorithms = null;
  // of a signal made by any(): those it follows, which follow none themselves; of another one: those that follow it
  #sources = null;
  #dependents = null;

  constructor(token = undefined) {
    if (token !== kInternal) throw new TypeError('Illegal constructor: use AbortController, or AbortSignal.timeout().');
    super();
  }

  static abort(reason = undefined) {
    const signal = new AbortSignal(kInternal);
    abort(signal, reason);
    return signal;
  }

  static timeout(milliseconds) {
    requireArguments(arguments.length, 1, 'AbortSignal.timeout');
    const ms = enforceRange(milliseconds, 'AbortSignal.timeout: the time');
    disallow('AbortSignal.timeout()');
    const signal = new AbortSignal(kInternal);
    const entry = began(`AbortSignal.timeout(${ms})`);
    setTimer(Math.min(ms, MAX_DELAY), false, () => {
      settled(entry);
      abort(signal, new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    });
    return signal;
  }

  static any(signals) {
    requireArguments(arguments.length, 1, 'AbortSignal.any');
    return anySignal(toSequence(signals, toSignal, 'AbortSignal.any: the signals'));
  }

  get aborted() { return this.#aborted; }
  get reason() { return this.#reason; }

  throwIfAborted() {
    if (this.#aborted) throw this.#reason;
  }

  static {
    isAbortSignal = (value) => typeof value === 'object' && value !== null && #aborted in value;
    addAlgorithm = (signal, algorithm) => {
      if (!signal.#aborted) (signal.#algorithms ??= []).push(algorithm);
    };
    removeAlgorithm = (signal, algorithm) => {
      signal.#algorithms = signal.#algorithms?.filter((other) => other !== algorithm) ?? null;
    };

    const mark = (signal, reason) => {
      signal.#aborted = true;
      signal.#reason = reason;
    };
    const tell = (signal) => {
      const algorithms = signal.#algorithms;
      signal.#algorithms = null;
      if (algorithms !== null) for (const algorithm of algorithms) algorithm(signal.#reason);
      if (hasListeners(signal, 'abort')) fire(signal, new Event('abort'));
    };
    // all are aborted before anybody is told of one
    abort = (signal, reason) => {
      if (signal.#aborted) return;
      mark(signal, reason === undefined ? new DOMException('The operation was aborted', 'AbortError') : reason);
      const dependents = signal.#dependents?.filter((dependent) => !dependent.#aborted) ?? [];
      signal.#dependents = null;
      for (const dependent of dependents) mark(dependent, signal.#reason);
      tell(signal);
      for (const dependent of dependents) tell(dependent);
    };

    follow = (dependent, source) => {
      dependent.#sources ??= new Set();
      for (const origin of source.#sources ?? [source]) {
        if (dependent.#sources.has(origin)) continue;
        dependent.#sources.add(origin);
        (origin.#dependents ??= []).push(dependent);
      }
    };
  }
}

function toSignal(value) {
  if (!isAbortSignal(value)) throw new TypeError('AbortSignal.any: every item must be an AbortSignal.');
  return value;
}

/** A signal that is aborted as soon as one of `sources` is. */
export function anySignal(sources) {
  const signal = new AbortSignal(kInternal);
  const aborted = sources.find((source) => source.aborted);
  if (aborted !== undefined) {
    abort(signal, aborted.reason);
    return signal;
  }
  for (const source of sources) follow(signal, source);
  return signal;
}

/** `promise`, unless `signal` is aborted first: then `cancel` is called and the reason is what rejects. */
export function abortable(promise, signal, cancel = () => {}) {
  if (signal.aborted) {
    promise.catch(() => {});
    cancel();
    return Promise.reject(signal.reason);
  }
  return new Promise((resolve, reject) => {
    const onAbort = (reason) => {
      cancel();
      reject(reason);
    };
    addAlgorithm(signal, onAbort);
    promise.then(
      (value) => { removeAlgorithm(signal, onAbort); resolve(value); },
      (error) => { removeAlgorithm(signal, onAbort); reject(error); },
    );
  });
}

export class AbortController {
  #signal = new AbortSignal(kInternal);

  get signal() { return this.#signal; }
  abort(reason = undefined) { abort(this.#signal, reason); }
}

export { abort as abortSignal, addAlgorithm, isAbortSignal, removeAlgorithm };

export function install() {
  useSignals({ addAlgorithm, isAbortSignal });
  defineHandler(AbortSignal.prototype, 'abort');
  exposeInterfaces({ AbortController, AbortSignal });
}
