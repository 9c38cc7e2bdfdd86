// MessageChannel and MessagePort (HTML standard section 9.4). Both ends are in one sandbox: a message is copied when it
// is posted and arrives in a task of its own.

import { registerTransferable } from './cloneable.js';
import { DOMException } from './dom-exception.js';
import { defineHandler, EventTarget, fire } from './event-target.js';
import { MessageEvent, useMessagePorts } from './event-types.js';
import { Event } from './events.js';
import { cloneWithTransfer, toTransferList } from './structured-clone.js';
import { queueTask } from './tasks.js';
import { exposeInterfaces, illegalInvocation, kInternal, requireArguments } from './webidl.js';

let isPort;
let isDetached;
let entangle;
let enable;
let move;

export class MessagePort extends EventTarget {
  #other = null;
  // messages that have not been delivered
  #queue = [];
  #enabled = false;
  #detached = false;

  constructor(token = undefined) {
    if (token !== kInternal) throw new TypeError('Illegal constructor: use MessageChannel.');
    super();
  }

  postMessage(message, options = undefined) {
    if (!isPort(this)) throw illegalInvocation('port.postMessage(…)');
    requireArguments(arguments.length, 1, 'postMessage');
    const isList = typeof options === 'object' && options !== null && options[Symbol.iterator] !== undefined;
    const transfer = toTransferList(isList ? { transfer: options } : options, 'postMessage');
    if (transfer.includes(this)) throw new DOMException('A port cannot be transferred through itself.', 'DataCloneError');
    const target = this.#other;
    const { value, transferred } = cloneWithTransfer(message, transfer);
    // a port that is sent through itself is lost
    if (target === null || transfer.includes(target)) return;
    target.#queue.push({ data: value, ports: transferred.filter(isPort) });
    if (target.#enabled) queueTask(() => { target.#deliver(); });
  }

  start() {
    if (!isPort(this)) throw illegalInvocation('port.start()');
    enable(this);
  }

  close() {
    if (!isPort(this)) throw illegalInvocation('port.close()');
    this.#detached = true;
    const other = this.#other;
    if (other === null) return;
    this.#other = null;
    other.#other = null;
    queueTask(() => { fire(other, new Event('close')); });
  }

  #deliver() {
    const message = this.#queue.shift();
    // it may have been moved to another port
    if (message !== undefined) fire(this, new MessageEvent('message', message));
  }

  static {
    isPort = (value) => typeof value === 'object' && value !== null && #other in value;
    isDetached = (port) => port.#detached;
    entangle = (one, other) => {
      one.#other = other;
      other.#other = one;
    };
    enable = (port) => {
      if (port.#enabled || port.#detached) return;
      port.#enabled = true;
      for (const _ of port.#queue) queueTask(() => { port.#deliver(); });
    };
    move = (from, to) => {
      from.#detached = true;
      to.#queue = from.#queue;
      from.#queue = [];
      const other = from.#other;
      from.#other = null;
      if (other !== null) entangle(to, other);
    };
  }
}

export class MessageChannel {
  #port1 = new MessagePort(kInternal);
  #port2 = new MessagePort(kInternal);

  constructor() {
    entangle(this.#port1, this.#port2);
  }

  get port1() { return this.#port1; }
  get port2() { return this.#port2; }
}

/** Setting `onmessage` starts the port, as start() does. */
function defineStartingHandler() {
  const accessor = Object.getOwnPropertyDescriptor(MessagePort.prototype, 'onmessage');
  const { set } = Object.getOwnPropertyDescriptor({
    set onmessage(value) {
      accessor.set.call(this, value);
      enable(this);
    },
  }, 'onmessage');
  Object.defineProperty(MessagePort.prototype, 'onmessage', { ...accessor, set });
}

export function install() {
  useMessagePorts(isPort);
  registerTransferable(isPort, {
    isDetached,
    begin(port) {
      const object = new MessagePort(kInternal);
      return { object, commit() { move(port, object); } };
    },
  });
  for (const type of ['close', 'message', 'messageerror']) defineHandler(MessagePort.prototype, type);
  defineStartingHandler();
  exposeInterfaces({ MessageChannel, MessagePort });
}
