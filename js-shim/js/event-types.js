// Events that carry something (DOM standard section 2.4; HTML standard sections 8.1.4, 8.1.7, 9.1; WebSockets section 6).

import { toSequence } from './convert.js';
import { Event, isDispatching } from './events.js';
import { exposeInterfaces, illegalInvocation, requireArguments } from './webidl.js';

// The init of a subclass is read by Event first, as WebIDL wants it, which checks that it is an object.
const NOTHING = {};

export class CustomEvent extends Event {
  #detail = null;

  constructor(type, init = undefined) {
    requireArguments(arguments.length, 1, 'CustomEvent');
    super(type, init);
    const detail = init?.detail;
    if (detail !== undefined) this.#detail = detail;
  }

  get detail() { return this.#detail; }

  initCustomEvent(type, bubbles = false, cancelable = false, detail = null) {
    if (!(#detail in this)) throw illegalInvocation('event.initCustomEvent(…)');
    requireArguments(arguments.length, 1, 'initCustomEvent');
    super.initEvent(type, bubbles, cancelable);
    if (!isDispatching(this)) this.#detail = detail;
  }
}

export class ErrorEvent extends Event {
  #colno;
  #error;
  #filename;
  #lineno;
  #message;

  constructor(type, init = undefined) {
    requireArguments(arguments.length, 1, 'ErrorEvent');
    super(type, init);
    const { colno = 0, error, filename = '', lineno = 0, message = '' } = init ?? NOTHING;
    this.#colno = colno >>> 0;
    this.#error = error;
    this.#filename = `${filename}`.toWellFormed();
    this.#lineno = lineno >>> 0;
    this.#message = `${message}`;
  }

  get message() { return this.#message; }
  get filename() { return this.#filename; }
  get lineno() { return this.#lineno; }
  get colno() { return this.#colno; }
  get error() { return this.#error; }
}

export class PromiseRejectionEvent extends Event {
  #promise;
  #reason;

  constructor(type, init) {
    requireArguments(arguments.length, 2, 'PromiseRejectionEvent');
    super(type, init);
    const { promise, reason } = init ?? NOTHING;
    if ((typeof promise !== 'object' || promise === null) && typeof promise !== 'function') {
      throw new TypeError('PromiseRejectionEvent: the init must have a `promise`, which is an object.');
    }
    this.#promise = promise;
    this.#reason = reason;
  }

  get promise() { return this.#promise; }
  get reason() { return this.#reason; }
}

let isPort = () => false;

/** Gives this file the brand check of MessagePort, whose events are made of what is here. */
export function useMessagePorts(check) {
  isPort = check;
}

function toPort(value) {
  if (!isPort(value)) throw new TypeError('MessageEvent: the ports must be MessagePorts.');
  return value;
}

function toPorts(value) {
  return Object.freeze(toSequence(value, toPort, 'MessageEvent: the ports'));
}

function toSource(value) {
  if (value === null || value === undefined) return null;
  if (!isPort(value)) throw new TypeError('MessageEvent: the source must be a MessagePort.');
  return value;
}

export class MessageEvent extends Event {
  #data;
  #lastEventId;
  #origin;
  #ports = null;
  #source;

  constructor(type, init = undefined) {
    requireArguments(arguments.length, 1, 'MessageEvent');
    super(type, init);
    const { data = null, lastEventId = '', origin = '', ports, source } = init ?? NOTHING;
    this.#data = data;
    this.#lastEventId = `${lastEventId}`;
    this.#origin = `${origin}`.toWellFormed();
    if (ports !== undefined) this.#ports = toPorts(ports);
    this.#source = toSource(source);
  }

  get data() { return this.#data; }
  get origin() { return this.#origin; }
  get lastEventId() { return this.#lastEventId; }
  get source() { return this.#source; }
  // most messages have none, and nobody asks for them
  get ports() { return this.#ports ??= Object.freeze([]); }

  initMessageEvent(type, bubbles = false, cancelable = false, data = null, origin = '', lastEventId = '', source = null, ports = []) {
    if (!(#data in this)) throw illegalInvocation('event.initMessageEvent(…)');
    requireArguments(arguments.length, 1, 'initMessageEvent');
    const given = { type: `${type}`, origin: `${origin}`.toWellFormed(), lastEventId: `${lastEventId}`, source: toSource(source), ports: toPorts(ports) };
    super.initEvent(given.type, bubbles, cancelable);
    if (isDispatching(this)) return;
    this.#data = data;
    this.#origin = given.origin;
    this.#lastEventId = given.lastEventId;
    this.#source = given.source;
    this.#ports = given.ports;
  }
}

export class CloseEvent extends Event {
  #code;
  #reason;
  #wasClean;

  constructor(type, init = undefined) {
    requireArguments(arguments.length, 1, 'CloseEvent');
    super(type, init);
    const { code = 0, reason = '', wasClean = false } = init ?? NOTHING;
    this.#code = (code >>> 0) & 0xffff;
    this.#reason = `${reason}`.toWellFormed();
    this.#wasClean = Boolean(wasClean);
  }

  get wasClean() { return this.#wasClean; }
  get code() { return this.#code; }
  get reason() { return this.#reason; }
}

export function install() {
  exposeInterfaces({ CloseEvent, CustomEvent, ErrorEvent, MessageEvent, PromiseRejectionEvent });
}
