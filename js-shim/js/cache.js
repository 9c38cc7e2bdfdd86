// caches, CacheStorage and Cache: the Cache API as Workers have it. What is kept, and for how long, is the host's to say
// (README.md); here is what may be asked. Every operation is one subrequest.

import { hop } from './fetch.js';
import { blame } from './pending.js';
import { forSending, isRequest, Request } from './request.js';
import { forStoring, isResponse, receivedResponse } from './response.js';
import { exposeInterfaces, exposeReplaceable, illegalInvocation, kInternal } from './webidl.js';

const { callBinding, disallow } = native;

/** The binding that the host gives to every worker. */
const BINDING = ':caches';
const CACHE = 'glowplug-cache';
const STATUS = 'glowplug-cache-response-status';
const CACHE_STATUS = 'cf-cache-status';
// before the name of a field of the request that a response was made for
const REQUEST_FIELD = 'glowplug-cache-request-';

/** One operation: where its request goes (`NETWORK` in fetch.js), and how its errors begin. */
class Operation {
  constructor(label) {
    this.label = label;
    this.needsBody = true;
    this.entry = null;
  }

  send(method, url, headers, content) { return callBinding(BINDING, method, url, headers, content); }

  failure(reason) { return blame(new Error(`${this.label} failed: ${reason}`), this.entry); }
}

/** The request that a first argument names. */
function toRequest(input) {
  const request = forSending(isRequest(input) ? input : new Request(input));
  if (!/^https?:/.test(request.url)) throw new TypeError('Invalid URL. Cache API keys must be fully-qualified, valid URLs.');
  return request;
}

function required(given, needed, method, type) {
  if (given < needed) throw new TypeError(`Failed to execute '${method}' on 'Cache': parameter ${given + 1} is not of type '${type}'.`);
}

/** The names in a response's Vary. */
function varying(list) {
  const names = (list.get('vary') ?? '').split(',').map((name) => name.trim().toLowerCase());
  return names.filter((name) => /^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name));
}

function ignoresMethod(options, method) {
  if (options === undefined || options === null) return false;
  if (typeof options !== 'object' && typeof options !== 'function') {
    throw new TypeError(`Failed to execute '${method}' on 'Cache': parameter 2 is not of type 'CacheQueryOptions'.`);
  }
  return Boolean(options.ignoreMethod);
}

export class Cache {
  // what the host knows it by
  #name;

  constructor(key = undefined, name = undefined) {
    if (key !== kInternal) throw new TypeError('Illegal constructor');
    this.#name = name;
  }

  static #check(cache) {
    if (typeof cache !== 'object' || cache === null || !(#name in cache)) throw illegalInvocation('caches.default.match(…)');
    return cache.#name;
  }

  static #ask(operation, name, method, url, headers, body = null) {
    disallow(operation.label);
    headers.set(CACHE, name);
    return hop({ method, url, headers, body, signal: null }, operation);
  }

  async match(input, options = undefined) {
    const name = Cache.#check(this);
    required(arguments.length, 1, 'match', 'Request or string');
    const { method, url, headers } = toRequest(input);
    if (!ignoresMethod(options, 'match') && method !== 'GET') return undefined;
    const answer = await Cache.#ask(new Operation('Cache match()'), name, 'GET', url, headers);
    if (answer.headers.get(CACHE_STATUS) === 'HIT') return receivedResponse(answer, '', false, null);
    answer.body?.cancel();
    return undefined;
  }

  async put(input, response) {
    const name = Cache.#check(this);
    required(arguments.length, 1, 'put', 'Request or string');
    if (!isResponse(response)) throw new TypeError("Failed to execute 'put' on 'Cache': parameter 2 is not of type 'Response'.");
    const { method, url, headers } = toRequest(input);
    const { type, status } = response;
    if (type === 'error') throw new TypeError('Cache is unable to store an error response');
    if (method !== 'GET') throw new TypeError('Cannot cache response to non-GET request.');
    if (status === 206) throw new TypeError('Cannot cache response to a range request (206 Partial Content).');
    if (status === 101) throw new TypeError('Cannot cache WebSocket upgrade response.');
    const [list, body] = forStoring(response);
    if (list.get('vary')?.includes('*')) throw new TypeError("Cannot cache response with 'Vary: *' header.");
    if (status === 304) {
      console.warn('Ignoring attempt to Cache.put() a 304 status response. 304 responses are not meaningful to cache, and a potential source of bugs. Consider validating that the response status is meaningful to cache before calling Cache.put().');
      return;
    }
    for (const name of varying(list)) {
      const value = headers.get(name);
      if (value !== undefined) list.set(REQUEST_FIELD + name, value);
    }
    list.set(STATUS, `${status}`);
    list.delete('content-length');
    const answer = await Cache.#ask(new Operation('Cache put()'), name, 'PUT', url, list, body);
    answer.body?.cancel();
  }

  async delete(input, options = undefined) {
    const name = Cache.#check(this);
    required(arguments.length, 1, 'delete', 'Request or string');
    const { method, url, headers } = toRequest(input);
    if (!ignoresMethod(options, 'delete') && method !== 'GET') return false;
    const answer = await Cache.#ask(new Operation('Cache delete()'), name, 'DELETE', url, headers);
    answer.body?.cancel();
    return answer.status === 200;
  }
}

export class CacheStorage {
  #default = new Cache(kInternal, 'default');

  constructor(key = undefined) {
    if (key !== kInternal) throw new TypeError('Illegal constructor');
  }

  static #check(storage) {
    if (typeof storage !== 'object' || storage === null || !(#default in storage)) throw illegalInvocation('caches.open(…)');
    return storage.#default;
  }

  get default() { return CacheStorage.#check(this); }

  async open(cacheName) {
    CacheStorage.#check(this);
    if (arguments.length === 0) throw new TypeError("Failed to execute 'open' on 'CacheStorage': parameter 1 is not of type 'string'.");
    return new Cache(kInternal, `open:${encodeURIComponent(`${cacheName}`.toWellFormed())}`);
  }
}

export function install() {
  exposeInterfaces({ Cache, CacheStorage });
  exposeReplaceable('caches', new CacheStorage(kInternal));
}
