// ReadableByteStreamController and ReadableStreamBYOBRequest as a worker sees them (sections 4.7 and 4.8).

import { requireView } from '../bytes.js';
import { kInternal, requireArguments } from '../webidl.js';
import { READABLE } from './readable-state.js';

/** Takes a request from whoever has it: what it was for is done. */
export let invalidate;

export class ReadableByteStreamController {
  #controller;

  constructor(token = undefined, controller = undefined) {
    if (token !== kInternal) throw new TypeError('Illegal constructor');
    this.#controller = controller;
  }

  get byobRequest() { return this.#controller.byobRequest; }
  get desiredSize() { return this.#controller.desiredSize; }

  close() {
    const controller = this.#controller;
    if (controller.closeRequested || controller.stream.state !== READABLE) throw new TypeError('The stream is closed or errored, so it cannot be closed.');
    controller.close();
  }

  enqueue(chunk) {
    const controller = this.#controller;
    requireArguments(arguments.length, 1, 'ReadableByteStreamController.enqueue');
    requireView(chunk, 'ReadableByteStreamController.enqueue: the chunk');
    if (chunk.byteLength === 0) throw new TypeError('ReadableByteStreamController.enqueue: the chunk must not be empty.');
    if (chunk.buffer.byteLength === 0) throw new TypeError('ReadableByteStreamController.enqueue: the buffer of the chunk must not be empty.');
    if (controller.closeRequested || controller.stream.state !== READABLE) throw new TypeError('The stream is closed or errored, so nothing can be enqueued.');
    controller.enqueue(chunk);
  }

  error(e = undefined) { this.#controller.error(e); }
}

export class ReadableStreamBYOBRequest {
  #controller;
  #view;

  constructor(token = undefined, init = undefined) {
    if (token !== kInternal) throw new TypeError('Illegal constructor');
    this.#controller = init.controller;
    this.#view = init.view;
  }

  get view() { return this.#view; }

  respond(bytesWritten) {
    const controller = this.#controller;
    requireArguments(arguments.length, 1, 'ReadableStreamBYOBRequest.respond');
    const written = Math.trunc(Number(bytesWritten));
    if (!(written >= 0 && written <= Number.MAX_SAFE_INTEGER)) throw new TypeError('ReadableStreamBYOBRequest.respond: bytesWritten must be an integer from 0 to 2^53 - 1.');
    if (controller === null) throw new TypeError('This BYOB request is no longer valid.');
    if (this.#view.buffer.detached) throw new TypeError('The buffer of the BYOB request is detached.');
    controller.respond(written);
  }

  respondWithNewView(view) {
    const controller = this.#controller;
    requireArguments(arguments.length, 1, 'ReadableStreamBYOBRequest.respondWithNewView');
    requireView(view, 'ReadableStreamBYOBRequest.respondWithNewView: the view');
    if (controller === null) throw new TypeError('This BYOB request is no longer valid.');
    if (view.buffer.detached) throw new TypeError('The view is on a detached ArrayBuffer.');
    controller.respondWithNewView(view);
  }

  static {
    invalidate = (request) => {
      request.#controller = null;
      request.#view = null;
    };
  }
}
