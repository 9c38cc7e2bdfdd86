// KvNamespace: the Workers KV API. What a namespace holds and allows is the host's to say; here are the arguments,
// the forms of values and the words of errors. Every operation is one subrequest (README.md).

import { Body, parseJson } from './body.js';
import { extractBody } from './body-mixin.js';
import { isBufferSource, toBytes } from './bytes.js';
import { hop } from './fetch.js';
import { HeaderList } from './headers.js';
import { blame } from './pending.js';
import { reasonPhrase } from './reason-phrases.js';
import { isReadableStream } from './streams.js';
import { illegalInvocation, kInternal, shapeInterface } from './webidl.js';

const { callBinding, disallow, utf8Encode } = native;

const MAX_KEY_BYTES = 512;
const MAX_METADATA_BYTES = 1024;
const MAX_BULK_KEYS = 100;
const MAX_LIST_LIMIT = 1000;
const MIN_CACHE_TTL = 30;
const METADATA = 'glowplug-kv-metadata';
const NO_VALUE = 'KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.';

/** One operation on a namespace: where its request goes (`NETWORK` in fetch.js), and how its errors begin. */
class Operation {
  constructor(namespace, name) {
    this.namespace = namespace;
    this.name = name;
    this.label = `env.${namespace}`;
    this.needsBody = true;
    this.entry = null;
  }

  send(method, target, headers, content) { return callBinding(this.namespace, method, target, headers, content); }

  failure(reason) { return blame(new Error(`KV ${this.name} failed: ${reason}`), this.entry); }

  /** Sends a request and gives the answer. */
  ask(method, target, headers = null, body = null) {
    disallow(`KV ${this.name} on ${this.label}`);
    return hop({ method, url: target, headers, body, signal: null }, this);
  }

  /** As `ask`; a status that is not 2xx throws. */
  async require(method, target, headers = null, body = null) {
    return this.check(await this.ask(method, target, headers, body));
  }

  async check(answer) {
    const { status } = answer;
    if (status >= 200 && status <= 299) return answer;
    const message = await this.read(answer, (content) => content.text());
    throw this.failure(`${status} ${message.trim() || reasonPhrase(status)}`);
  }

  /** What `get` reads of the answer's body, which is a BodyHandle or not there. */
  async read({ body }, get) {
    try {
      return await get(new Body(body ?? ''));
    } catch (error) {
      // the body broke off
      throw error instanceof TypeError ? this.failure(error.message) : error;
    }
  }
}

function utf8Length(text) {
  return utf8Encode(text).byteLength;
}

function checkLength(operation, key) {
  // three bytes at most for each unit of UTF-16
  if (key.length * 3 <= MAX_KEY_BYTES) return;
  const length = utf8Length(key);
  if (length > MAX_KEY_BYTES) throw operation.failure(`414 UTF-8 encoded length of ${length} exceeds key length limit of ${MAX_KEY_BYTES}.`);
}

function checkKey(operation, value) {
  const key = `${value}`.toWellFormed();
  if (key === '') throw new TypeError('Key name cannot be empty.');
  if (key === '.' || key === '..') throw new TypeError(`"${key}" is not allowed as a key name.`);
  checkLength(operation, key);
  return key;
}

function valueTarget(key) {
  return `/values/${encodeURIComponent(key)}`;
}

function needArgument(given, position, method, type) {
  if (given < position) throw mismatch(method, position, type);
}

function mismatch(method, position, type) {
  return new TypeError(`Failed to execute '${method}' on 'KvNamespace': parameter ${position} is not of type '${type}'.`);
}

function optionsOf(value, method, position, type) {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' && typeof value !== 'function') throw mismatch(method, position, type);
  return value;
}

/** WebIDL's `long`, as Workers take it: what is no number is 0. */
function toInteger(value) {
  const number = Math.trunc(Number(value)) || 0;
  if (number < -(2 ** 31) || number >= 2 ** 31) throw new TypeError('Value out of range. Must be between -2147483648 and 2147483647 (inclusive).');
  return number;
}

/** The type that a get asks for. */
function readingType(operation, method, options) {
  if (options !== undefined && options !== null && typeof options !== 'object') return `${options}`;
  const { type, cacheTtl } = optionsOf(options, method, 2, 'GetOptions');
  if (cacheTtl !== undefined) {
    const seconds = toInteger(cacheTtl);
    if (seconds < MIN_CACHE_TTL) throw operation.failure(`400 Invalid cache_ttl of ${seconds}. Cache TTL must be at least ${MIN_CACHE_TTL}.`);
  }
  return type === undefined ? 'text' : `${type}`;
}

const READERS = {
  text: (body) => body.text(),
  json: (body) => body.text(),
  arrayBuffer: (body) => body.arrayBuffer(),
  stream: (body) => body.getStream(),
};

async function getOne(namespace, method, name, options) {
  const operation = new Operation(namespace, 'GET');
  const key = checkKey(operation, name);
  const type = readingType(operation, method, options);
  if (!Object.hasOwn(READERS, type)) {
    throw new TypeError('Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".');
  }
  const answer = await operation.ask('GET', valueTarget(key));
  if (answer.status === 404) {
    answer.body?.cancel();
    return { value: null, metadata: null, cacheStatus: null };
  }
  await operation.check(answer);
  const content = await operation.read(answer, READERS[type]);
  const metadata = answer.headers.get(METADATA);
  return {
    value: type === 'json' ? parseJson(content) : content,
    metadata: metadata === undefined ? null : parseJson(decodeURIComponent(metadata)),
    cacheStatus: null,
  };
}

