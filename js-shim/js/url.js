// URL and URLSearchParams (URL standard sections 6.1 and 6.2), over the Rust classes UrlRecord and ParamList.

import { iterated, recordPairs, toSequence, toUsvString } from './convert.js';
import { exposeInterfaces, kInternal, pairIterable, requireArguments } from './webidl.js';

const { ParamList, parseUrl } = native;

let isSearchParams;
let reload;

function toPair(item) {
  const pair = toSequence(item, toUsvString, 'URLSearchParams: each item');
  if (pair.length !== 2) throw new TypeError('URLSearchParams: each item must be a [name, value] pair.');
  return pair;
}

export class URLSearchParams {
  #list;
  #record = null;

  constructor(init = '', record = undefined) {
    this.#list = new ParamList();
    if (init === kInternal) {
      this.#record = record;
      this.#list.parse(record.search().slice(1));
    } else if ((typeof init === 'object' && init !== null) || typeof init === 'function') {
      this.#fill(init);
    } else {
      const query = String(init);
      this.#list.parse(query[0] === '?' ? query.slice(1) : query);
    }
  }

  #fill(init) {
    const list = this.#list;
    const method = init[Symbol.iterator];
    if (method !== undefined && method !== null) {
      for (const [name, value] of iterated(init, method, toPair, 'URLSearchParams')) list.append(name, value);
    } else if (!list.appendRecord(init)) {
      for (const [name, value] of recordPairs(init, toUsvString)) list.set(name, value);
    }
  }

  #changed() {
    if (this.#record !== null) this.#record.setQuery(this.#list.serialize());
  }

  get size() { return this.#list.size; }

  append(name, value) {
    requireArguments(arguments.length, 2, 'URLSearchParams.append');
    this.#list.append(name, value);
    this.#changed();
  }

  delete(name, value = undefined) {
    requireArguments(arguments.length, 1, 'URLSearchParams.delete');
    this.#list.delete(name, value);
    this.#changed();
  }

  get(name) {
    requireArguments(arguments.length, 1, 'URLSearchParams.get');
    return this.#list.get(name) ?? null;
  }

  getAll(name) {
    requireArguments(arguments.length, 1, 'URLSearchParams.getAll');
    return this.#list.getAll(name);
  }

  has(name, value = undefined) {
    requireArguments(arguments.length, 1, 'URLSearchParams.has');
    return this.#list.has(name, value);
  }

  set(name, value) {
    requireArguments(arguments.length, 2, 'URLSearchParams.set');
    this.#list.set(name, value);
    this.#changed();
  }

  sort() {
    this.#list.sort();
    this.#changed();
  }

  toString() { return this.#list.serialize(); }

  static {
    isSearchParams = (value) => typeof value === 'object' && value !== null && #list in value;
    reload = (params) => params.#list.parse(params.#record.search().slice(1));
    pairIterable('URLSearchParams', URLSearchParams, { check: (params) => params.#list, pairAt: (list, index) => list.at(index) });
  }
}

export class URL {
  #record;
  #params = null;

  constructor(url, base = undefined) {
    if (url === kInternal) {
      this.#record = base;
      return;
    }
    requireArguments(arguments.length, 1, 'URL');
    const record = parseUrl(url, base);
    if (record === undefined) {
      throw new TypeError(base === undefined ? `Invalid URL string: ${url}` : `Invalid URL string: ${url} (base ${base})`);
    }
    this.#record = record;
  }

  static canParse(url, base = undefined) {
    requireArguments(arguments.length, 1, 'URL.canParse');
    return parseUrl(url, base) !== undefined;
  }

  static parse(url, base = undefined) {
    requireArguments(arguments.length, 1, 'URL.parse');
    const record = parseUrl(url, base);
    return record === undefined ? null : new URL(kInternal, record);
  }

  #set(part, value) {
    this.#record.set(part, value);
  }

  get href() { return this.#record.href(); }
  set href(value) {
    if (!this.#record.setHref(value)) throw new TypeError(`Invalid URL string: ${value}`);
    if (this.#params !== null) reload(this.#params);
  }

  get origin() { return this.#record.origin(); }

  get protocol() { return this.#record.protocol(); }
  set protocol(value) { this.#set('protocol', value); }

  get username() { return this.#record.username(); }
  set username(value) { this.#set('username', value); }

  get password() { return this.#record.password(); }
  set password(value) { this.#set('password', value); }

  get host() { return this.#record.host(); }
  set host(value) { this.#set('host', value); }

  get hostname() { return this.#record.hostname(); }
  set hostname(value) { this.#set('hostname', value); }

  get port() { return this.#record.port(); }
  set port(value) { this.#set('port', value); }

  get pathname() { return this.#record.pathname(); }
  set pathname(value) { this.#set('pathname', value); }

  get search() { return this.#record.search(); }
  set search(value) {
    this.#set('search', value);
    if (this.#params !== null) reload(this.#params);
  }

  get searchParams() {
    this.#params ??= new URLSearchParams(kInternal, this.#record);
    return this.#params;
  }

  get hash() { return this.#record.hash(); }
  set hash(value) { this.#set('hash', value); }

  toString() { return this.#record.href(); }
  toJSON() { return this.#record.href(); }
}

export { isSearchParams };

export function install() {
  exposeInterfaces({ URL, URLSearchParams });
}
