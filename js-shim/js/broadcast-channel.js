// BroadcastChannel (HTML standard section 9.5), among the channels of one sandbox.

import { origin } from './base-url.js';
import { DOMException } from './dom-exception.js';
import { defineHandler, EventTarget, fire } from './event-target.js';
import { MessageEvent } from './event-types.js';
import { cloneValue } from './structured-clone.js';
import { queueTask } from './tasks.js';
import { exposeInterfaces, requireArguments } from './webidl.js';

// those that are open, in the order they were made
const channels = new Set();

export class BroadcastChannel extends EventTarget {
  #name;
  #closed = false;

  constructor(name) {
    requireArguments(arguments.length, 1, 'BroadcastChannel');
    super();
    this.#name = `${name}`;
    channels.add(this);
  }

  get name() { return this.#name; }

  postMessage(message) {
    const name = this.#name;
    requireArguments(arguments.length, 1, 'postMessage');
    if (this.#closed) throw new DOMException('The channel is closed.', 'InvalidStateError');
    // what is sent is what it is now
    const written = cloneValue(message);
    for (const channel of channels) {
      if (channel !== this && channel.#name === name) queueTask(() => { channel.#receive(written); });
    }
  }

  close() {
    this.#closed = true;
    channels.delete(this);
  }

  #receive(written) {
    if (!this.#closed) fire(this, new MessageEvent('message', { data: cloneValue(written), origin: origin() }));
  }
}

export function install() {
  for (const type of ['message', 'messageerror']) defineHandler(BroadcastChannel.prototype, type);
  exposeInterfaces({ BroadcastChannel });
}
