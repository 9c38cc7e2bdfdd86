// ReadableStreamDefaultController (section 4.6).

import { kInternal } from '../webidl.js';
import { Controller } from './controller.js';
import { promiseOf } from './promises.js';
import { SizedQueue } from './queue.js';
import { closeReadable, errorReadable, READABLE, waitingReads } from './readable-state.js';

/** What the controller holds. A further algorithm: `size(chunk)` gives a number, or is null for 1. */
export class DefaultController extends Controller {
  isByte = false;
  queue = new SizedQueue();
  size = null;
  #object = null;

  get object() { return this.#object ??= new ReadableStreamDefaultController(kInternal, this); }

  get mayEnqueue() { return !this.closeRequested && this.stream.state === READABLE; }

  get hasBackpressure() { return !this.wantsMore(); }

  wantsMore() {
    const { stream } = this;
    if (!this.started || this.closeRequested || stream.state !== READABLE) return false;
    return this.highWaterMark > this.queue.total || waitingReads(stream) > 0;
  }

  clearAlgorithms() {
    super.clearAlgorithms();
    this.size = null;
  }

  close() {
    if (!this.mayEnqueue) return;
    this.closeRequested = true;
    if (this.queue.length > 0) return;
    this.clearAlgorithms();
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
    this.clearAlgorithms();
    errorReadable(this.stream, reason);
  }

  cancelSteps(reason) {
    this.queue.clear();
    const { cancel } = this;
    this.clearAlgorithms();
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
      this.clearAlgorithms();
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
