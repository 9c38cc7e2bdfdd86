// WritableStreamDefaultWriter (section 5.3).

import { requireArguments } from '../webidl.js';
import { LazyPromise, newDeferred, promiseOf, rejection } from './promises.js';
import {
  abortWritable, CLOSED, closeQueuedOrInFlight, closeWritable, ERRORED, ERRORING, WRITABLE, writableOf,
} from './writable-state.js';

const DETACHED = 'This writer has been released, so it writes to no stream.';

/** What a writer holds. Those within the prelude have only this. */
export class Writer {
  stream;
  closed = new LazyPromise();
  ready = new LazyPromise();

  constructor(stream) {
    if (stream.writer !== null) throw new TypeError('This WritableStream is currently locked to a writer.');
    this.stream = stream;
    stream.writer = this;
    const { state } = stream;
    if (state === WRITABLE) {
      if (closeQueuedOrInFlight(stream) || !stream.backpressure) this.ready.resolve();
    } else if (state === ERRORING) {
      this.ready.reject(stream.error);
    } else if (state === CLOSED) {
      this.ready.resolve();
      this.closed.resolve();
    } else {
      this.ready.reject(stream.error);
      this.closed.reject(stream.error);
    }
  }

  get desiredSize() {
    const { stream } = this;
    if (stream.state === ERRORED || stream.state === ERRORING) return null;
    return stream.state === CLOSED ? 0 : stream.controller.desiredSize;
  }

  /** `request` has resolve() and reject(error). */
  write(chunk, request) {
    const { stream } = this;
    const { controller } = stream;
    const size = controller.sizeOf(chunk);
    // size() may have released the writer or ended the stream
    if (this.stream !== stream) return request.reject(new TypeError(DETACHED));
    const { state } = stream;
    if (state === ERRORED) return request.reject(stream.error);
    if (closeQueuedOrInFlight(stream) || state === CLOSED) return request.reject(new TypeError('The WritableStream is closed or closing, so nothing can be written.'));
    if (state === ERRORING) return request.reject(stream.error);
    stream.writeRequests.push(request);
    controller.enqueue(chunk, size);
    return undefined;
  }

  /** "WritableStreamDefaultWriterCloseWithErrorPropagation" */
  closePropagating() {
    const { stream } = this;
    if (closeQueuedOrInFlight(stream) || stream.state === CLOSED) return promiseOf(undefined);
    if (stream.state === ERRORED) return rejection(stream.error);
    return closeWritable(stream);
  }

  release() {
    const { stream } = this;
    if (stream === null) return;
    const error = new TypeError('The writer was released.');
    this.ready.reject(error);
    this.closed.reject(error);
    stream.writer = null;
    this.stream = null;
  }
}

export class WritableStreamDefaultWriter {
  #writer;

  constructor(stream) {
    requireArguments(arguments.length, 1, 'WritableStreamDefaultWriter');
    const state = writableOf(stream);
    if (state === undefined) throw new TypeError('WritableStreamDefaultWriter: the argument must be a WritableStream.');
    this.#writer = new Writer(state);
  }

  get closed() {
    try {
      return this.#writer.closed.promise;
    } catch (error) {
      return rejection(error);
    }
  }

  get desiredSize() {
    const writer = this.#writer;
    if (writer.stream === null) throw new TypeError(DETACHED);
    return writer.desiredSize;
  }

  get ready() {
    try {
      return this.#writer.ready.promise;
    } catch (error) {
      return rejection(error);
    }
  }

  abort(reason = undefined) {
    try {
      const { stream } = this.#writer;
      if (stream === null) throw new TypeError(DETACHED);
      return abortWritable(stream, reason);
    } catch (error) {
      return rejection(error);
    }
  }

  close() {
    try {
      const { stream } = this.#writer;
      if (stream === null) throw new TypeError(DETACHED);
      if (closeQueuedOrInFlight(stream)) throw new TypeError('The WritableStream is closing already.');
      return closeWritable(stream);
    } catch (error) {
      return rejection(error);
    }
  }

  releaseLock() { this.#writer.release(); }

  write(chunk = undefined) {
    try {
      const writer = this.#writer;
      if (writer.stream === null) throw new TypeError(DETACHED);
      const request = newDeferred();
      writer.write(chunk, request);
      return request.promise;
    } catch (error) {
      return rejection(error);
    }
  }
}
