// The Service Worker form: addEventListener('fetch', (event) => event.respondWith(…)).

import { waitUntil } from './context.js';
import { DOMException } from './dom-exception.js';
import { exposeEnv } from './env.js';
import { fireGlobal, noticeGlobalListeners } from './event-target.js';
import { Event } from './events.js';
import { exposeInterfaces, illegalInvocation, kInternal, requireArguments } from './webidl.js';

const { passThroughOnException } = native;

let runEvent;

export class ExtendableEvent extends Event {
  constructor(type, init = undefined) {
    requireArguments(arguments.length, 1, 'ExtendableEvent');
    super(type, init);
  }

  waitUntil(promise) {
    if (!(this instanceof ExtendableEvent)) throw illegalInvocation('event.waitUntil(…)');
    waitUntil(promise);
  }
}

export class FetchEvent extends ExtendableEvent {
  #request;
  #response = null;
  #open = true;

  constructor(token, request) {
    if (token !== kInternal) throw new TypeError('Illegal constructor');
    super('fetch');
    this.#request = request;
  }

  get request() { return this.#request; }

  respondWith(response) {
    if (this.#response !== null) throw new DOMException('FetchEvent.respondWith() has already been called; it can only be called once.', 'InvalidStateError');
    if (!this.#open) throw new DOMException('Too late to call FetchEvent.respondWith(). It must be called synchronously in the event handler.', 'InvalidStateError');
    this.#response = Promise.resolve(response);
    this.stopImmediatePropagation();
  }

  passThroughOnException() {
    if (!(#open in this)) throw illegalInvocation('event.passThroughOnException()');
    passThroughOnException();
  }

  static {
    runEvent = (request) => {
      const event = new FetchEvent(kInternal, request);
      fireGlobal(event);
      event.#open = false;
      return event.#response;
    };
  }
}

/** The promise given to respondWith(), or null when no listener called it. */
export { runEvent };

export function install() {
  exposeInterfaces({ ExtendableEvent, FetchEvent });
  // in this form of worker the bindings are globals
  noticeGlobalListeners((type) => {
    if (type === 'fetch' || type === 'scheduled' || type === 'tail') exposeEnv();
  });
}
