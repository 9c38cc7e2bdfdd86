// crypto: random values, and the doors to SubtleCrypto and DigestStream (Web Cryptography section 10).

import * as aes from './crypto/aes.js';
import * as digest from './crypto/digest.js';
import * as digestStream from './crypto/digest-stream.js';
import * as ec from './crypto/ec.js';
import * as hmac from './crypto/hmac.js';
import * as kdf from './crypto/kdf.js';
import * as okp from './crypto/okp.js';
import * as rsa from './crypto/rsa.js';
import { CryptoKey } from './crypto/key.js';
import { SubtleCrypto } from './crypto/subtle.js';
import { DOMException } from './dom-exception.js';
import { QuotaExceededError } from './quota-exceeded-error.js';
import { exposeInterfaces, exposeReplaceable, kInternal, requireArguments } from './webidl.js';

const { disallow, randomBytes } = native;

const MAX_RANDOM_BYTES = 65_536;
const INTEGER_ARRAYS = [
  'Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array',
  'BigInt64Array', 'BigUint64Array',
];
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

// the kind of a typed array, whatever its prototype
const { get: kindOf } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag);

class Crypto {
  #subtle;

  constructor(token = undefined) {
    if (token !== kInternal) throw new TypeError('Illegal constructor');
    this.#subtle = new SubtleCrypto(kInternal);
  }

  get subtle() { return this.#subtle; }

  getRandomValues(array) {
    this.#subtle;
    requireArguments(arguments.length, 1, 'crypto.getRandomValues');
    if (!ArrayBuffer.isView(array)) throw new TypeError('crypto.getRandomValues: the argument must be a typed array.');
    if (!INTEGER_ARRAYS.includes(Reflect.apply(kindOf, array, []))) {
      throw new DOMException('crypto.getRandomValues: the argument must be an integer typed array.', 'TypeMismatchError');
    }
    if (array.byteLength > MAX_RANDOM_BYTES) {
      throw new QuotaExceededError(`getRandomValues() only accepts buffers of size <= 64K but provided ${array.byteLength} bytes.`);
    }
    disallow('crypto.getRandomValues()');
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength).set(new Uint8Array(randomBytes(array.byteLength)));
    return array;
  }

  randomUUID() {
    this.#subtle;
    disallow('crypto.randomUUID()');
    const b = new Uint8Array(randomBytes(16));
    // version 4, variant 10 (RFC 9562 section 5.4)
    b[6] = (b[6] & 0x0f) | 0x40;
    b[8] = (b[8] & 0x3f) | 0x80;
    return `${HEX[b[0]]}${HEX[b[1]]}${HEX[b[2]]}${HEX[b[3]]}-${HEX[b[4]]}${HEX[b[5]]}-${HEX[b[6]]}${HEX[b[7]]}-${HEX[b[8]]}${HEX[b[9]]}-${HEX[b[10]]}${HEX[b[11]]}${HEX[b[12]]}${HEX[b[13]]}${HEX[b[14]]}${HEX[b[15]]}`;
  }

  /** Of Workers. */
  get DigestStream() {
    this.#subtle;
    return digestStream.DigestStream;
  }
}

export function install() {
  for (const algorithm of [digest, aes, hmac, kdf, rsa, ec, okp]) algorithm.install();
  digestStream.install();
  exposeInterfaces({ Crypto, CryptoKey, SubtleCrypto });
  exposeReplaceable('crypto', new Crypto(kInternal));
}
