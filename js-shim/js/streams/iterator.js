// `for await` over a ReadableStream (section 4.2.5), as WebIDL's asynchronous iterables go (section 3.7.10).

import { dictionary } from '../webidl.js';
import { newDeferred, promiseOf, rejection, then } from './promises.js';
import { ReadableStream } from './readable.js';
import { cancelReadable, stateOf } from './readable-state.js';
import { Reader } from './readers.js';

const AsyncIteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}).prototype);

let requireIterator;

/** What an iterator holds. Its calls are served one after the other. */
class Iteration {
  #reader;
  #preventCancel;
  #finished = false;
  #ongoing = null;
  #onRead = (result) => {
    this.#ongoing = null;
    if (result.done) this.#finished = true;
    return result;
  };
  #onFailed = (error) => {
    this.#ongoing = null;
    this.#finished = true;
    throw error;
  };

  constructor(stream, preventCancel) {
    this.#reader = new Reader(stream, false);
    this.#preventCancel = preventCancel;
  }

  #afterOngoing(steps) {
    this.#ongoing = this.#ongoing === null ? steps() : then(this.#ongoing, steps, steps);
    return this.#ongoing;
  }

  next() { return this.#afterOngoing(() => this.#read()); }

  #read() {
    if (this.#finished) return promiseOf({ value: undefined, done: true });
    const { promise, resolve, reject } = newDeferred();
    this.#reader.read({
      chunk: (value) => resolve({ value, done: false }),
      close: () => {
        this.#reader.release();
        resolve({ value: undefined, done: true });
      },
      error: (reason) => {
        this.#reader.release();
        reject(reason);
      },
    });
    return then(promise, this.#onRead, this.#onFailed);
  }

  return(value) {
    const returned = this.#afterOngoing(() => this.#finish(value));
    return then(returned, () => ({ value, done: true }));
  }

  #finish(reason) {
    if (this.#finished) return promiseOf(undefined);
    this.#finished = true;
    const { stream } = this.#reader;
    if (stream === null) return promiseOf(undefined);
    const canceled = this.#preventCancel ? promiseOf(undefined) : cancelReadable(stream, reason);
    this.#reader.release();
    return canceled;
  }
}

class StreamIterator {
  #iteration;

  constructor(iteration) { this.#iteration = iteration; }

  static { requireIterator = (value) => value.#iteration; }
}

const members = {
  next() {
    try {
      return requireIterator(this).next();
    } catch (error) {
      return rejection(error);
    }
  },
  return(value) {
    try {
      return requireIterator(this).return(value);
    } catch (error) {
      return rejection(error);
    }
  },
};

export function install() {
  const { prototype } = StreamIterator;
  delete prototype.constructor;
  Object.setPrototypeOf(prototype, AsyncIteratorPrototype);
  Object.defineProperties(prototype, Object.getOwnPropertyDescriptors(members));
  Object.defineProperty(prototype, Symbol.toStringTag, { value: 'ReadableStream AsyncIterator', configurable: true });

  const { values } = {
    values(options = undefined) {
      const stream = stateOf(this);
      if (stream === undefined) throw new TypeError('ReadableStream.values: called on an object of another class.');
      const { preventCancel } = dictionary(options, 'ReadableStream.values: the options');
      return new StreamIterator(new Iteration(stream, Boolean(preventCancel)));
    },
  };
  const method = { value: values, writable: true, configurable: true };
  Object.defineProperty(ReadableStream.prototype, 'values', { ...method, enumerable: true });
  Object.defineProperty(ReadableStream.prototype, Symbol.asyncIterator, { ...method, enumerable: false });
}
