// Response (fetch standard section 5.5).

import { toUrl } from './base-url.js';
import { Body } from './body.js';
import { codingOf, Encoded, received as readable, recoded } from './body-coding.js';
import { extractBody, mixBody } from './body-mixin.js';
import { fillHeaders, HeaderList, Headers } from './headers.js';
import { reasonPhrase } from './reason-phrases.js';
import { cancelStream, expectedLength, isReadableStream } from './streams.js';
import { exposeInterfaces, kInternal, requireArguments } from './webidl.js';
import { giveToClient, isWebSocket, receivedSocket } from './websocket.js';

const { respond } = native;

let forStoring;
let isResponse;
let sendResponse;
let receivedResponse;

function isNullBodyStatus(status) {
  return status === 204 || status === 304 || status === 205 || status === 101;
}

function checkStatus(value) {
  const status = Number(value);
  if (!(status >= 200 && status <= 599)) {
    throw new RangeError('Responses may only be constructed with status codes in the range 200 to 599, inclusive.');
  }
  return Math.trunc(status);
}

function isManualCoding(value) {
  const text = String(value);
  if (text !== 'manual' && text !== 'automatic') throw new TypeError(`encodeBody: unexpected value: ${text}`);
  return text === 'manual';
}

function checkStatusText(value) {
  const text = String(value);
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(text)) throw new TypeError('Invalid statusText');
  return text;
}

export class Response {
  #status = 200;
  // null until something needs a list: most responses have only the content type of their body
  #list = null;
  #contentType = null;
  #headers = null;
  // a string, a Body, or null
  #body = null;
  // what few responses have: statusText, url, redirected, type, immutable, cf, webSocket, isManual (its body is encoded already)
  #extra = null;

  constructor(body = undefined, init = undefined) {
    if (body === kInternal) return;
    if (init !== undefined && init !== null) this.#init(init);
    if (body === undefined || body === null) return;
    if (isNullBodyStatus(this.#status)) {
      if (body === '') return;
      throw new TypeError('Response with null body status (101, 204, 205, or 304) cannot have a body.');
    }
    if (typeof body === 'string') {
      this.#body = body;
      this.#setType('text/plain;charset=UTF-8');
      return;
    }
    const [content, type] = extractBody(body);
    this.#body = content;
    if (type !== null) this.#setType(type);
  }

  #init(init) {
    if (typeof init !== 'object' && typeof init !== 'function') throw new TypeError('Response: the init must be an object.');
    const { status, statusText, headers, cf, webSocket, encodeBody } = init;
    if (webSocket !== undefined && webSocket !== null) this.#setWebSocket(webSocket, status);
    else if (status !== undefined) this.#status = checkStatus(status);
    if (statusText !== undefined && statusText !== '') this.#extra = { ...this.#extra, statusText: checkStatusText(statusText) };
    if (cf !== undefined) this.#extra = { ...this.#extra, cf };
    // only a Response has null there
    const isManual = encodeBody === undefined ? webSocket === null && #extra in init && init.#extra?.isManual : isManualCoding(encodeBody);
    if (isManual) this.#extra = { ...this.#extra, isManual };
    if (headers !== undefined) {
      this.#list = new HeaderList();
      fillHeaders(this.#list, headers);
    }
  }

  #setWebSocket(webSocket, status) {
    if (!isWebSocket(webSocket)) throw new TypeError("Incorrect type for the 'webSocket' field on 'ResponseInit': the provided value is not of type 'WebSocket'.");
    if (Number(status) !== 101) throw new RangeError('Responses with a WebSocket must have status code 101.');
    this.#status = 101;
    this.#extra = { webSocket };
  }

  #setType(type) {
    if (this.#list === null) this.#contentType = type;
    else this.#list.setIfAbsent('content-type', type);
  }

  #getList() {
    if (this.#list === null) {
      this.#list = new HeaderList();
      if (this.#contentType !== null) this.#list.append('content-type', this.#contentType);
    }
    return this.#list;
  }

