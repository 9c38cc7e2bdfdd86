// util.promisify() and util.callbackify().

import { coded, requireFunction } from './errors.js';

const custom = Symbol.for('nodejs.util.promisify.custom');

export function promisify(original) {
  requireFunction('original', original);
  if (original[custom]) {
    const fn = original[custom];
    requireFunction('util.promisify.custom', fn);
    return Object.defineProperty(fn, custom, { value: fn, enumerable: false, writable: false, configurable: true });
  }
  function fn(...args) {
    return new Promise((resolve, reject) => {
      Reflect.apply(original, this, [...args, (error, value) => {
        if (error) reject(error);
        else resolve(value);
      }]);
    });
  }
  Object.setPrototypeOf(fn, Object.getPrototypeOf(original));
  Object.defineProperty(fn, custom, { value: fn, enumerable: false, writable: false, configurable: true });
  return Object.defineProperties(fn, Object.getOwnPropertyDescriptors(original));
}
promisify.custom = custom;

export function callbackify(original) {
  requireFunction('original', original);
  function callbackified(...args) {
    const callback = args.pop();
    requireFunction('last argument', callback);
    Reflect.apply(original, this, args).then(
      (value) => { queueMicrotask(() => Reflect.apply(callback, this, [null, value])); },
      (reason) => {
        const error = reason || Object.assign(coded(Error, 'ERR_FALSY_VALUE_REJECTION', 'Promise was rejected with falsy value'), { reason });
        queueMicrotask(() => Reflect.apply(callback, this, [error]));
      },
    );
  }
  const descriptors = Object.getOwnPropertyDescriptors(original);
  if (typeof descriptors.length.value === 'number') descriptors.length.value += 1;
  if (typeof descriptors.name.value === 'string') descriptors.name.value += 'Callbackified';
  return Object.defineProperties(callbackified, descriptors);
}
