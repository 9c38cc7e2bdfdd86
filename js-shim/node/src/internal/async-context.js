// Which stores of AsyncLocalStorage are in force. A frame is a Map of storages and their stores, never changed once it is
// made. Code that runs later runs in the frame it was set up in: callbacks are wrapped here, and the bundler puts
// `capture` and `resume` around each `await`, since the engine offers no way to follow it.

import { onJob } from 'glowplug:node';

let current;

/** The frame in force. */
export function capture() {
  return current;
}

/** Goes on in `frame`, with `value`. */
export function resume(frame, value = undefined) {
  current = frame;
  return value;
}

export function runIn(frame, fn, thisArg, args) {
  const before = current;
  current = frame;
  try {
    return Reflect.apply(fn, thisArg, args);
  } finally {
    current = before;
  }
}

/** A function that runs in the frame of now. */
export function bind(fn) {
  if (typeof fn !== 'function') return fn;
  const frame = current;
  return function (...args) { return runIn(frame, fn, this, args); };
}

function wrapFirst(owner, name) {
  const original = owner[name];
  const { [name]: wrapped } = { [name](callback, ...rest) { return Reflect.apply(original, this, [bind(callback), ...rest]); } };
  replace(owner, name, original, wrapped);
}

function replace(owner, name, original, wrapped) {
  Object.defineProperty(wrapped, 'length', { value: original.length, configurable: true });
  Object.defineProperty(owner, name, { ...Object.getOwnPropertyDescriptor(owner, name), value: wrapped });
}

for (const name of ['queueMicrotask', 'setInterval', 'setTimeout']) wrapFirst(globalThis, name);
const { then } = Promise.prototype;
replace(Promise.prototype, 'then', then, { then(fulfilled, rejected) { return Reflect.apply(then, this, [bind(fulfilled), bind(rejected)]); } }.then);
// each job of the queue begins in no frame
onJob(() => { current = undefined; });
