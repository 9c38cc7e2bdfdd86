// WebSocket and WebSocketPair, as Workers have them: HTML's WebSockets standard, with accept() for what did not come of
// `new WebSocket()`. Both ends of a pair are in this sandbox, until a response gives one of them to the client.

import { toUrl } from './base-url.js';
import { Blob, blobBytes, isBlob } from './blob.js';
import { isBufferSource, toBytes } from './bytes.js';
import { DOMException } from './dom-exception.js';
import { defineHandler, EventTarget, fire } from './event-target.js';
import { CloseEvent, ErrorEvent, MessageEvent } from './event-types.js';
import { Event } from './events.js';
import { HeaderList } from './headers.js';
import { began, settled } from './pending.js';
import { cloneValue } from './structured-clone.js';
import { queueTask } from './tasks.js';
import { defineConstants, exposeInterfaces, illegalInvocation, kInternal } from './webidl.js';
import { End, Remote, sizeOf } from './websocket-end.js';

const { disallow, fetch: request } = native;

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/** What close() without a code comes to: a close frame without one (RFC 6455 section 7.1.5). */
const NO_CODE = 1005;
const ABNORMAL = 1006;
const RESERVED = [1004, NO_CODE, ABNORMAL, 1015];
const LONGEST_REASON = 123;

const BROKEN = 'WebSocket disconnected without sending Close frame.';

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

function syntaxError(message) {
  return new DOMException(`WebSocket Constructor: ${message}`, 'SyntaxError');
}

function checkUrl(url) {
  const record = toUrl(url);
  if (record === undefined) throw syntaxError('The url is invalid.');
  // http: and https: stand for ws: and wss:, with the same ports
  const href = record.href().replace(/^http/, 'ws');
  if (!/^wss?:/.test(href)) throw syntaxError('The url scheme must be ws or wss.');
  if (href.includes('#')) throw syntaxError('The url fragment must be empty.');
  return href;
}

function checkProtocols(protocols) {
  if (protocols === undefined) return [];
  if (typeof protocols !== 'object' || protocols === null || protocols[Symbol.iterator] === undefined) {
    const name = String(protocols);
    if (!TOKEN.test(name)) throw syntaxError('The protocol header token is invalid.');
    return [name];
  }
  const names = [...protocols].map(String);
  if (!names.every((name) => TOKEN.test(name))) throw syntaxError('One of the protocol header tokens is invalid.');
  if (new Set(names).size < names.length) throw syntaxError('The protocols header cannot have repeating values.');
  return names;
}

/** Bytes are copied, since they may be changed after they were sent. */
function toMessage(value) {
  if (isBlob(value)) return blobBytes(value).slice().buffer;
  return isBufferSource(value) ? toBytes(value).slice().buffer : `${value}`.toWellFormed();
}

let giveToClient;
let isWebSocket;
let pairUp;
let receivedSocket;

export class WebSocket extends EventTarget {
  // null until the connection is there: only what `new WebSocket()` makes begins so
  #end = null;
  #url = null;
  #constructed = false;
  #protocol = '';
  #accepted = false;
  #closedIncoming = false;
  #closedOutgoing = false;
  // bytes that were sent in vain
  #lost = 0;
  #binaryType = 'arraybuffer';
  #attachment = null;

  constructor(url, protocols = undefined) {
    super();
    if (url === kInternal) {
      this.#end = protocols;
      return;
    }
    if (arguments.length === 0) throw new TypeError("Failed to construct 'WebSocket': constructor parameter 1 is not of type 'string'.");
    this.#url = checkUrl(`${url}`);
    const names = checkProtocols(protocols);
    disallow('new WebSocket()');
    this.#constructed = true;
    this.#connect(names);
  }

