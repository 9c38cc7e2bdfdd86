// Headers (fetch standard section 5.1), over the Rust class HeaderList.

import { iterated, recordPairs, toSequence } from './convert.js';
import { exposeInterfaces, kInternal, pairIterable, requireArguments } from './webidl.js';

const { HeaderList, toByteString } = native;

let listOf;
let isHeaders;

export class Headers {
  #list;
  #immutable = false;
  #pairs = null;
  #pairsVersion = -1;

  constructor(init = undefined, list = undefined, immutable = false) {
    if (init === kInternal) {
      this.#list = list;
      this.#immutable = immutable;
    } else {
      this.#list = new HeaderList();
      if (init !== undefined) fillHeaders(this.#list, init);
    }
  }

  append(name, value) {
    requireArguments(arguments.length, 2, 'Headers.append');
    if (this.#immutable) immutable();
    this.#list.append(name, value);
  }

  delete(name) {
    requireArguments(arguments.length, 1, 'Headers.delete');
    if (this.#immutable) immutable();
    this.#list.delete(name);
  }

  get(name) {
    requireArguments(arguments.length, 1, 'Headers.get');
    return this.#list.get(name) ?? null;
  }

  /** Cloudflare's older name for `getSetCookie`. */
  getAll(name) {
    if (String(name).toLowerCase() !== 'set-cookie') {
      throw new TypeError('getAll() can only be used with the header name "Set-Cookie".');
    }
    return this.#list.getSetCookie();
  }

  getSetCookie() { return this.#list.getSetCookie(); }

  has(name) {
    requireArguments(arguments.length, 1, 'Headers.has');
    return this.#list.has(name);
  }

  set(name, value) {
    requireArguments(arguments.length, 2, 'Headers.set');
    if (this.#immutable) immutable();
    this.#list.set(name, value);
  }

  static {
    listOf = (headers) => headers.#list;
    isHeaders = (value) => typeof value === 'object' && value !== null && #list in value;
    const pairAt = (headers, index) => {
      const { version } = headers.#list;
      if (version !== headers.#pairsVersion) {
        headers.#pairs = headers.#list.entries();
        headers.#pairsVersion = version;
      }
      const pair = headers.#pairs[index];
      // the copy stays ours: a worker may write into the array it is given
      return pair === undefined ? undefined : [pair[0], pair[1]];
    };
    pairIterable('Headers', Headers, { check: (headers) => (headers.#list, headers), pairAt });
  }
}

function immutable() {
  throw new TypeError("Can't modify immutable headers. Copy them first: new Response(body, response) or new Headers(headers).");
}

function toPair(item) {
  const pair = Array.isArray(item) ? item : toSequence(item, String, 'Each header');
  if (pair.length !== 2) throw new TypeError('Each header must be a [name, value] pair.');
  return pair;
}

/** Appends what a HeadersInit holds: Headers, a record, or pairs. */
export function fillHeaders(list, init) {
  if (init === null || (typeof init !== 'object' && typeof init !== 'function')) {
    throw new TypeError('Headers must be given as Headers, an object, or a list of [name, value] pairs.');
  }
  const method = init[Symbol.iterator];
  if (method === entries && isHeaders(init)) {
    list.appendAll(listOf(init));
  } else if (method !== undefined && method !== null) {
    for (const pair of iterated(init, method, toPair, 'Headers')) list.append(pair[0], pair[1]);
  } else if (!list.appendRecord(init)) {
    for (const [name, value] of recordPairs(init, toByteString)) list.append(name, value);
  }
}

const { entries } = Headers.prototype;

export { HeaderList, listOf };

export function install() {
  exposeInterfaces({ Headers });
}
