// ReadableStreamDefaultController (section 4.6).

import { kInternal } from '../webidl.js';
import { promiseOf, then } from './promises.js';
import { SizedQueue } from './queue.js';
import { closeReadable, ERRORED, errorReadable, READABLE, waitingReads } from './readable-state.js';

/**
 * What the controller holds. The algorithms: `pull()` gives a promise, or is null; `cancel(reason)` gives a promise, or
 * is null; `size(chunk)` gives a number, or is null for 1.
 */
export class DefaultController {
  stream;
  highWaterMark;
  isByte = false;
  queue = new SizedQueue();
  started = false;
  closeRequested = false;
  pulling = false;
  pullAgain = false;
  pull = null;
  cancel = null;
  size = null;
  #object = null;
  #onPulled = null;
  #onPullFailed = null;

  constructor(stream, highWaterMark) {
    this.stream = stream;
    this.highWaterMark = highWaterMark;
    stream.controller = this;
  }

  get object() { return this.#object ??= new ReadableStreamDefaultController(kInternal, this); }

  /** `started` is the promise of what the start algorithm gave. */
  start(started) {
    then(started, () => {
      this.started = true;
      this.pullIfNeeded();
    }, (error) => this.error(error));
  }

  get desiredSize() {
    const { state } = this.stream;
    if (state === READABLE) return this.highWaterMark - this.queue.total;
    return state === ERRORED ? null : 0;
  }

  get mayEnqueue() { return !this.closeRequested && this.stream.state === READABLE; }

  get hasBackpressure() { return !this.#wantsChunk(); }

  #wantsChunk() {
    const { stream } = this;
    if (!this.started || this.closeRequested || stream.state !== READABLE) return false;
    return this.highWaterMark > this.queue.total || waitingReads(stream) > 0;
  }

  pullIfNeeded() {
    if (!this.#wantsChunk()) return;
    if (this.pulling) {
      this.pullAgain = true;
      return;
    }
    if (this.pull === null) return;
    this.pulling = true;
    this.#onPulled ??= () => {
      this.pulling = false;
      if (!this.pullAgain) return;
      this.pullAgain = false;
      this.pullIfNeeded();
    };
    this.#onPullFailed ??= (error) => this.error(error);
    then(this.pull(), this.#onPulled, this.#onPullFailed);
  }

  #clearAlgorithms() {
    this.pull = null;
    this.cancel = null;
    this.size = null;
  }

  close() {
    if (!this.mayEnqueue) return;
    this.closeRequested = true;
    if (this.queue.length > 0) return;
    this.#clearAlgorithms();
    closeReadable(this.stream);
  }

  enqueue(chunk) {
    const { stream } = this;
    if (this.closeRequested || stream.state !== READABLE) return;
    if (waitingReads(stream) > 0) {
      stream.reader.requests.shift().chunk(chunk);
    } else {
      try {
        this.queue.push(chunk, this.size === null ? 1 : this.size(chunk));
      } catch (error) {
        this.error(error);
        throw error;
      }
    }
    this.pullIfNeeded();
  }

  error(reason) {
    if (this.stream.state !== READABLE) return;
    this.queue.clear();
    this.#clearAlgorithms();
    errorReadable(this.stream, reason);
  }

  cancelSteps(reason) {
    this.queue.clear();
    const { cancel } = this;
    this.#clearAlgorithms();
    return cancel === null ? promiseOf(undefined) : cancel(reason);
  }

  pullSteps(request) {
    if (this.queue.length === 0) {
      this.stream.reader.requests.push(request);
      this.pullIfNeeded();
      return;
    }
    const chunk = this.queue.shift();
    if (this.closeRequested && this.queue.length === 0) {
      this.#clearAlgorithms();
      closeReadable(this.stream);
    } else {
      this.pullIfNeeded();
    }
    request.chunk(chunk);
  }

  releaseSteps() {}
}

export class ReadableStreamDefaultController {
  #controller;

  constructor(token = undefined, controller = undefined) {
    if (token !== kInternal) throw new TypeError('Illegal constructor');
    this.#controller = controller;
  }

  get desiredSize() { return this.#controller.desiredSize; }

  close() {
    if (!this.#controller.mayEnqueue) throw new TypeError('The stream is closed or errored, so it cannot be closed.');
    this.#controller.close();
  }

  enqueue(chunk = undefined) {
    if (!this.#controller.mayEnqueue) throw new TypeError('The stream is closed or errored, so nothing can be enqueued.');
    this.#controller.enqueue(chunk);
  }

  error(e = undefined) { this.#controller.error(e); }
}
