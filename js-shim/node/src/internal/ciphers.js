// createCipheriv() and createDecipheriv(): streams, as in Node.js.

import { createCipher } from 'glowplug:node';

import { Buffer } from '../buffer.js';
import stream from '../stream.js';
import { StringDecoder } from '../string_decoder.js';
import { bytesOf } from './bytes.js';
import { coded, invalidArgType, requireString } from './errors.js';
import { secretOf } from './keys/inputs.js';

const BLOCK = 16;
const MODES = ['cbc', 'ctr', 'ecb', 'gcm'];
const BITS = [128, 192, 256];
const NAMES = BITS.flatMap((bits) => MODES.map((mode) => `aes-${bits}-${mode}`));
const OTHER_NAMES = BITS.flatMap((bits) => [[`aes${bits}`, `aes-${bits}-cbc`], [`id-aes${bits}-gcm`, `aes-${bits}-gcm`]]);
const CIPHERS = new Map([...NAMES.map((name) => [name, name]), ...OTHER_NAMES]);
const NO_BYTES = new Uint8Array(0);

const FAILURES = {
  length: () => coded(Error, 'ERR_OSSL_WRONG_FINAL_BLOCK_LENGTH', 'error:1C80006B:Provider routines::wrong final block length'),
  padding: () => coded(Error, 'ERR_OSSL_BAD_DECRYPT', 'error:1C800064:Provider routines::bad decrypt'),
  tag: () => new Error('Unsupported state or unable to authenticate data'),
};

export const getCiphers = () => [...CIPHERS.keys()].sort();

function describe(name) {
  const known = CIPHERS.get(name.toLowerCase());
  if (known === undefined) return undefined;
  const [, bits, mode] = known.split('-');
  return { mode, keyLength: bits / 8 };
}

const checkIv = ({ mode }, length) => (mode === 'gcm' ? length > 0 : length === (mode === 'ecb' ? 0 : BLOCK));

export function getCipherInfo(name, options = {}) {
  requireString('nameOrNid', name);
  const cipher = describe(name);
  if (cipher === undefined) return undefined;
  const { mode, keyLength } = cipher;
  const ivLength = options.ivLength ?? { ecb: 0, gcm: 12 }[mode] ?? BLOCK;
  if ((options.keyLength ?? keyLength) !== keyLength || !checkIv(cipher, ivLength)) return undefined;
  const blockSize = mode === 'ctr' || mode === 'gcm' ? 1 : BLOCK;
  return { mode, name: CIPHERS.get(name.toLowerCase()), blockSize, ...(ivLength > 0 && { ivLength }), keyLength };
}

const invalidState = (operation) => coded(Error, 'ERR_CRYPTO_INVALID_STATE', `Invalid state${operation === undefined ? '' : ` for operation ${operation}`}`);
const invalidTag = (length) => coded(TypeError, 'ERR_CRYPTO_INVALID_AUTH_TAG', `Invalid authentication tag length: ${length}`);
const isTagLength = (length) => length === 4 || length === 8 || (length >= 12 && length <= BLOCK);

class Ciphering extends stream.Transform {
  #state;
  #mode;
  #tagLength;
  #tag = NO_BYTES;
  #decoder;
  #hasData = false;
  #isDone = false;
  #encrypts;

  constructor(name, key, iv, options, encrypts) {
    super(options);
    requireString('cipher', name);
    const secret = secretOf(key, 'key', options?.encoding);
    if (iv === undefined) throw invalidArgType('iv', 'of type string or an instance of ArrayBuffer, Buffer, TypedArray, or DataView', iv);
    const vector = iv === null ? NO_BYTES : bytesOf(iv, 'iv');
    const cipher = describe(name);
    if (cipher === undefined) throw coded(Error, 'ERR_CRYPTO_UNKNOWN_CIPHER', 'Unknown cipher');
    if (secret.length !== cipher.keyLength) throw coded(RangeError, 'ERR_CRYPTO_INVALID_KEYLEN', 'Invalid key length');
    if (!checkIv(cipher, vector.length)) throw coded(TypeError, 'ERR_CRYPTO_INVALID_IV', 'Invalid initialization vector');
    this.#mode = cipher.mode;
    this.#encrypts = encrypts;
    this.#tagLength = options?.authTagLength;
    if (cipher.mode === 'gcm' && this.#tagLength !== undefined && !isTagLength(this.#tagLength)) throw invalidTag(this.#tagLength);
    this.#state = createCipher(cipher.mode, secret, vector, encrypts);
  }

  #encoded(bytes, encoding, isLast) {
    const result = Buffer.from(bytes);
    if (encoding === undefined || encoding === null || encoding === 'buffer') return result;
    this.#decoder ??= new StringDecoder(encoding);
    return isLast ? this.#decoder.end(result) : this.#decoder.write(result);
  }

  update(data, inputEncoding = undefined, outputEncoding = undefined) {
    const bytes = bytesOf(data, 'data', inputEncoding ?? 'utf8');
    if (this.#isDone) throw new Error('Trying to add data in unsupported state');
    this.#hasData = true;
    return this.#encoded(this.#state.update(bytes), outputEncoding, false);
  }

  final(outputEncoding = undefined) {
    if (this.#isDone) throw invalidState();
    this.#isDone = true;
    const result = this.#state.finish(this.#tag);
    if (typeof result === 'string') throw FAILURES[result]();
    return this.#encoded(result, outputEncoding, true);
  }

  setAutoPadding(pads = true) {
    if (this.#isDone) throw invalidState('setAutoPadding');
    this.#state.pad(Boolean(pads));
    return this;
  }

  setAAD(data, options = undefined) {
    const bytes = bytesOf(data, 'aadbuf', options?.encoding);
    if (this.#mode !== 'gcm' || this.#hasData || this.#isDone) throw invalidState('setAAD');
    this.#state.authenticate(bytes);
    return this;
  }

  /** The tag of what was encrypted. */
  _tag() {
    if (this.#mode !== 'gcm' || !this.#isDone) throw invalidState('getAuthTag');
    return Buffer.from(this.#state.tag().slice(0, this.#tagLength));
  }

  /** The tag that what is decrypted must have. */
  _expect(tag, encoding) {
    const bytes = bytesOf(tag, 'buffer', encoding);
    if (this.#mode !== 'gcm' || this.#isDone || this.#tag.length > 0) throw invalidState('setAuthTag');
    if (!isTagLength(bytes.length) || bytes.length !== (this.#tagLength ?? bytes.length)) throw invalidTag(bytes.length);
    this.#tag = bytes.slice();
    return this;
  }

  _transform(chunk, encoding, callback) {
    this.push(this.update(chunk, encoding));
    callback();
  }

  _flush(callback) {
    try {
      this.push(this.final());
    } catch (error) {
      callback(error);
      return;
    }
    callback();
  }
}

export class Cipheriv extends Ciphering {
  constructor(name, key, iv, options = undefined) { super(name, key, iv, options, true); }
  getAuthTag() { return this._tag(); }
}

export class Decipheriv extends Ciphering {
  constructor(name, key, iv, options = undefined) { super(name, key, iv, options, false); }
  setAuthTag(tag, encoding = undefined) { return this._expect(tag, encoding); }
}
