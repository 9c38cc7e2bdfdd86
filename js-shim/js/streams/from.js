// ReadableStreamFromIterable (section 4.9.1).

import { apply, promiseOf, rejection, resolvedWith, then } from './promises.js';
import { createReadable } from './readable.js';

function isObject(value) {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function methodOf(object, name) {
  const method = object[name];
  if (method === undefined || method === null) return undefined;
  if (typeof method !== 'function') throw new TypeError('ReadableStream.from: the iterator method is not a function.');
  return method;
}

function requireResult(result, what) {
  if (!isObject(result)) throw new TypeError(`ReadableStream.from: what ${what} of the iterator gave is not an object.`);
  return result;
}

/** An iterator whose `next()` and `return(reason)` give promises of results; the latter is undefined if it cannot be told. */
function asyncIteratorOf(iterable) {
  if (iterable === undefined || iterable === null) throw new TypeError('ReadableStream.from: the argument is not iterable.');
  const asyncMethod = methodOf(iterable, Symbol.asyncIterator);
  const method = asyncMethod ?? methodOf(iterable, Symbol.iterator);
  if (method === undefined) throw new TypeError('ReadableStream.from: the argument is not iterable.');
  const iterator = apply(method, iterable, []);
  if (!isObject(iterator)) throw new TypeError('ReadableStream.from: the iterator is not an object.');
  const { next } = iterator;
  return asyncMethod === undefined ? new SyncIterator(iterator, next) : new AsyncIterator(iterator, next);
}

class AsyncIterator {
  #iterator;
  #next;

  constructor(iterator, next) {
    this.#iterator = iterator;
    this.#next = next;
  }

  next() { return resolvedWith(apply(this.#next, this.#iterator, [])); }

  return(reason) {
    const method = methodOf(this.#iterator, 'return');
    return method === undefined ? undefined : resolvedWith(apply(method, this.#iterator, [reason]));
  }
}

/** "CreateAsyncFromSyncIterator" of ECMAScript: waits for the values. */
class SyncIterator {
  #iterator;
  #next;

  constructor(iterator, next) {
    this.#iterator = iterator;
    this.#next = next;
  }

  next() {
    const { done, value } = requireResult(apply(this.#next, this.#iterator, []), 'next()');
    return this.#settle(Boolean(done), value, true);
  }

  return(reason) {
    const method = methodOf(this.#iterator, 'return');
    if (method === undefined) return undefined;
    const { done, value } = requireResult(apply(method, this.#iterator, [reason]), 'return()');
    return this.#settle(Boolean(done), value, false);
  }

  #settle(done, value, closes) {
    return then(promiseOf(value), (settled) => ({ done, value: settled }), (error) => {
      if (closes && !done) this.#close();
      throw error;
    });
  }

  #close() {
    try {
      const method = methodOf(this.#iterator, 'return');
      if (method !== undefined) apply(method, this.#iterator, []);
    } catch {
      // the error that made it close is the one to tell
    }
  }
}

export function readableFrom(iterable) {
  const iterator = asyncIteratorOf(iterable);
  const pull = () => {
    try {
      return then(iterator.next(), (result) => {
        const { controller } = state;
        if (requireResult(result, 'next()').done) controller.close();
        else controller.enqueue(result.value);
      });
    } catch (error) {
      return rejection(error);
    }
  };
  const cancel = (reason) => {
    try {
      const returned = iterator.return(reason);
      return returned === undefined ? promiseOf(undefined) : then(returned, (result) => { requireResult(result, 'return()'); });
    } catch (error) {
      return rejection(error);
    }
  };
  const state = createReadable({ pull, cancel }, 0);
  return state;
}
