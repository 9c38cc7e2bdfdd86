// createHash() and createHmac(): streams, as in Node.js.

import { createDigest } from 'glowplug:node';

import { Buffer } from '../buffer.js';
import stream from '../stream.js';
import { bytesOf } from './bytes.js';
import { coded, requireString } from './errors.js';
import { secretOf } from './keys/inputs.js';

const NAMES = new Map(['MD5', 'SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'].map((name) => [name.replace('-', '').toLowerCase(), name]));

/** The digest's own name for one of Node.js's. */
export function nameOf(algorithm, problem) {
  requireString('algorithm', algorithm);
  const name = NAMES.get(algorithm.toLowerCase().replace(/^rsa-|withrsaencryption$/, '').replace(/-/g, ''));
  if (name === undefined) throw coded(problem === 'Invalid digest' ? TypeError : Error, problem === 'Invalid digest' ? 'ERR_CRYPTO_INVALID_DIGEST' : 'ERR_OSSL_EVP_UNSUPPORTED', `${problem}: ${algorithm}`);
  return name;
}

function finalized() {
  return coded(Error, 'ERR_CRYPTO_HASH_FINALIZED', 'Digest already called');
}

class Hashing extends stream.Transform {
  #isDone = false;

  update(data, encoding = undefined) {
    if (this.#isDone) throw finalized();
    this._feed(bytesOf(data, 'data', encoding ?? 'utf8'));
    return this;
  }

  digest(encoding = undefined) {
    if (this.#isDone) throw finalized();
    this.#isDone = true;
    const result = Buffer.from(this._finish());
    return encoding === undefined || encoding === null || encoding === 'buffer' ? result : result.toString(encoding);
  }

  get isFinalized() { return this.#isDone; }

  _transform(chunk, encoding, callback) {
    this._feed(bytesOf(chunk, 'chunk', encoding));
    callback();
  }

  _flush(callback) {
    this.push(this.digest());
    callback();
  }
}

export class Hash extends Hashing {
  #name;
  #state;

  constructor(algorithm, options = undefined, state = undefined) {
    super(options);
    this.#name = nameOf(algorithm, 'Digest method not supported');
    this.#state = state ?? createDigest(this.#name);
  }

  copy(options = undefined) {
    if (this.isFinalized) throw finalized();
    return new Hash(this.#name, options, this.#state.clone());
  }

  _feed(bytes) { this.#state.update(bytes); }
  _finish() { return this.#state.digest(); }
}

/** The two hashes of HMAC (RFC 2104). */
class Mac {
  #inner;
  #outer;

  constructor(name, key) {
    const block = name === 'SHA-384' || name === 'SHA-512' ? 128 : 64;
    const padded = new Uint8Array(block);
    if (key.length > block) {
      const digest = createDigest(name);
      digest.update(key);
      padded.set(new Uint8Array(digest.digest()));
    } else {
      padded.set(key);
    }
    [this.#inner, this.#outer] = [0x36, 0x5c].map((pad) => {
      const digest = createDigest(name);
      digest.update(padded.map((byte) => byte ^ pad));
      return digest;
    });
  }

  update(bytes) { this.#inner.update(bytes); }

  digest() {
    this.#outer.update(new Uint8Array(this.#inner.digest()));
    return this.#outer.digest();
  }
}

/** HMAC of the parts one after the other. */
export function hmacOf(name, key, parts) {
  const mac = new Mac(name, key);
  for (const part of parts) mac.update(part);
  return new Uint8Array(mac.digest());
}

export class Hmac extends Hashing {
  #mac;

  constructor(algorithm, key, options = undefined) {
    super(options);
    this.#mac = new Mac(nameOf(algorithm, 'Invalid digest'), secretOf(key, 'key', options?.encoding));
  }

  _feed(bytes) { this.#mac.update(bytes); }
  _finish() { return this.#mac.digest(); }
}
