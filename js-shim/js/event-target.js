// EventTarget and event handler attributes (DOM standard section 2.7, HTML standard section 8.1.8).

import { DOMException } from './dom-exception.js';
import { finish, isCanceled, isDispatching, isEvent, isStopped, setPassive, start } from './events.js';
import { exposeInterfaces, illegalInvocation, requireArguments } from './webidl.js';

let listenersOf;
let isTarget;
let add;
let remove;

let reportListenerError = () => {};
let signals = null;
let onGlobalListener = () => {};

/** Sets what is done with an error that a listener throws. */
export function onListenerError(report) {
  reportListenerError = report;
}

/** Gives this file `isAbortSignal` and `addAlgorithm`, since AbortSignal is made of EventTarget. */
export function useSignals(functions) {
  signals = functions;
}

/** Calls `notice(type)` before a listener is added to the global object. */
export function noticeGlobalListeners(notice) {
  onGlobalListener = notice;
}

/** The EventTarget behind `this`: the global object has its listeners in `globalTarget`. */
function registryOf(value, how) {
  if (value === undefined || value === null || value === globalThis) return globalTarget;
  if (!isTarget(value)) throw illegalInvocation(how);
  return value;
}

function toListener(callback) {
  if (callback === null || callback === undefined) return null;
  if (typeof callback !== 'function' && typeof callback !== 'object') {
    throw new TypeError('An event listener must be a function or an object with handleEvent().');
  }
  return callback;
}

function captureOf(options) {
  const isObject = (typeof options === 'object' && options !== null) || typeof options === 'function';
  return Boolean(isObject ? options.capture : options);
}

function signalOf(signal) {
  if (signal !== undefined && !signals.isAbortSignal(signal)) throw new TypeError('addEventListener: the signal must be an AbortSignal.');
  return signal;
}

export class EventTarget {
  // type -> listeners, made when the first one is added
  #listeners = null;

  addEventListener(type, callback, options = undefined) {
    const registry = registryOf(this, 'target.addEventListener(…)');
    requireArguments(arguments.length, 2, 'addEventListener');
    const name = `${type}`;
    const listener = toListener(callback);
    let capture = false;
    let once = false;
    let passive = false;
    let signal;
    if (options !== undefined && options !== null) {
      capture = captureOf(options);
      if (typeof options === 'object' || typeof options === 'function') {
        once = Boolean(options.once);
        passive = Boolean(options.passive);
        signal = signalOf(options.signal);
      }
    }
    if (registry === globalTarget) onGlobalListener(name);
    if (listener === null || signal?.aborted) return;
    const entry = add(registry, name, { callback: listener, capture, once, passive, removed: false, handler: false });
    if (entry !== null && signal !== undefined) signals.addAlgorithm(signal, () => { remove(registry, name, entry); });
  }

  removeEventListener(type, callback, options = undefined) {
    const registry = registryOf(this, 'target.removeEventListener(…)');
    requireArguments(arguments.length, 2, 'removeEventListener');
    const name = `${type}`;
    const listener = toListener(callback);
    const capture = captureOf(options);
    const entry = listenersOf(registry, name)?.find((other) => other.callback === listener && other.capture === capture);
    if (entry !== undefined) remove(registry, name, entry);
  }

  dispatchEvent(event) {
    const registry = registryOf(this, 'target.dispatchEvent(…)');
    requireArguments(arguments.length, 1, 'dispatchEvent');
    if (!isEvent(event)) throw new TypeError('dispatchEvent: the argument must be an Event.');
    if (isDispatching(event)) throw new DOMException('The event is already being dispatched.', 'InvalidStateError');
    return run(registry, event, registry === globalTarget ? globalThis : registry, false);
  }

