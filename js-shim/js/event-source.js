// EventSource (HTML standard section 9.2), and EventSource.from() of Workers, which reads a stream that is there already.

import { AbortController } from './abort.js';
import { toUrl } from './base-url.js';
import { DOMException } from './dom-exception.js';
import { TextDecoder } from './encoding.js';
import { EventStreamParser } from './event-stream.js';
import { defineHandler, EventTarget, fire } from './event-target.js';
import { MessageEvent } from './event-types.js';
import { Event } from './events.js';
import { fetch } from './fetch.js';
import { began, settled } from './pending.js';
import { isReadableStream } from './streams.js';
import { queueTask } from './tasks.js';
import { URL } from './url.js';
import { defineConstants, dictionary, exposeInterfaces, illegalInvocation, kInternal, requireArguments } from './webidl.js';

const { clearTimer, disallow, setTimer } = native;

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 2;

const FIRST_RETRY = 3000;
const MAX_DELAY = 2 ** 31 - 1;

let readStream;

export class EventSource extends EventTarget {
  #url;
  #withCredentials = false;
  #readyState = CONNECTING;
  #lastEventId = '';
  #retry = FIRST_RETRY;
  #origin = 'null';
  #controller = null;
  #reader = null;
  // the timer of the next attempt, and what `pending` knows of it
  #timer = null;

  constructor(url, eventSourceInitDict = undefined) {
    requireArguments(arguments.length, 1, 'EventSource');
    super();
    if (url === kInternal) {
      this.#url = '';
      return;
    }
    const text = `${url}`.toWellFormed();
    this.#withCredentials = Boolean(dictionary(eventSourceInitDict, 'EventSource: the init').withCredentials);
    const parsed = toUrl(text);
    if (parsed === undefined) throw new DOMException(`EventSource: "${text}" is not a URL.`, 'SyntaxError');
    disallow('EventSource()');
    this.#url = parsed.href();
    this.#connect();
  }

  static from(stream) {
    requireArguments(arguments.length, 1, 'EventSource.from');
    if (!isReadableStream(stream)) throw new TypeError('EventSource.from: the argument must be a ReadableStream.');
    const source = new EventSource(kInternal);
    readStream(source, stream);
    return source;
  }

  get url() { return this.#url; }
  get withCredentials() { return this.#withCredentials; }
  get readyState() { return this.#readyState; }

  close() {
    if (!(#url in this)) throw illegalInvocation('source.close()');
    this.#readyState = CLOSED;
    this.#controller?.abort();
    this.#reader?.cancel().catch(() => {});
    if (this.#timer !== null) this.#endWait();
  }

  async #connect() {
    this.#controller = new AbortController();
    const headers = { accept: 'text/event-stream', 'cache-control': 'no-cache', pragma: 'no-cache' };
    if (this.#lastEventId !== '') headers['last-event-id'] = this.#lastEventId;
    let response;
    try {
      response = await fetch(this.#url, { headers, signal: this.#controller.signal });
    } catch {
      this.#reconnect();
      return;
    }
    const type = response.headers.get('content-type') ?? '';
    if (response.status !== 200 || !/^[\t\n\r ]*text\/event-stream[\t\n\r ]*(?:;|$)/i.test(type) || response.body === null) {
      response.body?.cancel().catch(() => {});
      this.#fail();
      return;
    }
    this.#origin = new URL(response.url).origin;
    this.#announce();
    await this.#read(response.body);
    this.#reconnect();
  }

  #announce() {
    if (this.#readyState === CLOSED) return;
    this.#readyState = OPEN;
    fire(this, new Event('open'));
  }

  /** Fires what the stream says until it ends, breaks off or nobody wants it any more. */
  async #read(stream) {
    const reader = this.#reader = stream.getReader();
    const decoder = new TextDecoder();
    const parser = new EventStreamParser({
      lastEventId: this.#lastEventId,
      onEvent: (type, data, lastEventId) => this.#receive(type, data, lastEventId),
      onRetry: (ms) => { this.#retry = ms; },
    });
    const entry = began(`an event of the EventSource ${this.#url}`);
    try {
      while (this.#readyState !== CLOSED) {
        const { done, value } = await reader.read();
        if (done) break;
        parser.push(decoder.decode(value, { stream: true }));
      }
    } catch {
      // the end is what is told of it
    }
    settled(entry);
    this.#reader = null;
  }

  #receive(type, data, lastEventId) {
    this.#lastEventId = lastEventId;
    if (data === null || this.#readyState === CLOSED) return;
    fire(this, new MessageEvent(type, { data, origin: this.#origin, lastEventId }));
  }

  #reconnect() {
    if (this.#readyState === CLOSED) return;
    this.#readyState = CONNECTING;
    fire(this, new Event('error'));
    if (this.#readyState === CLOSED) return;
    const entry = began(`the EventSource ${this.#url}, which connects again after ${this.#retry} ms`);
    const id = setTimer(Math.min(this.#retry, MAX_DELAY), false, () => {
      this.#endWait();
      if (this.#readyState === CONNECTING) this.#connect();
    });
    this.#timer = { id, entry };
  }

  #endWait() {
    const { id, entry } = this.#timer;
    this.#timer = null;
    clearTimer(id);
    settled(entry);
  }

  #fail() {
    if (this.#readyState === CLOSED) return;
    this.#readyState = CLOSED;
    fire(this, new Event('error'));
  }

  async #readOnce(stream) {
    this.#announce();
    if (this.#readyState === CLOSED) return;
    await this.#read(stream);
    this.#fail();
  }

  static {
    // listeners are added after from() has returned
    readStream = (source, stream) => queueTask(() => { source.#readOnce(stream); });
  }
}

export function install() {
  for (const type of ['error', 'message', 'open']) defineHandler(EventSource.prototype, type);
  exposeInterfaces({ EventSource });
  defineConstants(EventSource, { CONNECTING, OPEN, CLOSED });
}
