// Request (fetch standard section 5.4).

import { AbortSignal, anySignal, isAbortSignal } from './abort.js';
import { Body } from './body.js';
import { extractBody, mixBody } from './body-mixin.js';
import { fillHeaders, HeaderList, Headers, listOf } from './headers.js';
import { dictionary, exposeInterfaces, kInternal, requireArguments } from './webidl.js';

const { requestUrl } = native;

let isRequest;
let forSending;

const KNOWN_METHODS = new Set(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS']);
const NORMALIZED_METHODS = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT']);
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

function normalizeMethod(value) {
  const method = String(value);
  if (KNOWN_METHODS.has(method)) return method;
  const upper = method.toUpperCase();
  if (NORMALIZED_METHODS.has(upper)) return upper;
  if (!TOKEN.test(method)) throw new TypeError(`Invalid HTTP method string: ${method}`);
  if (upper === 'CONNECT' || upper === 'TRACE' || upper === 'TRACK') throw new TypeError(`HTTP method ${upper} is forbidden.`);
  return method;
}

function checkRedirect(value) {
  const redirect = String(value);
  if (redirect !== 'follow' && redirect !== 'error' && redirect !== 'manual') {
    throw new TypeError(`Invalid redirect value, must be one of "follow", "error" or "manual", not "${redirect}".`);
  }
  return redirect;
}

export class Request {
  // the incoming request of Rust, or what the constructor made of its arguments: method, url, headers (a HeaderList)
  // and body are read from it when they are first asked for
  #state;
  #url;
  #headers;
  #body;
  #signal;

  constructor(input, init = undefined) {
    if (input === kInternal) {
      this.#state = init;
      return;
    }
    requireArguments(arguments.length, 1, 'Request');
    this.#init(input, dictionary(init, 'Request: the init'));
  }

  #init(input, init) {
    const source = isRequest(input) ? input.#state : null;
    const state = {
      url: source === null ? requestUrl(input) : input.url,
      method: source === null ? 'GET' : source.method,
      redirect: source === null ? 'follow' : input.redirect,
      cf: source?.cf,
      cache: source?.cache ?? 'default',
      immutable: false,
      body: null,
      headers: null,
      signal: source === null ? null : input.#followed(),
    };
    if (init.method !== undefined) state.method = normalizeMethod(init.method);
    if (init.redirect !== undefined) state.redirect = checkRedirect(init.redirect);
    if (init.cf !== undefined) state.cf = init.cf;
    if (init.cache !== undefined) state.cache = String(init.cache);
    if (init.integrity !== undefined && init.integrity !== '') {
      throw new TypeError("The 'integrity' field of the Request init is not implemented: check the body's digest with crypto.subtle.digest().");
    }
    if (init.signal !== undefined) {
      if (init.signal !== null && !isAbortSignal(init.signal)) throw new TypeError('Request: the signal must be an AbortSignal or null.');
      state.signal = init.signal;
    }
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
    const { method, headers } = this.#state;
    if (init.body !== undefined && init.body !== null) {
      if (method === 'GET' || method === 'HEAD') throw new TypeError('Request with a GET or HEAD method cannot have a body.');
      const [content, type] = extractBody(init.body);
      if (type !== null) headers.setIfAbsent('content-type', type);
      return typeof content === 'string' ? new Body(content) : content;
    }
    if (source === null || init.body === null) return null;
    const body = input.#getBody();
    if (body === null) return null;
    if (body.disturbed) throw new TypeError('Cannot reconstruct a Request with a used body.');
    if (method === 'GET' || method === 'HEAD') throw new TypeError('Request with a GET or HEAD method cannot have a body.');
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

  get cf() { return this.#state.cf; }
  get cache() { return this.#state.cache ?? 'default'; }
  get integrity() { return (this.#state, ''); }
  get keepalive() { return (this.#state, false); }

  clone() {
    const body = this.#getBody();
    if (body !== null && body.disturbed) throw new TypeError('Cannot clone a Request whose body has already been used.');
    const request = new Request(kInternal, {
      method: this.method,
      url: this.url,
      redirect: this.redirect,
      cf: this.cf,
      cache: this.cache,
      immutable: this.#state.immutable ?? true,
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
    });
    mixBody(Request.prototype, (request) => request.#getBody(), (request) => request.#list().get('content-type') ?? '');
  }
}

export { forSending, isRequest };

export function install() {
  exposeInterfaces({ Request });
}
