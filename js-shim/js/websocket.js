// WebSocket and WebSocketPair, as Workers have them (HTML's WebSockets standard, with accept() for the server's side).
// Both ends of a pair are in this sandbox. The host carries no frames to others yet: what would need it says so.

import { isBufferSource, toBytes } from './bytes.js';
import { DOMException } from './dom-exception.js';
import { defineHandler, EventTarget, fire } from './event-target.js';
import { CloseEvent, ErrorEvent, MessageEvent } from './event-types.js';
import { Blob } from './blob.js';
import { cloneValue } from './structured-clone.js';
import { queueTask } from './tasks.js';
import { defineConstants, exposeInterfaces, illegalInvocation, kInternal } from './webidl.js';

const { disallow, parseUrl } = native;

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/** What close() without a code comes to: a close frame without one (RFC 6455 section 7.1.5). */
const NO_CODE = 1005;
const ABNORMAL = 1006;
const RESERVED = [1004, NO_CODE, ABNORMAL, 1015];
const UNSUPPORTED = 'WebSocket connections to and from other hosts are not supported by this version of glowplug: only the two ends of a WebSocketPair can talk to each other.';

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** One end of a connection within the sandbox. What comes waits until `open` says who takes it. */
class End {
  other = null;
  #waiting = [];
  #receive = null;

