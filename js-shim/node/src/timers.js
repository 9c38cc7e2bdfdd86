// node:timers: timers that are objects.

import promises from './timers/promises.js';

const { clearTimeout: clearGlobal, setInterval: setGlobalInterval, setTimeout: setGlobalTimeout } = globalThis;

let idOf;

/** What setTimeout() and setInterval() give in Node.js. */
export class Timeout {
  #id;
  #callback;
  #delay;
  #args;
  #repeat;
  #isReferenced = true;

  constructor(callback, delay, args, repeat) {
    this.#callback = callback;
    this.#delay = delay;
    this.#args = args;
    this.#repeat = repeat;
    this.#start();
  }

  #start() {
    this.#id = (this.#repeat ? setGlobalInterval : setGlobalTimeout)(this.#callback, this.#delay, ...this.#args);
  }

  refresh() {
    clearGlobal(this.#id);
    this.#start();
    return this;
  }

  close() {
    clearGlobal(this.#id);
    return this;
  }

  ref() {
    this.#isReferenced = true;
    return this;
  }

  unref() {
    this.#isReferenced = false;
    return this;
  }

  hasRef() { return this.#isReferenced; }
  [Symbol.toPrimitive]() { return this.#id; }
  [Symbol.dispose]() { clearGlobal(this.#id); }
}

/** What setImmediate() gives. */
export class Immediate {
  #id;
  #isReferenced = true;

  constructor(callback, args) {
    this.#id = setGlobalTimeout(callback, 0, ...args);
  }

  ref() {
    this.#isReferenced = true;
    return this;
  }

  unref() {
    this.#isReferenced = false;
    return this;
  }

  hasRef() { return this.#isReferenced; }
  [Symbol.dispose]() { clear(this.#id); }

  static {
    idOf = (value) => (typeof value === 'object' && value !== null && #id in value ? value.#id : value);
  }
}

function clear(timer) {
  if (timer instanceof Timeout) timer.close();
  else if (timer !== undefined && timer !== null) clearGlobal(idOf(timer));
}

export function setTimeout(callback, delay = undefined, ...args) { return new Timeout(callback, delay, args, false); }
export function setInterval(callback, delay = undefined, ...args) { return new Timeout(callback, delay, args, true); }
export function setImmediate(callback, ...args) { return new Immediate(callback, args); }
export function clearTimeout(timer) { clear(timer); }
export function clearInterval(timer) { clear(timer); }
export function clearImmediate(timer) { clear(timer); }
export function active(timer) { timer?.refresh?.(); }
export const _unrefActive = active;
export function enroll() { throw new Error('Not implemented. timers.enroll() is deprecated.'); }
export function unenroll() { throw new Error('Not implemented. timers.unenroll() is deprecated.'); }
export { promises };

Object.defineProperty(setTimeout, Symbol.for('nodejs.util.promisify.custom'), { get: () => promises.setTimeout, configurable: true });
Object.defineProperty(setImmediate, Symbol.for('nodejs.util.promisify.custom'), { get: () => promises.setImmediate, configurable: true });

export default {
  _unrefActive, active, clearImmediate, clearInterval, clearTimeout, enroll, promises, setImmediate, setInterval, setTimeout, unenroll,
};
