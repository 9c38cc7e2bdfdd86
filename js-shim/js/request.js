// Request (fetch standard section 5.4).

import { AbortSignal, anySignal } from './abort.js';
import { toUrl } from './base-url.js';
import { Body } from './body.js';
import { extractBody, mixBody } from './body-mixin.js';
import { fillHeaders, HeaderList, Headers, listOf } from './headers.js';
import { blobOf } from './object-url.js';
import { NO_INIT, normalizeMethod, readInit } from './request-init.js';
import { dictionary, exposeInterfaces, kInternal, requireArguments } from './webidl.js';

const { requestUrl } = native;

let isRequest;
let forSending;

function toRequestUrl(input) {
  const text = String(input);
  const url = requestUrl(text);
  if (url !== undefined) return url;
  const record = toUrl(text);
  if (record === undefined) throw new TypeError(`Invalid URL: ${text}`);
  return requestUrl(record.href());
}

/** What is known of the client, of a request's state or the one that it was made from. */
function cfOf({ cf, headers, origin = null }) {
  if (origin !== null) return cfOf(origin);
  // the host's word, of an incoming request
  if (typeof cf !== 'string') return cf ?? undefined;
  const known = JSON.parse(cf);
  const encodings = headers.get('accept-encoding');
  if (encodings !== undefined) known.clientAcceptEncoding = encodings;
  return Object.freeze(known);
}

/** The `cf` that a script gave to a request, or to the one that it was made from. */
function givenCf({ cf, origin = null }) {
  if (origin !== null) return givenCf(origin);
  return typeof cf === 'string' ? undefined : cf;
}

export class Request {
  // the incoming request of Rust, or what the constructor made of its arguments: method, url, headers (a HeaderList)
  // and body are read from it when they are first asked for
  #state;
  #url;
  #headers;
  #body;
  #signal;
  #cf;

  constructor(input, init = undefined) {
    if (input === kInternal) {
      this.#state = init;
      return;
    }
    requireArguments(arguments.length, 1, 'Request');
    this.#init(input, init === undefined || init === null ? NO_INIT : readInit(dictionary(init, 'Request: the init')));
  }

