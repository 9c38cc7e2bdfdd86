// What the controller of a byte stream does (section 4.11.3).

import { kInternal } from '../webidl.js';
import { invalidate, ReadableByteStreamController, ReadableStreamBYOBRequest } from './byte-interfaces.js';
import { Controller } from './controller.js';
import { promiseOf } from './promises.js';
import { ByteQueue, DEFAULT, NONE, PullInto, pullIntoOf, transferBuffer } from './pull-into.js';
import {
  CLOSED, closeReadable, errorReadable, hasByobReader, hasDefaultReader, READABLE, waitingReads,
} from './readable-state.js';

/** What the controller holds. */
export class ByteController extends Controller {
  autoAllocate;
  isByte = true;
  queue = new ByteQueue();
  // PullInto
  pending = [];
  request = null;
  #object = null;

  constructor(stream, highWaterMark, autoAllocate) {
    super(stream, highWaterMark);
    this.autoAllocate = autoAllocate;
  }

  get object() { return this.#object ??= new ReadableByteStreamController(kInternal, this); }

  /** What the first of those who wait wants filled; null if nobody gave a buffer. */
  get wantedView() {
    if (this.pending.length === 0) return null;
    const [{ buffer, offset, filled, length }] = this.pending;
    return new Uint8Array(buffer, offset + filled, length - filled);
  }

  get byobRequest() {
    if (this.request === null && this.pending.length > 0) {
      this.request = new ReadableStreamBYOBRequest(kInternal, { controller: this, view: this.wantedView });
    }
    return this.request;
  }

  wantsMore() {
    if (this.stream.state !== READABLE || this.closeRequested || !this.started) return false;
    return waitingReads(this.stream) > 0 || this.desiredSize > 0;
  }

  #invalidateRequest() {
    if (this.request === null) return;
    invalidate(this.request);
    this.request = null;
  }

