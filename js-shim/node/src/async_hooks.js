// node:async_hooks: AsyncLocalStorage and AsyncResource.

import { bind, capture, runIn } from './internal/async-context.js';
import { requireFunction } from './internal/errors.js';

export class AsyncLocalStorage {
  #default;
  #name;

  constructor({ defaultValue, name = '' } = {}) {
    this.#default = defaultValue;
    this.#name = String(name);
  }

  static bind(fn) {
    requireFunction('fn', fn);
    return bind(fn);
  }

  static snapshot() {
    const frame = capture();
    return (fn, ...args) => runIn(frame, fn, undefined, args);
  }

  get name() { return this.#name; }

  getStore() {
    const frame = capture();
    return frame?.has(this) ? frame.get(this) : this.#default;
  }

  run(store, fn, ...args) { return runIn(new Map(capture()).set(this, store), fn, undefined, args); }
  exit(fn, ...args) { return this.run(undefined, fn, ...args); }

  // as in workerd: what is in force must not change while an async function runs
  enterWith() { throw new Error('asyncLocalStorage.enterWith() is not implemented'); }
  disable() { throw new Error('asyncLocalStorage.disable() is not implemented'); }
}

export class AsyncResource {
  #frame = capture();
  #type;

  constructor(type) {
    if (typeof type !== 'string') throw new TypeError('The "type" argument must be of type string.');
    this.#type = type;
  }

  static bind(fn, type = undefined, thisArg = undefined) {
    return new AsyncResource(type ?? (fn.name || 'bound-anonymous-fn')).bind(fn, thisArg);
  }

  get type() { return this.#type; }

  bind(fn, thisArg = undefined) {
    requireFunction('fn', fn);
    const resource = this;
    const bound = function (...args) { return resource.runInAsyncScope(fn, thisArg ?? this, ...args); };
    return Object.defineProperty(bound, 'length', { value: fn.length, configurable: true });
  }

  runInAsyncScope(fn, thisArg = undefined, ...args) { return runIn(this.#frame, fn, thisArg, args); }
  emitDestroy() { return this; }
  asyncId() { return 0; }
  triggerAsyncId() { return 0; }
}

export const createHook = () => ({ enable() { return this; }, disable() { return this; } });
export const executionAsyncId = () => 0;
export const executionAsyncResource = () => Object.create(null);
export const triggerAsyncId = () => 0;
export const asyncWrapProviders = Object.freeze({ __proto__: null });

export default {
  AsyncLocalStorage, AsyncResource, asyncWrapProviders, createHook, executionAsyncId, executionAsyncResource, triggerAsyncId,
};
