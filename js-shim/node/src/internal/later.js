// Results by callback.

import { requireFunction } from './errors.js';

/** Gives the result to the callback in the next tick, as an answer from elsewhere would come. */
export function later(callback, compute, spread = (result) => [result]) {
  requireFunction('callback', callback);
  queueMicrotask(() => {
    let result;
    try {
      result = compute();
    } catch (error) {
      callback(error);
      return;
    }
    callback(null, ...spread(result));
  });
}
