// AbortController and AbortSignal (DOM standard section 3).

import { DOMException } from './dom-exception.js';
import { defineHandler, Event, EventTarget } from './events.js';
import { began, settled } from './pending.js';
import { exposeInterfaces, kInternal } from './webidl.js';

const { disallow, setTimer } = native;

let isAbortSignal;
let abort;
let addAlgorithm;
let removeAlgorithm;

export class AbortSignal extends EventTarget {
  #aborted = false;
  #reason = undefined;
  #algorithms = null;

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
    const ms = Number(milliseconds);
    if (!(ms >= 0 && ms <= Number.MAX_SAFE_INTEGER)) throw new TypeError(`AbortSignal.timeout: ${milliseconds} is not a number of milliseconds.`);
    disallow('AbortSignal.timeout()');
    const signal = new AbortSignal(kInternal);
    const entry = began(`AbortSignal.timeout(${ms})`);
    setTimer(Math.min(Math.trunc(ms), 2 ** 31 - 1), false, () => {
      settled(entry);
      abort(signal, new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    });
    return signal;
  }

  static any(signals) {
    const sources = [...signals];
    for (const source of sources) {
      if (!isAbortSignal(source)) throw new TypeError('AbortSignal.any: every item must be an AbortSignal.');
    }
    return anySignal(sources);
  }

  get aborted() { return this.#aborted; }
  get reason() { return this.#reason; }

  throwIfAborted() {
    if (this.#aborted) throw this.#reason;
  }

  static {
    isAbortSignal = (value) => typeof value === 'object' && value !== null && #aborted in value;
    addAlgorithm = (signal, algorithm) => {
      (signal.#algorithms ??= []).push(algorithm);
    };
    removeAlgorithm = (signal, algorithm) => {
      signal.#algorithms = signal.#algorithms?.filter((other) => other !== algorithm) ?? null;
    };
    abort = (signal, reason) => {
      if (signal.#aborted) return;
      signal.#aborted = true;
      signal.#reason = reason === undefined ? new DOMException('The operation was aborted', 'AbortError') : reason;
      const algorithms = signal.#algorithms;
      signal.#algorithms = null;
      if (algorithms !== null) for (const algorithm of algorithms) algorithm(signal.#reason);
      signal.dispatchEvent(new Event('abort'));
    };
  }
}

/** A signal that is aborted as soon as one of `sources` is. */
export function anySignal(sources) {
  const signal = new AbortSignal(kInternal);
  const aborted = sources.find((source) => source.aborted);
  if (aborted !== undefined) {
    abort(signal, aborted.reason);
    return signal;
  }
  for (const source of sources) addAlgorithm(source, (reason) => abort(signal, reason));
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

export { addAlgorithm, isAbortSignal, removeAlgorithm };

export function install() {
  defineHandler(AbortSignal.prototype, 'abort');
  exposeInterfaces({ AbortController, AbortSignal });
}
