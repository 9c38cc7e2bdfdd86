// Event, EventTarget, CustomEvent, ErrorEvent, PromiseRejectionEvent (DOM standard section 2, HTML section 8.1).
// There is no tree: an event has one target, so there is neither capture nor bubbling to do.

import { DOMException } from './dom-exception.js';
import { defineConstants, dictionary, exposeFunctions, exposeInterfaces, requireArguments } from './webidl.js';

const DISPATCHING = 1;
const STOP_IMMEDIATE = 2;
const STOP = 4;
const CANCELED = 8;
const PASSIVE = 16;

let start;
let finish;
let flagsOf;
let setPassive;

export class Event {
  #type;
  #flags = 0;
  #target = null;
  #currentTarget = null;
  #init;
  #timeStamp = native.monotonicNow();

  constructor(type, init = undefined) {
    requireArguments(arguments.length, 1, new.target.name);
    this.#type = String(type);
    this.#init = dictionary(init, 'The event init');
  }

  get type() { return this.#type; }
  get target() { return this.#target; }
  get srcElement() { return this.#target; }
  get currentTarget() { return this.#currentTarget; }
  get eventPhase() { return this.#currentTarget === null ? 0 : 2; }
  get bubbles() { return Boolean(this.#init.bubbles); }
  get cancelable() { return Boolean(this.#init.cancelable); }
  get composed() { return Boolean(this.#init.composed); }
  get defaultPrevented() { return (this.#flags & CANCELED) !== 0; }
  get returnValue() { return !this.defaultPrevented; }
  get cancelBubble() { return (this.#flags & STOP) !== 0; }
  set cancelBubble(value) { if (value) this.#flags |= STOP; }
  get isTrusted() { return false; }
  get timeStamp() { return this.#timeStamp; }

  composedPath() { return this.#currentTarget === null ? [] : [this.#currentTarget]; }
  preventDefault() { if (this.cancelable && (this.#flags & PASSIVE) === 0) this.#flags |= CANCELED; }
  stopPropagation() { this.#flags |= STOP; }
  stopImmediatePropagation() { this.#flags |= STOP | STOP_IMMEDIATE; }

  static {
    flagsOf = (event) => event.#flags;
    start = (event, target) => {
      event.#flags = (event.#flags & CANCELED) | DISPATCHING;
      event.#target = target;
      event.#currentTarget = target;
    };
    setPassive = (event, passive) => {
      event.#flags = passive ? event.#flags | PASSIVE : event.#flags & ~PASSIVE;
    };
    finish = (event) => {
      event.#flags &= CANCELED;
      event.#currentTarget = null;
    };
  }
}

export class CustomEvent extends Event {
  #detail;

  constructor(type, init = undefined) {
    super(type, init);
    this.#detail = init?.detail ?? null;
  }

  get detail() { return this.#detail; }
}

export class ErrorEvent extends Event {
  #init;

  constructor(type, init = undefined) {
    super(type, init);
    this.#init = init ?? {};
  }

  get message() { return String(this.#init.message ?? ''); }
  get filename() { return String(this.#init.filename ?? ''); }
  get lineno() { return this.#init.lineno ?? 0; }
  get colno() { return this.#init.colno ?? 0; }
  get error() { return this.#init.error; }
}

export class PromiseRejectionEvent extends Event {
  #init;

  constructor(type, init) {
    requireArguments(arguments.length, 2, 'PromiseRejectionEvent');
    super(type, init);
    this.#init = init;
  }

  get promise() { return this.#init.promise; }
  get reason() { return this.#init.reason; }
}

let listenersOf;
let reportListenerError = () => {};

/** Sets what is done with an error that a listener throws. */
export function onListenerError(report) {
  reportListenerError = report;
}

export class EventTarget {
  // type -> listeners, made when the first one is added
  #listeners = null;

  addEventListener(type, callback, options = undefined) {
    requireArguments(arguments.length, 2, 'addEventListener');
    if (callback === null || callback === undefined) return;
    if (typeof callback !== 'function' && typeof callback !== 'object') {
      throw new TypeError('addEventListener: the listener must be a function or an object with handleEvent.');
    }
    const init = typeof options === 'object' && options !== null ? options : { capture: options };
    if (init.signal?.aborted) return;
    this.#listeners ??= new Map();
    const name = String(type);
    const capture = Boolean(init.capture);
    let list = this.#listeners.get(name);
    if (list === undefined) this.#listeners.set(name, list = []);
    if (list.some((other) => other.callback === callback && other.capture === capture)) return;
    list.push({ callback, capture, once: Boolean(init.once), passive: Boolean(init.passive), removed: false });
    init.signal?.addEventListener('abort', () => this.removeEventListener(name, callback, capture));
  }

  removeEventListener(type, callback, options = undefined) {
    const list = this.#listeners?.get(String(type));
    if (list === undefined) return;
    const capture = Boolean(typeof options === 'object' && options !== null ? options.capture : options);
    const index = list.findIndex((other) => other.callback === callback && other.capture === capture);
    if (index !== -1) list.splice(index, 1)[0].removed = true;
  }

  dispatchEvent(event) {
    if (!(event instanceof Event)) throw new TypeError('dispatchEvent: the argument must be an Event.');
    if ((flagsOf(event) & DISPATCHING) !== 0) {
      throw new DOMException('The event is already being dispatched.', 'InvalidStateError');
    }
    dispatch(this, event, this);
    return !event.defaultPrevented;
  }

  static {
    listenersOf = (target, type) => (target.#listeners === null ? undefined : target.#listeners.get(type));
  }
}

/** Calls the listeners kept in `registry`; `target` is what the event and the listeners see. */
export function dispatch(registry, event, target) {
  start(event, target);
  const listeners = listenersOf(registry, event.type);
  if (listeners !== undefined) {
    for (const listener of [...listeners]) {
      if (listener.removed) continue;
      if (listener.once) registry.removeEventListener(event.type, listener.callback, listener.capture);
      setPassive(event, listener.passive);
      try {
        const { callback } = listener;
        if (typeof callback === 'function') Reflect.apply(callback, target, [event]);
        else callback.handleEvent(event);
      } catch (error) {
        reportListenerError(error);
      }
      if ((flagsOf(event) & STOP_IMMEDIATE) !== 0) break;
    }
  }
  finish(event);
}

export function hasListeners(registry, type) {
  const listeners = listenersOf(registry, type);
  return listeners !== undefined && listeners.length > 0;
}

/** Defines an `on…` attribute: one listener that the attribute holds. */
export function defineHandler(prototype, type) {
  const handlers = new WeakMap();
  Object.defineProperty(prototype, `on${type}`, {
    get() { return handlers.get(this)?.callback ?? null; },
    set(value) {
      const callback = typeof value === 'function' ? value : null;
      const handler = handlers.get(this);
      if (handler !== undefined) {
        handler.callback = callback;
        return;
      }
      const made = { callback };
      handlers.set(this, made);
      this.addEventListener(type, (event) => {
        if (made.callback !== null) Reflect.apply(made.callback, this, [event]);
      });
    },
    enumerable: true,
    configurable: true,
  });
}

/** Holds the listeners that were added to the global object. */
export const globalTarget = new EventTarget();

export function install() {
  defineConstants(Event, { NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3 });
  exposeInterfaces({ Event, EventTarget, CustomEvent, ErrorEvent, PromiseRejectionEvent });
  exposeFunctions({
    removeEventListener(type, callback, options = undefined) {
      globalTarget.removeEventListener(type, callback, options);
    },
    dispatchEvent(event) {
      if (!(event instanceof Event)) throw new TypeError('dispatchEvent: the argument must be an Event.');
      dispatch(globalTarget, event, globalThis);
      return !event.defaultPrevented;
    },
  });
}