  static #check(socket, how) {
    if (typeof socket !== 'object' || socket === null || !(#end in socket)) throw illegalInvocation(how);
    return socket;
  }

  #connect(names) {
    const headers = new HeaderList();
    headers.append('upgrade', 'websocket');
    if (names.length > 0) headers.append('sec-websocket-protocol', names.join(', '));
    const entry = began(`new WebSocket('${this.#url}')`);
    request('GET', this.#url.replace(/^ws/, 'http'), headers, null).promise.then((answer) => {
      settled(entry);
      this.#connected(answer, names);
    }, (error) => {
      settled(entry);
      this.#fail(error);
    });
  }

  #connected({ status, headers, body, socket }, names) {
    const protocol = headers.get('sec-websocket-protocol') ?? '';
    if (socket === undefined) {
      body?.cancel();
      this.#fail(new TypeError(`WebSocket connection failed: the server answered with status ${status} instead of 101.`));
    } else if (this.#closedOutgoing) {
      socket.close(NO_CODE, '');
    } else if (names.length > 0 && protocol === '') {
      socket.close(NO_CODE, '');
      this.#fail(new TypeError('WebSocket connection failed: the server chose none of the subprotocols.'));
    } else {
      this.#end = new Remote(socket);
      this.#protocol = protocol;
      this.#accepted = true;
      this.#end.open((message) => this.#receive(message));
      fire(this, new Event('open'));
    }
  }

  #fail(error) {
    if (this.#closedIncoming) return;
    this.#closedIncoming = true;
    this.#closedOutgoing = true;
    fire(this, new ErrorEvent('error', { message: error.message, error }));
    fire(this, new CloseEvent('close', { code: ABNORMAL, reason: 'Failed to establish websocket connection', wasClean: false }));
  }

  #receive(message) {
    if (this.#closedIncoming) return;
    if (message.data === undefined) {
      const { code, reason, wasClean = true, final = false } = message;
      this.#closedIncoming = true;
      this.#closedOutgoing ||= final;
      // in Workers' own use there is the close event alone
      if (!wasClean && this.#constructed) fire(this, new ErrorEvent('error', { message: BROKEN }));
      fire(this, new CloseEvent('close', { code, reason: wasClean || this.#constructed ? reason : BROKEN, wasClean }));
      return;
    }
    // the standard has no messages any more once close() was called
    if (this.#constructed && this.#closedOutgoing) return;
    let { data } = message;
    if (typeof data !== 'string' && this.#binaryType === 'blob') data = new Blob([data]);
    const origin = this.#constructed ? toUrl(this.#url).origin() : '';
    fire(this, new MessageEvent('message', { data, origin }));
  }

  #requireAccepted() {
    if (!this.#accepted) throw new TypeError('You must call one of accept() or state.acceptWebSocket() on this WebSocket before sending messages.');
  }

  accept(options = undefined) {
    WebSocket.#check(this, 'socket.accept()');
    if (options !== undefined && options !== null && typeof options !== 'object') throw new TypeError("Failed to execute 'accept' on 'WebSocket': parameter 1 is not of type 'AcceptOptions'.");
    if (this.#constructed) throw new TypeError("Websockets obtained from the 'new WebSocket()' constructor cannot call accept");
    if (this.#accepted) return;
    this.#accepted = true;
    this.#end.open((message) => this.#receive(message));
  }

  send(message) {
    WebSocket.#check(this, 'socket.send(…)');
    if (arguments.length === 0) throw new TypeError("Failed to execute 'send' on 'WebSocket': parameter 1 is not of type 'ArrayBuffer or ArrayBufferView or string'.");
    if (this.#constructed && this.readyState === CONNECTING) throw new DOMException('The WebSocket is not connected yet: wait for its open event.', 'InvalidStateError');
    const data = toMessage(message);
    if (this.#constructed && (this.#closedOutgoing || this.#closedIncoming)) {
      this.#lost += sizeOf(data);
      return;
    }
    if (this.#closedOutgoing) throw new TypeError("Can't call WebSocket send() after close().");
    this.#requireAccepted();
    this.#end.send({ data });
  }

  close(code = undefined, reason = undefined) {
    WebSocket.#check(this, 'socket.close(…)');
    const number = code === undefined ? NO_CODE : this.#checkCode(code);
    if (reason !== undefined && code === undefined && !this.#constructed) {
      throw new DOMException('If you specify a WebSocket close reason, you must also specify a code.', 'InvalidAccessError');
    }
    const text = reason === undefined || code === undefined ? '' : `${reason}`.toWellFormed();
    if (sizeOf(text) > LONGEST_REASON) throw new DOMException(`The reason of a WebSocket's close has at most ${LONGEST_REASON} bytes.`, 'SyntaxError');
    if (this.#closedOutgoing) return;
    if (this.#end === null) {
      this.#closedOutgoing = true;
      queueTask(() => this.#fail(new TypeError('The WebSocket was closed before the connection was established.')));
      return;
    }
    this.#requireAccepted();
    this.#closedOutgoing = true;
    this.#end.send({ code: number, reason: text });
  }

  #checkCode(code) {
    // WebIDL's [Clamp] unsigned short
    const number = Math.min(Math.max(Math.round(Number(code)) || 0, 0), 0xffff);
    const fits = this.#constructed ? number === 1000 || (number >= 3000 && number < 5000) : number >= 1000 && number < 5000 && !RESERVED.includes(number);
    if (!fits) throw new DOMException(`Invalid WebSocket close code: ${number}.`, 'InvalidAccessError');
    return number;
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

  get bufferedAmount() { return this.#lost + (this.#end === null ? 0 : this.#end.buffered()); }
  get url() { return this.#url; }
  get protocol() { return (this.#end, this.#protocol); }
  get extensions() { return this.#end === null ? '' : this.#end.extensions(); }
  get binaryType() { return this.#binaryType; }
  set binaryType(value) { if (value === 'blob' || value === 'arraybuffer') this.#binaryType = value; }

  static {
    giveToClient = (socket) => {
      if (socket.#accepted || socket.#end === null) throw new TypeError("Can't return WebSocket in a Response after calling accept().");
      socket.#accepted = true;
      socket.#end.giveToClient();
    };

    /** The WebSocket of a response, from what the host gave. */
    receivedSocket = ({ socket, headers }) => {
      const received = new WebSocket(kInternal, new Remote(socket));
      received.#protocol = headers.get('sec-websocket-protocol') ?? '';
      return received;
    };

    isWebSocket = (value) => typeof value === 'object' && value !== null && #end in value;
    pairUp = (one, two) => {
      one.#end.other = two.#end;
      two.#end.other = one.#end;
    };
  }
}

export class WebSocketPair {
  constructor() {
    const ends = [new WebSocket(kInternal, new End()), new WebSocket(kInternal, new End())];
    pairUp(...ends);
    Object.assign(this, ends);
  }

  * [Symbol.iterator]() {
    yield this[0];
    yield this[1];
  }
}

export { giveToClient, isWebSocket, receivedSocket };

export function install() {
  const states = { CONNECTING, OPEN, CLOSING, CLOSED };
  defineConstants(WebSocket, states);
  defineConstants(WebSocket, Object.fromEntries(Object.entries(states).map(([name, value]) => [`READY_STATE_${name}`, value])));
  for (const type of ['open', 'message', 'close', 'error']) defineHandler(WebSocket.prototype, type);
  exposeInterfaces({ WebSocket, WebSocketPair });
  Object.defineProperty(WebSocketPair.prototype, Symbol.iterator, { enumerable: false });
}
