// WritableStreamDefaultController (section 5.5).

import { AbortController } from '../abort.js';
import { kInternal } from '../webidl.js';
import { promiseOf, then } from './promises.js';
import { SizedQueue } from './queue.js';
import {
  closeQueuedOrInFlight, dealWithRejection, ERRORED, ERRORING, failClose, failWrite, finishClose, finishErroring, finishWrite,
  startErroring, updateBackpressure, WRITABLE,
} from './writable-state.js';

/** Stands in the queue for the end. */
const CLOSE = Symbol('close');

/**
 * What the controller holds. The algorithms `write(chunk)`, `close()` and `abort(reason)` give promises, or are null;
 * `size(chunk)` gives a number, or is null for 1.
 */
export class SinkController {
  stream;
  highWaterMark;
  queue = new SizedQueue();
  started = false;
  write = null;
  closeSink = null;
  abort = null;
  size = null;
  // told of an abort while a write may still be under way
  onAbort = null;
  #object = null;
  // made when the sink asks for its signal
  #abortController = null;
  #onWritten = null;
  #onWriteFailed = null;

  constructor(stream, highWaterMark) {
    this.stream = stream;
    this.highWaterMark = highWaterMark;
    stream.controller = this;
  }

  get object() { return this.#object ??= new WritableStreamDefaultController(kInternal, this); }

  get signal() { return (this.#abortController ??= new AbortController()).signal; }

  /** Tells the sink that what it does is not wanted any more. */
  abortSignal(reason) {
    this.#abortController ??= new AbortController();
    this.#abortController.abort(reason);
    this.onAbort?.(reason);
  }

  /** `started` is the promise of what the start algorithm gave. */
  start(started) {
    const { stream } = this;
    updateBackpressure(stream, this.hasBackpressure);
    then(started, () => {
      this.started = true;
      this.#advance();
    }, (error) => {
      this.started = true;
      dealWithRejection(stream, error);
    });
  }

  get desiredSize() { return this.highWaterMark - this.queue.total; }
  get hasBackpressure() { return this.highWaterMark <= this.queue.total; }

  /** The size of a chunk; when the strategy cannot tell, the stream is errored. */
  sizeOf(chunk) {
    if (this.size === null) return 1;
    try {
      return this.size(chunk);
    } catch (error) {
      this.errorIfNeeded(error);
      return 1;
    }
  }

  enqueue(chunk, size) {
    const { stream } = this;
    try {
      this.queue.push(chunk, size);
    } catch (error) {
      this.errorIfNeeded(error);
      return;
    }
    if (!closeQueuedOrInFlight(stream) && stream.state === WRITABLE) updateBackpressure(stream, this.hasBackpressure);
    this.#advance();
  }

  close() {
    this.queue.push(CLOSE, 0);
    this.#advance();
  }

  errorIfNeeded(error) {
    if (this.stream.state === WRITABLE) this.error(error);
  }

  error(error) {
    this.#clearAlgorithms();
    startErroring(this.stream, error);
  }

  #clearAlgorithms() {
    this.write = null;
    this.closeSink = null;
    this.abort = null;
    this.size = null;
  }

  #advance() {
    const { stream } = this;
    if (!this.started || stream.inFlightWrite !== null) return;
    if (stream.state === ERRORING) {
      finishErroring(stream);
      return;
    }
    if (this.queue.length === 0 || stream.state === ERRORED) return;
    const chunk = this.queue.peek();
    if (chunk === CLOSE) this.#processClose();
    else this.#processWrite(chunk);
  }

  #processClose() {
    const { stream } = this;
    stream.inFlightClose = stream.closeRequest;
    stream.closeRequest = null;
    this.queue.shift();
    const closed = this.closeSink === null ? promiseOf(undefined) : this.closeSink();
    this.#clearAlgorithms();
    then(closed, () => finishClose(stream), (error) => failClose(stream, error));
  }

  #processWrite(chunk) {
    const { stream } = this;
    stream.inFlightWrite = stream.writeRequests.shift();
    this.#onWritten ??= () => {
      finishWrite(stream);
      this.queue.shift();
      if (stream.state === WRITABLE && !closeQueuedOrInFlight(stream)) updateBackpressure(stream, this.hasBackpressure);
      this.#advance();
    };
    this.#onWriteFailed ??= (error) => {
      if (stream.state === WRITABLE) this.#clearAlgorithms();
      failWrite(stream, error);
    };
    then(this.write === null ? promiseOf(undefined) : this.write(chunk), this.#onWritten, this.#onWriteFailed);
  }

  abortSteps(reason) {
    const { abort } = this;
    this.#clearAlgorithms();
    return abort === null ? promiseOf(undefined) : abort(reason);
  }

  errorSteps() { this.queue.clear(); }
}

export class WritableStreamDefaultController {
  #controller;

  constructor(token = undefined, controller = undefined) {
    if (token !== kInternal) throw new TypeError('Illegal constructor');
    this.#controller = controller;
  }

  get signal() { return this.#controller.signal; }

  error(e = undefined) { this.#controller.errorIfNeeded(e); }
}