  #init(input, init) {
    const source = isRequest(input) ? input.#state : null;
    const url = source === null ? toRequestUrl(input) : input.url;
    const state = {
      url,
      method: source === null ? 'GET' : source.method,
      redirect: init.redirect ?? (source === null ? 'follow' : input.redirect),
      cf: init.cf,
      // asked for its `cf` when somebody wants to know
      origin: init.cf === undefined ? source : null,
      cache: init.cache ?? source?.cache,
      mode: init.mode ?? source?.mode,
      credentials: init.credentials ?? source?.credentials,
      referrer: init.referrer ?? source?.referrer,
      referrerPolicy: init.referrerPolicy ?? source?.referrerPolicy,
      integrity: init.integrity ?? source?.integrity,
      keepalive: init.keepalive ?? source?.keepalive,
      // a blob: URL is looked up now, so that it may be revoked before the request is sent
      blob: source === null ? (url.startsWith('blob:') ? blobOf(url) : undefined) : source.blob,
      immutable: false,
      body: null,
      headers: null,
      signal: source === null ? null : input.#followed(),
    };
    if (state.cache === 'only-if-cached' && state.mode !== 'same-origin') {
      throw new TypeError('Request: the cache mode "only-if-cached" can only be used with the mode "same-origin".');
    }
    if (init.method !== undefined) state.method = normalizeMethod(init.method);
    if (state.mode === 'no-cors' && state.method !== 'GET' && state.method !== 'HEAD' && state.method !== 'POST') {
      throw new TypeError(`Request: the method ${state.method} cannot be used with the mode "no-cors".`);
    }
    if (init.signal !== undefined) state.signal = init.signal;
    if (init.headers !== undefined) {
      state.headers = new HeaderList();
      fillHeaders(state.headers, init.headers);
    } else {
      state.headers = source === null ? new HeaderList() : input.#list().copy();
    }
    this.#state = state;
    this.#body = this.#initBody(input, init, source);
  }

  #initBody(input, init, source) {
    const { method, headers, keepalive } = this.#state;
    if (init.body !== undefined && init.body !== null) {
      if (method === 'GET' || method === 'HEAD') throw new TypeError('Request with a GET or HEAD method cannot have a body.');
      const [content, type] = extractBody(init.body);
      if (keepalive && content.source === null) throw new TypeError('Request: a body that is a ReadableStream cannot be used with keepalive.');
      if (type !== null) headers.setIfAbsent('content-type', type);
      return typeof content === 'string' ? new Body(content) : content;
    }
    if (source === null) return null;
    const body = input.#getBody();
    if (body === null) return null;
    if (method === 'GET' || method === 'HEAD') throw new TypeError('Request with a GET or HEAD method cannot have a body.');
    if (body.disturbed) throw new TypeError('Cannot reconstruct a Request with a used body.');
    return body.move();
  }

  #list() {
    return this.#headers === undefined ? this.#state.headers : listOf(this.#headers);
  }

  #getBody() {
    if (this.#body === undefined) {
      // Rust's None is undefined
      const body = this.#state.body ?? null;
      this.#body = body === null ? null : new Body(body);
    }
    return this.#body;
  }

  /** The signal that aborts this request, if there is one. */
  #followed() {
    return this.#signal ?? this.#state.signal ?? null;
  }

  get method() { return this.#state.method; }
  get url() { return this.#url ??= this.#state.url; }

  get headers() {
    return this.#headers ??= new Headers(kInternal, this.#state.headers, this.#state.immutable ?? true);
  }

  // only an incoming request has none: passed on, its redirects are for its client to follow
  get redirect() { return this.#state.redirect ?? 'manual'; }

  get signal() {
    if (this.#signal === undefined) {
      const followed = this.#state.signal ?? null;
      this.#signal = followed === null ? new AbortSignal(kInternal) : anySignal([followed]);
    }
    return this.#signal;
  }

  get cf() { return this.#cf ??= cfOf(this.#state); }
  get cache() { return this.#state.cache ?? 'default'; }
  get mode() { return this.#state.mode ?? 'cors'; }
  get credentials() { return this.#state.credentials ?? 'same-origin'; }
  get destination() { return (this.#state, ''); }
  get referrer() { return this.#state.referrer ?? 'about:client'; }
  get referrerPolicy() { return this.#state.referrerPolicy ?? ''; }
  get integrity() { return this.#state.integrity ?? ''; }
  get keepalive() { return this.#state.keepalive ?? false; }
  get isReloadNavigation() { return (this.#state, false); }
  get isHistoryNavigation() { return (this.#state, false); }
  get duplex() { return (this.#state, 'half'); }

  clone() {
    const body = this.#getBody();
    if (body !== null && body.disturbed) throw new TypeError('Cannot clone a Request whose body has already been used.');
    const state = this.#state;
    const request = new Request(kInternal, {
      method: this.method,
      url: this.url,
      redirect: this.redirect,
      cf: undefined,
      origin: this.#state,
      cache: state.cache,
      mode: state.mode,
      credentials: state.credentials,
      referrer: state.referrer,
      referrerPolicy: state.referrerPolicy,
      integrity: state.integrity,
      keepalive: state.keepalive,
      blob: state.blob,
      immutable: state.immutable ?? true,
      body: null,
      headers: this.#list().copy(),
      signal: this.#followed(),
    });
    request.#body = body === null ? null : body.clone();
    return request;
  }

  static {
    isRequest = (value) => typeof value === 'object' && value !== null && #state in value;
    forSending = (request) => ({
      method: request.method,
      url: request.url,
      headers: request.#list().copy(),
      body: request.#getBody(),
      redirect: request.redirect,
      signal: request.#followed(),
      integrity: request.integrity,
      cf: givenCf(request.#state),
      blob: request.#state.blob,
    });
    mixBody(Request.prototype, (request) => request.#getBody(), (request) => request.#list().get('content-type') ?? '');
  }
}

export { forSending, isRequest };

export function install() {
  exposeInterfaces({ Request });
}