  /** The reads that wait are now of nobody. */
  #clearPending() {
    this.#invalidateRequest();
    this.pending = [];
  }

  #handleQueueDrain() {
    if (this.queue.total === 0 && this.closeRequested) {
      this.clearAlgorithms();
      closeReadable(this.stream);
    } else {
      this.pullIfNeeded();
    }
  }

  close() {
    const { stream } = this;
    if (this.closeRequested || stream.state !== READABLE) return;
    if (this.queue.total > 0) {
      this.closeRequested = true;
      return;
    }
    if (this.pending.length > 0) {
      const [first] = this.pending;
      if (first.filled % first.elementSize !== 0) {
        const error = new TypeError('The stream was closed in the middle of an element of the view that is read into.');
        this.error(error);
        throw error;
      }
    }
    this.clearAlgorithms();
    closeReadable(stream);
  }

  enqueue(chunk) {
    const { buffer, byteOffset, byteLength } = chunk;
    if (this.closeRequested || this.stream.state !== READABLE) return;
    if (buffer.detached) throw new TypeError('The chunk is on a detached ArrayBuffer.');
    this.enqueueBuffer(transferBuffer(buffer), byteOffset, byteLength);
  }

  /** As enqueue(), of a buffer that nobody else holds. */
  enqueueBuffer(buffer, offset, length) {
    const { stream } = this;
    if (this.closeRequested || stream.state !== READABLE) return;
    if (this.pending.length > 0) {
      const [first] = this.pending;
      if (first.buffer.detached) throw new TypeError("The buffer of the BYOB request is detached, so it cannot be filled.");
      this.#invalidateRequest();
      first.buffer = transferBuffer(first.buffer);
      if (first.readerType === NONE) this.#enqueueDetached(first);
    }
    if (hasDefaultReader(stream)) {
      this.#serveFromQueue();
      if (waitingReads(stream) === 0) {
        this.queue.push(buffer, offset, length);
      } else {
        if (this.pending.length > 0) this.pending.shift();
        stream.reader.requests.shift().chunk(new Uint8Array(buffer, offset, length));
      }
    } else if (hasByobReader(stream)) {
      this.queue.push(buffer, offset, length);
      this.#commitAll(this.#fillFromQueue());
    } else {
      this.queue.push(buffer, offset, length);
    }
    this.pullIfNeeded();
  }

  error(reason) {
    if (this.stream.state !== READABLE) return;
    this.#clearPending();
    this.queue.clear();
    this.clearAlgorithms();
    errorReadable(this.stream, reason);
  }

  /** Gives the first chunk of the queue to a default reader. */
  #giveChunk(request) {
    const { buffer, offset, length } = this.queue.shift();
    this.#handleQueueDrain();
    request.chunk(new Uint8Array(buffer, offset, length));
  }

  #serveFromQueue() {
    const { reader } = this.stream;
    while (reader.requests.length > 0 && this.queue.total > 0) this.#giveChunk(reader.requests.shift());
  }

  /** Fills what waits; gives the descriptors that are ready, which are no longer pending. */
  #fillFromQueue() {
    const ready = [];
    while (this.pending.length > 0 && this.queue.total > 0) {
      const [first] = this.pending;
      if (!this.queue.fill(first)) break;
      this.pending.shift();
      ready.push(first);
    }
    return ready;
  }

  /** Hands a descriptor to the read that waits for it. */
  #commit(into) {
    const done = this.stream.state === CLOSED;
    const view = into.toView();
    const request = this.stream.reader.requests.shift();
    if (done) request.close(view);
    else request.chunk(view);
  }

  #commitAll(ready) {
    for (const into of ready) this.#commit(into);
  }

  /** What was read for a reader that is gone goes back to the queue. */
  #enqueueDetached(into) {
    if (into.filled > 0) this.#enqueueClone(into.buffer, into.offset, into.filled);
    this.pending.shift();
  }

  #enqueueClone(buffer, offset, length) {
    let clone;
    try {
      clone = buffer.slice(offset, offset + length);
    } catch (error) {
      this.error(error);
      throw error;
    }
    this.queue.push(clone, 0, length);
  }

  /** BYOB request's respond(). */
  respond(written) {
    const [first] = this.pending;
    if (this.stream.state === CLOSED) {
      if (written !== 0) throw new TypeError('The stream is closed, so bytesWritten must be 0.');
    } else {
      if (written === 0) throw new TypeError('bytesWritten must not be 0 before the stream is closed.');
      if (first.filled + written > first.length) throw new RangeError('bytesWritten is more than the view has room for.');
    }
    first.buffer = transferBuffer(first.buffer);
    this.#respond(written);
  }

  respondWithNewView(view) {
    const [first] = this.pending;
    const { buffer, byteOffset, byteLength } = view;
    if (this.stream.state === CLOSED) {
      if (byteLength !== 0) throw new TypeError('The stream is closed, so the view must be empty.');
    } else if (byteLength === 0) {
      throw new TypeError('The view must not be empty before the stream is closed.');
    }
    if (first.offset + first.filled !== byteOffset) throw new RangeError('The view does not begin where the BYOB request does.');
    if (first.bufferLength !== buffer.byteLength) throw new RangeError('The buffer of the view does not have the length of that of the BYOB request.');
    if (first.filled + byteLength > first.length) throw new RangeError('The view is longer than that of the BYOB request.');
    first.buffer = transferBuffer(buffer);
    this.#respond(byteLength);
  }

  #respond(written) {
    const [first] = this.pending;
    this.#invalidateRequest();
    if (this.stream.state === CLOSED) this.#respondClosed(first);
    else this.#respondReadable(written, first);
    this.pullIfNeeded();
  }

  #respondClosed(first) {
    if (first.readerType === NONE) this.pending.shift();
    if (!hasByobReader(this.stream)) return;
    const ready = [];
    while (ready.length < waitingReads(this.stream)) ready.push(this.pending.shift());
    this.#commitAll(ready);
  }

  #respondReadable(written, into) {
    into.filled += written;
    if (into.readerType === NONE) {
      this.#enqueueDetached(into);
      this.#commitAll(this.#fillFromQueue());
      return;
    }
    if (into.filled < into.minimum) return;
    this.pending.shift();
    const remainder = into.filled % into.elementSize;
    if (remainder > 0) {
      const end = into.offset + into.filled;
      this.#enqueueClone(into.buffer, end - remainder, remainder);
      into.filled -= remainder;
    }
    const ready = this.#fillFromQueue();
    this.#commit(into);
    this.#commitAll(ready);
  }

  cancelSteps(reason) {
    this.#clearPending();
    this.queue.clear();
    const { cancel } = this;
    this.clearAlgorithms();
    return cancel === null ? promiseOf(undefined) : cancel(reason);
  }

  pullSteps(request) {
    if (this.queue.total > 0) {
      this.#giveChunk(request);
      return;
    }
    if (this.autoAllocate !== undefined) {
      let buffer;
      try {
        buffer = new ArrayBuffer(this.autoAllocate);
      } catch (error) {
        request.error(error);
        return;
      }
      this.pending.push(new PullInto(buffer, 0, this.autoAllocate, 1, Uint8Array, DEFAULT));
    }
    this.stream.reader.requests.push(request);
    this.pullIfNeeded();
  }

  /** A BYOB reader's read; `minimum` counts elements of `view`. */
  pullInto(view, minimum, request) {
    const { stream } = this;
    let into;
    try {
      into = pullIntoOf(view, minimum);
    } catch (error) {
      request.error(error);
      return;
    }
    if (this.pending.length > 0) {
      this.pending.push(into);
      stream.reader.requests.push(request);
      return;
    }
    if (stream.state === CLOSED) {
      request.close(new into.Type(into.buffer, into.offset, 0));
      return;
    }
    if (this.queue.total > 0) {
      if (this.queue.fill(into)) {
        const filled = into.toView();
        this.#handleQueueDrain();
        request.chunk(filled);
        return;
      }
      if (this.closeRequested) {
        const error = new TypeError('The stream ends in the middle of an element of the view that is read into.');
        this.error(error);
        request.error(error);
        return;
      }
    }
    this.pending.push(into);
    stream.reader.requests.push(request);
    this.pullIfNeeded();
  }

  releaseSteps() {
    if (this.pending.length === 0) return;
    const [first] = this.pending;
    first.readerType = NONE;
    this.pending = [first];
  }
}
