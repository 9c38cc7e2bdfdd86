// ReadableStreamDefaultReader and ReadableStreamBYOBReader (sections 4.3 to 4.5).

import { requireView } from '../bytes.js';
import { dictionary, requireArguments } from '../webidl.js';
import { LazyPromise, newDeferred, rejection } from './promises.js';
import { cancelReadable, CLOSED, ERRORED, READABLE, stateOf } from './readable-state.js';

const RELEASED = 'The reader was released.';
const DETACHED = 'This reader has been released, so it reads no stream.';

/** What a reader holds. Those within the prelude have only this. */
export class Reader {
  stream;
  isByob;
  closed = new LazyPromise();
  // read requests, or read-into requests
  requests = [];
  object = null;

  constructor(stream, isByob) {
    if (stream.reader !== null) throw new TypeError('This ReadableStream is currently locked to a reader.');
    if (isByob && !stream.controller.isByte) throw new TypeError('Only a byte stream can be read into a buffer: this one was not made with type "bytes".');
    this.stream = stream;
    this.isByob = isByob;
    stream.reader = this;
    if (stream.state === CLOSED) this.closed.resolve();
    else if (stream.state === ERRORED) this.closed.reject(stream.error);
  }

  /** "ReadableStreamDefaultReaderRead"; `request` has chunk(value), close() and error(reason). */
  read(request) {
    const { stream } = this;
    stream.disturbed = true;
    if (stream.state === CLOSED) request.close();
    else if (stream.state === ERRORED) request.error(stream.error);
    else stream.controller.pullSteps(request);
  }

  /** "ReadableStreamBYOBReaderRead"; close() gets an empty view, or undefined after cancel. */
  readInto(view, minimum, request) {
    const { stream } = this;
    stream.disturbed = true;
    if (stream.state === ERRORED) request.error(stream.error);
    else stream.controller.pullInto(view, minimum, request);
  }

  release() {
    const { stream } = this;
    if (stream === null) return;
    const error = new TypeError(RELEASED);
    this.closed.reject(error);
    stream.controller.releaseSteps();
    stream.reader = null;
    this.stream = null;
    this.failRequests(error);
  }

  failRequests(error) {
    const { requests } = this;
    this.requests = [];
    for (const request of requests) request.error(error);
  }

  cancel(reason) {
    return this.stream === null ? rejection(new TypeError(DETACHED)) : cancelReadable(this.stream, reason);
  }
}

/** A read whose end is a promise of `{ value, done }`. */
class PromiseRead {
  #deferred = newDeferred();

  get promise() { return this.#deferred.promise; }

  chunk(value) { this.#deferred.resolve({ value, done: false }); }
  close(value = undefined) { this.#deferred.resolve({ value, done: true }); }
  error(reason) { this.#deferred.reject(reason); }
}

function requireStream(given, value, name) {
  requireArguments(given, 1, name);
  const stream = stateOf(value);
  if (stream === undefined) throw new TypeError(`${name}: the argument must be a ReadableStream.`);
  return stream;
}

/** The mixin of both interfaces; `readerOf(object)` throws for an object of another class. */
function mixGenericReader(prototype, readerOf) {
  const members = {
    get closed() {
      try {
        return readerOf(this).closed.promise;
      } catch (error) {
        return rejection(error);
      }
    },
    cancel(reason = undefined) {
      try {
        return readerOf(this).cancel(reason);
      } catch (error) {
        return rejection(error);
      }
    },
    releaseLock() { readerOf(this).release(); },
  };
  Object.defineProperties(prototype, Object.getOwnPropertyDescriptors(members));
}

export class ReadableStreamDefaultReader {
  #reader;

  constructor(stream) {
    this.#reader = new Reader(requireStream(arguments.length, stream, 'ReadableStreamDefaultReader'), false);
    this.#reader.object = this;
  }

  read() {
    try {
      const reader = this.#reader;
      if (reader.stream === null) throw new TypeError(DETACHED);
      const request = new PromiseRead();
      reader.read(request);
      return request.promise;
    } catch (error) {
      return rejection(error);
    }
  }

  static { mixGenericReader(this.prototype, (object) => object.#reader); }
}

function checkView(view, options) {
  requireView(view, 'ReadableStreamBYOBReader.read: the view');
  const { min = 1 } = dictionary(options, 'ReadableStreamBYOBReader.read: the options');
  const minimum = Math.trunc(Number(min));
  if (!(minimum >= 0 && minimum <= Number.MAX_SAFE_INTEGER)) throw new TypeError('ReadableStreamBYOBReader.read: min must be an integer from 0 to 2^53 - 1.');
  if (view.byteLength === 0) throw new TypeError('ReadableStreamBYOBReader.read: the view has no room.');
  if (view.buffer.byteLength === 0) throw new TypeError('ReadableStreamBYOBReader.read: the view is on a buffer without room.');
  if (view.buffer.detached) throw new TypeError('ReadableStreamBYOBReader.read: the view is on a detached buffer.');
  if (minimum === 0) throw new TypeError('ReadableStreamBYOBReader.read: min must not be 0.');
  const elements = view instanceof DataView ? view.byteLength : view.length;
  if (minimum > elements) throw new RangeError('ReadableStreamBYOBReader.read: the view has less room than min elements.');
  return minimum;
}

export class ReadableStreamBYOBReader {
  #reader;

  constructor(stream) {
    this.#reader = new Reader(requireStream(arguments.length, stream, 'ReadableStreamBYOBReader'), true);
    this.#reader.object = this;
  }

  read(view, options = undefined) {
    try {
      const reader = this.#reader;
      requireArguments(arguments.length, 1, 'ReadableStreamBYOBReader.read');
      const minimum = checkView(view, options);
      if (reader.stream === null) throw new TypeError(DETACHED);
      const request = new PromiseRead();
      reader.readInto(view, minimum, request);
      return request.promise;
    } catch (error) {
      return rejection(error);
    }
  }

  /** Of Workers: what `read(view, { min })` became in the standard. */
  readAtLeast(minElements, view) {
    try {
      this.#reader;
      requireArguments(arguments.length, 2, 'ReadableStreamBYOBReader.readAtLeast');
      return this.read(view, { min: minElements });
    } catch (error) {
      return rejection(error);
    }
  }

  static { mixGenericReader(this.prototype, (object) => object.#reader); }
}