  open(receive) {
    this.#receive = receive;
    for (const message of this.#waiting.splice(0)) queueTask(() => receive(message));
  }

  /** A message is `{data}` or `{code, reason}`; the latter is the last one. */
  send(message) {
    const { other } = this;
    if (other.#receive === null) other.#waiting.push(message);
    else queueTask(() => other.#receive(message));
  }
}

function syntaxError(message) {
  return new DOMException(`WebSocket Constructor: ${message}`, 'SyntaxError');
}

function checkUrl(url) {
  const record = parseUrl(url);
  if (record === undefined) throw syntaxError('The url is invalid.');
  const href = record.href();
  if (!/^wss?:/.test(href)) throw syntaxError('The url scheme must be ws or wss.');
  if (href.includes('#')) throw syntaxError('The url fragment must be empty.');
  return href;
}

function checkProtocols(protocols) {
  if (protocols === undefined) return;
  if (typeof protocols !== 'object' || protocols === null) {
    if (!TOKEN.test(protocols)) throw syntaxError('The protocol header token is invalid.');
    return;
  }
  const names = [...protocols].map(String);
  if (!names.every((name) => TOKEN.test(name))) throw syntaxError('One of the protocol header tokens is invalid.');
  if (new Set(names).size < names.length) throw syntaxError('The protocols header cannot have repeating values.');
}

/** Bytes are copied, since they may be changed after they were sent. */
function toMessage(value) {
  return isBufferSource(value) ? toBytes(value).slice().buffer : `${value}`.toWellFormed();
}

let isWebSocket;
let pairUp;

export class WebSocket extends EventTarget {
  // null until the connection is there: only what `new WebSocket()` makes begins so
  #end = null;
  #url = null;
  #accepted = false;
  #closedIncoming = false;
  #closedOutgoing = false;
  #binaryType = 'arraybuffer';
  #attachment = null;

  constructor(url, protocols = undefined) {
    super();
    if (url === kInternal) {
      this.#end = new End();
      return;
    }
    if (arguments.length === 0) throw new TypeError("Failed to construct 'WebSocket': constructor parameter 1 is not of type 'string'.");
    this.#url = checkUrl(url);
    checkProtocols(protocols);
    disallow('new WebSocket()');
    queueTask(() => this.#fail(new TypeError(UNSUPPORTED)));
  }

  static #check(socket, how) {
    if (typeof socket !== 'object' || socket === null || !(#end in socket)) throw illegalInvocation(how);
    return socket;
  }

  #fail(error) {
    this.#closedIncoming = true;
    this.#closedOutgoing = true;
    fire(this, new ErrorEvent('error', { message: error.message, error }));
    fire(this, new CloseEvent('close', { code: ABNORMAL, reason: 'Failed to establish websocket connection', wasClean: false }));
  }

  #receive(message) {
    if (this.#closedIncoming) return;
    if (message.data === undefined) {
      this.#closedIncoming = true;
      fire(this, new CloseEvent('close', { ...message, wasClean: true }));
      return;
    }
    let { data } = message;
    if (typeof data !== 'string' && this.#binaryType === 'blob') data = new Blob([data]);
    fire(this, new MessageEvent('message', { data }));
  }

  #requireAccepted() {
    if (!this.#accepted) throw new TypeError('You must call one of accept() or state.acceptWebSocket() on this WebSocket before sending messages.');
  }

  accept(options = undefined) {
    WebSocket.#check(this, 'socket.accept()');
    if (options !== undefined && options !== null && typeof options !== 'object') throw new TypeError("Failed to execute 'accept' on 'WebSocket': parameter 1 is not of type 'AcceptOptions'.");
    if (this.#end === null) throw new TypeError("Websockets obtained from the 'new WebSocket()' constructor cannot call accept");
    if (this.#accepted) return;
    this.#accepted = true;
    this.#end.open((message) => this.#receive(message));
  }

  send(message) {
    WebSocket.#check(this, 'socket.send(…)');
    if (arguments.length === 0) throw new TypeError("Failed to execute 'send' on 'WebSocket': parameter 1 is not of type 'ArrayBuffer or ArrayBufferView or string'.");
    const data = toMessage(message);
    if (this.#closedOutgoing) throw new TypeError("Can't call WebSocket send() after close().");
    this.#requireAccepted();
    this.#end.send({ data });
  }

  close(code = undefined, reason = undefined) {
    WebSocket.#check(this, 'socket.close(…)');
    if (this.#closedOutgoing) return;
    if (this.#end === null) {
      this.#closedOutgoing = true;
      return;
    }
    this.#requireAccepted();
    const number = code === undefined ? NO_CODE : Math.trunc(Number(code)) || 0;
    if (code !== undefined && !(number >= 1000 && number < 5000 && !RESERVED.includes(number))) {
      throw new DOMException(`Invalid WebSocket close code: ${number}.`, 'InvalidAccessError');
    }
    if (reason !== undefined && code === undefined) {
      throw new DOMException('If you specify a WebSocket close reason, you must also specify a code.', 'InvalidAccessError');
    }
    this.#closedOutgoing = true;
    this.#end.send({ code: number, reason: reason === undefined ? '' : `${reason}`.toWellFormed() });
  }

  serializeAttachment(value) {
    WebSocket.#check(this, 'socket.serializeAttachment(…)');
    if (arguments.length === 0) throw new TypeError("Failed to execute 'serializeAttachment' on 'WebSocket': parameter 1 is not of type 'Value'.");
    this.#attachment = { value: cloneValue(value) };
  }

  deserializeAttachment() {
    WebSocket.#check(this, 'socket.deserializeAttachment()');
    return this.#attachment === null ? null : cloneValue(this.#attachment.value);
  }

  get readyState() {
    if (this.#closedIncoming && this.#closedOutgoing) return CLOSED;
    if (this.#closedIncoming || this.#closedOutgoing) return CLOSING;
    return this.#end === null ? CONNECTING : OPEN;
  }

  // what was sent is with the other end at once
  get bufferedAmount() { return (this.#end, 0); }
  get url() { return this.#url; }
  get protocol() { return (this.#end, ''); }
  get extensions() { return (this.#end, ''); }
  get binaryType() { return this.#binaryType; }
  set binaryType(value) { if (value === 'blob' || value === 'arraybuffer') this.#binaryType = value; }

  static {
    isWebSocket = (value) => typeof value === 'object' && value !== null && #end in value;
    pairUp = (one, two) => {
      one.#end.other = two.#end;
      two.#end.other = one.#end;
    };
  }
}

export class WebSocketPair {
  constructor() {
    const ends = [new WebSocket(kInternal), new WebSocket(kInternal)];
    pairUp(...ends);
    Object.assign(this, ends);
  }

  * [Symbol.iterator]() {
    yield this[0];
    yield this[1];
  }
}

/** Why a WebSocket cannot be given to a client. */
export function refuseWebSocket() {
  throw new TypeError(UNSUPPORTED);
}

export { isWebSocket };

export function install() {
  const states = { CONNECTING, OPEN, CLOSING, CLOSED };
  defineConstants(WebSocket, states);
  defineConstants(WebSocket, Object.fromEntries(Object.entries(states).map(([name, value]) => [`READY_STATE_${name}`, value])));
  for (const type of ['open', 'message', 'close', 'error']) defineHandler(WebSocket.prototype, type);
  exposeInterfaces({ WebSocket, WebSocketPair });
  Object.defineProperty(WebSocketPair.prototype, Symbol.iterator, { enumerable: false });
}