  /** The body is a FixedLengthStream's. */
  #declareLength(length) {
    this.#list = this.#getList().copy();
    this.#list.set('content-length', String(length));
  }

  /** What the headers say that the body is to be coded with. */
  get #coding() { return this.#extra?.isManual ? undefined : codingOf(this.#getList()); }

  /** The content as the headers say, which are corrected where they do not suit it any more. */
  #recode(content) {
    this.#list = this.#getList().copy();
    return recoded(content, this.#list, this.#extra?.isManual ?? false);
  }

  #getBody() {
    if (typeof this.#body === 'string') this.#body = new Body(this.#body);
    return this.#body;
  }

  static error() {
    const response = new Response(kInternal);
    response.#status = 0;
    response.#extra = { type: 'error', immutable: true };
    return response;
  }

  static json(data, init = undefined) {
    requireArguments(arguments.length, 1, 'Response.json');
    const text = JSON.stringify(data);
    if (text === undefined) throw new TypeError('Response.json: the value cannot be written as JSON.');
    const response = new Response(kInternal);
    if (init !== undefined && init !== null) response.#init(init);
    if (isNullBodyStatus(response.#status)) throw new TypeError('Response with null body status (101, 204, 205, or 304) cannot have a body.');
    response.#body = text;
    response.#setType('application/json');
    return response;
  }

  static redirect(url, status = 302) {
    requireArguments(arguments.length, 1, 'Response.redirect');
    const record = toUrl(url);
    if (record === undefined) throw new TypeError(`Unable to parse URL: ${url}`);
    const code = Number(status);
    if (code !== 301 && code !== 302 && code !== 303 && code !== 307 && code !== 308) {
      throw new RangeError(`${status} is not a redirect status code.`);
    }
    const response = new Response(kInternal);
    response.#status = code;
    response.#getList().append('location', record.href());
    response.#extra = { immutable: true };
    return response;
  }

  get type() { return this.#extra?.type ?? 'default'; }
  get url() { return this.#extra?.url ?? ''; }
  get redirected() { return this.#extra?.redirected ?? false; }
  get status() { return this.#status; }
  get ok() { return this.#status >= 200 && this.#status <= 299; }
  get statusText() { return this.#extra?.statusText ?? ''; }
  get headers() { return this.#headers ??= new Headers(kInternal, this.#getList(), this.#extra?.immutable ?? false); }
  get cf() { return this.#extra?.cf; }
  get webSocket() { return this.#extra?.webSocket ?? null; }

  clone() {
    const body = this.#getBody();
    if (body !== null && body.disturbed) throw new TypeError('Cannot clone a response whose body has already been used.');
    if (this.webSocket !== null) throw new TypeError('Cannot clone a response to a WebSocket handshake.');
    const response = new Response(kInternal);
    response.#status = this.#status;
    response.#list = this.#getList().copy();
    response.#body = body === null ? null : body.clone();
    response.#extra = this.#extra;
    return response;
  }

  static {
    isResponse = (value) => typeof value === 'object' && value !== null && #status in value;

    /** A copy of the headers, and the body as they say. */
    forStoring = (response) => {
      const list = response.#getList().copy();
      const body = response.#getBody();
      if (response.#coding === undefined || body === null) return [list, body];
      const content = recoded(body.take(), list, false);
      return [list, isReadableStream(content) ? new Body(null, content) : new Body(content)];
    };

    // gives a stream that has to be pumped, or null when Rust has the whole content
    sendResponse = (response) => {
      if (response.#status === 0) throw new TypeError('The handler returned Response.error(), which cannot be sent to a client.');
      if (response.#status === 101) {
        if (response.webSocket === null) throw new TypeError('A response of status 101 needs a WebSocket.');
        giveToClient(response.webSocket);
      }
      const body = response.#body;
      const isText = body === null || typeof body === 'string';
      if (isText && (response.#list === null || body === null || response.#coding === undefined)) {
        respond(response.#status, response.#list, response.#list === null ? response.#contentType : null, body);
        return null;
      }
      let content = isText ? body : body.take();
      if (content instanceof Encoded || response.#coding !== undefined) content = response.#recode(content);
      const stream = isReadableStream(content) ? content : null;
      if (stream !== null && expectedLength(stream) !== undefined) response.#declareLength(expectedLength(stream));
      const wanted = respond(response.#status, response.#list, response.#list === null ? response.#contentType : null, stream === null ? content : true);
      if (wanted || stream === null) return stream;
      // a response to HEAD
      cancelStream(stream).catch(() => {});
      return null;
    };

    receivedResponse = (received, url, redirected, signal) => {
      const response = new Response(kInternal);
      response.#status = received.status;
      response.#list = received.headers;
      // Rust's None is undefined
      const body = readable(received.body ?? null, received.headers);
      if (body !== null) {
        response.#body = new Body(body);
        response.#body.signal = signal;
      }
      response.#extra = { url, redirected, immutable: true, type: 'basic', statusText: reasonPhrase(received.status) };
      if (received.socket !== undefined) response.#extra.webSocket = receivedSocket(received);
      return response;
    };

    mixBody(Response.prototype, (response) => response.#getBody(), (response) => response.#getList().get('content-type') ?? '');
  }
}

export { forStoring, isResponse, receivedResponse, sendResponse };

export function install() {
  exposeInterfaces({ Response });
}