/** A Map of `pick(value, metadata)` for each of the keys; null for those that are not there. */
async function getMany(namespace, method, names, options, pick) {
  const operation = new Operation(namespace, 'GET_BULK');
  const type = readingType(operation, method, options);
  if (type !== 'text' && type !== 'json') throw operation.failure(`400 "${type}" is not a valid type. Use "json" or "text"`);
  if (names.length > MAX_BULK_KEYS) throw operation.failure(`400 You can request a maximum of ${MAX_BULK_KEYS} keys`);
  if (names.length === 0) throw operation.failure('400 You must request a minimum of 1 key');
  const keys = [...new Set(names.map((name) => checkKey(operation, name)))];
  const answer = await operation.require('POST', '/values', null, new Body(JSON.stringify({ keys })));
  const found = parseJson(await operation.read(answer, READERS.text));
  const values = new Map();
  for (const [index, key] of keys.entries()) {
    const entry = found[index] ?? null;
    values.set(key, entry === null ? null : pick(type === 'json' ? parseBulk(operation, entry.value) : entry.value, entry.metadata ?? null));
  }
  return values;
}

function parseBulk(operation, text) {
  try {
    return parseJson(text);
  } catch {
    throw operation.failure('400 At least one of the requested keys corresponds to a non-json value');
  }
}

/** The body of a put. */
function valueBody(value) {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return new Body(`${value}`);
  // not copied: it is sent before anybody can change it
  if (isBufferSource(value)) return new Body(toBytes(value));
  if (!isReadableStream(value)) throw new TypeError(NO_VALUE);
  return extractBody(value)[0];
}

function metadataHeaders(operation, metadata) {
  if (metadata === undefined || metadata === null) return null;
  const text = JSON.stringify(metadata);
  if (text === undefined) throw new TypeError('KV put(): the metadata cannot be written as JSON.');
  const length = utf8Length(text);
  if (length > MAX_METADATA_BYTES) throw operation.failure(`413 Metadata length of ${length} exceeds limit of ${MAX_METADATA_BYTES}.`);
  const headers = new HeaderList();
  headers.append(METADATA, encodeURIComponent(text));
  return headers;
}

function withQuery(target, parameters) {
  const query = parameters.filter(([, value]) => value !== undefined).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return query.length === 0 ? target : `${target}?${query.join('&')}`;
}

function listTarget(operation, options) {
  const { prefix, limit, cursor } = optionsOf(options, 'list', 1, 'ListOptions');
  const text = (value) => (value === undefined || value === null ? undefined : `${value}`.toWellFormed());
  const wanted = limit === undefined ? 0 : toInteger(limit);
  if (wanted > MAX_LIST_LIMIT) throw operation.failure(`400 Invalid key_count_limit of ${wanted}. Please specify an integer less than ${MAX_LIST_LIMIT}.`);
  const start = text(prefix);
  if (start !== undefined) checkLength(operation, start);
  return withQuery('/keys', [['prefix', start], ['limit', wanted > 0 ? wanted : undefined], ['cursor', text(cursor)]]);
}

const onlyValue = (value) => value;
const withMetadata = (value, metadata) => ({ value, metadata });

export class KvNamespace {
  #name;

  constructor(token = undefined, name = undefined) {
    if (token !== kInternal) throw new TypeError('Illegal constructor');
    this.#name = name;
  }

  static #check(namespace) {
    if (typeof namespace !== 'object' || namespace === null || !(#name in namespace)) throw illegalInvocation('env.NAME.get(…)');
    return namespace.#name;
  }

  async get(key, options = undefined) {
    const name = KvNamespace.#check(this);
    needArgument(arguments.length, 1, 'get', 'string or Array');
    if (Array.isArray(key)) return getMany(name, 'get', key, options, onlyValue);
    return (await getOne(name, 'get', key, options)).value;
  }

  async list(options = undefined) {
    const operation = new Operation(KvNamespace.#check(this), 'GET');
    const answer = await operation.require('GET', listTarget(operation, options));
    return { ...parseJson(await operation.read(answer, READERS.text)), cacheStatus: null };
  }

  async put(key, value, options = undefined) {
    const operation = new Operation(KvNamespace.#check(this), 'PUT');
    needArgument(arguments.length, 1, 'put', 'string');
    needArgument(arguments.length, 2, 'put', 'string or Object');
    const target = valueTarget(checkKey(operation, key));
    const { expiration, expirationTtl, metadata } = optionsOf(options, 'put', 3, 'PutOptions');
    const seconds = (given) => (given === undefined ? undefined : toInteger(given));
    const headers = metadataHeaders(operation, metadata);
    const url = withQuery(target, [['expiration', seconds(expiration)], ['expiration_ttl', seconds(expirationTtl)]]);
    const answer = await operation.require('PUT', url, headers, valueBody(value));
    answer.body?.cancel();
  }

  async getWithMetadata(key, options = undefined) {
    const name = KvNamespace.#check(this);
    needArgument(arguments.length, 1, 'getWithMetadata', 'string or Array');
    if (Array.isArray(key)) return getMany(name, 'getWithMetadata', key, options, withMetadata);
    return getOne(name, 'getWithMetadata', key, options);
  }

  async delete(key) {
    const operation = new Operation(KvNamespace.#check(this), 'DELETE');
    needArgument(arguments.length, 1, 'delete', 'string');
    const answer = await operation.require('DELETE', valueTarget(checkKey(operation, key)));
    answer.body?.cancel();
  }
}

export function install() {
  shapeInterface('KvNamespace', KvNamespace);
}