  static {
    isTarget = (value) => typeof value === 'object' && value !== null && #listeners in value;
    listenersOf = (target, type) => (target.#listeners === null ? undefined : target.#listeners.get(type));
    add = (target, type, entry) => {
      target.#listeners ??= new Map();
      const list = target.#listeners.get(type);
      if (list === undefined) target.#listeners.set(type, [entry]);
      else if (list.some((other) => other.callback === entry.callback && other.capture === entry.capture)) return null;
      else list.push(entry);
      return entry;
    };
    remove = (target, type, entry) => {
      entry.removed = true;
      const list = target.#listeners.get(type);
      const index = list.indexOf(entry);
      if (index !== -1) list.splice(index, 1);
    };
  }
}

/** Calls the listeners kept in `registry`; `target` is what the event and the listeners see. False if it was canceled. */
function run(registry, event, target, isOurs) {
  start(event, target, isOurs);
  const { type } = event;
  const listeners = listenersOf(registry, type);
  if (listeners !== undefined && !event.cancelBubble) {
    for (const entry of listeners.slice()) {
      if (entry.removed) continue;
      if (entry.once) remove(registry, type, entry);
      if (entry.passive) setPassive(event, true);
      const { callback } = entry;
      try {
        if (typeof callback === 'function') Reflect.apply(callback, target, [event]);
        else callHandleEvent(callback, event);
      } catch (error) {
        reportListenerError(error);
      }
      if (entry.passive) setPassive(event, false);
      if (isStopped(event)) break;
    }
  }
  finish(event);
  return !isCanceled(event);
}

function callHandleEvent(listener, event) {
  const { handleEvent } = listener;
  if (typeof handleEvent !== 'function') throw new TypeError('The event listener has no method handleEvent().');
  Reflect.apply(handleEvent, listener, [event]);
}

/** Fires an event of ours: its `isTrusted` is true. False if it was canceled. */
export function fire(target, event) {
  return run(target, event, target, true);
}

/** Fires an event of ours at the global object. */
export function fireGlobal(event) {
  return run(globalTarget, event, globalThis, true);
}

export function hasListeners(registry, type) {
  const listeners = listenersOf(registry, type);
  return listeners !== undefined && listeners.length > 0;
}

/** Calls an event handler; what it returns may cancel the event (HTML's event handler processing algorithm). */
function process(value, target, event, callWith) {
  if (typeof value !== 'function') return;
  const args = callWith === undefined ? [event] : callWith(event);
  const result = Reflect.apply(value, target, args);
  if (args.length > 1 ? result === true : result === false) event.preventDefault();
}

/**
 * Defines an `on…` attribute: one listener that the attribute holds. `callWith(event)` gives the arguments of the
 * handler, where they are not the event alone.
 */
export function defineHandler(prototype, type, callWith = undefined) {
  const name = `on${type}`;
  const how = `target.${name}`;
  const isInstance = (value) => Reflect.apply(Object.prototype.isPrototypeOf, prototype, [value]);
  const ofGlobal = isInstance(globalThis);
  const registry = (value) => {
    const target = registryOf(value, how);
    // the prototype alone would be no brand, but here the value is known to be an EventTarget
    if (target === globalTarget ? !ofGlobal : !isInstance(target)) throw illegalInvocation(how);
    return target;
  };
  const handlerOf = (target) => listenersOf(target, type)?.find((entry) => entry.handler);
  const accessor = Object.getOwnPropertyDescriptor({
    get [name]() { return handlerOf(registry(this))?.value ?? null; },
    set [name](given) {
      const target = registry(this);
      const value = typeof given === 'function' || typeof given === 'object' ? given : null;
      const entry = handlerOf(target);
      if (value === null) {
        if (entry !== undefined) remove(target, type, entry);
      } else if (entry !== undefined) {
        entry.value = value;
      } else {
        const made = { callback: null, capture: false, once: false, passive: false, removed: false, handler: true, value };
        made.callback = function (event) { process(made.value, this, event, callWith); };
        if (target === globalTarget) onGlobalListener(type);
        add(target, type, made);
      }
    },
  }, name);
  Object.defineProperty(prototype, name, { ...accessor, enumerable: true, configurable: true });
}

/** Holds the listeners that were added to the global object. */
export const globalTarget = new EventTarget();

export function install() {
  exposeInterfaces({ EventTarget });
}
