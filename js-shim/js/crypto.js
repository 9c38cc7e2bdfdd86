// crypto: random values and digests (Web Cryptography).

import { requireBytes } from './bytes.js';
import { DOMException } from './dom-exception.js';
import { exposeInterfaces, exposeReplaceable, kInternal } from './webidl.js';

const { digest, disallow, randomBytes } = native;

const MAX_RANDOM_BYTES = 65_536;
const INTEGER_ARRAYS = [
  Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, BigInt64Array, BigUint64Array,
];
const DIGESTS = new Map(['MD5', 'SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'].map((name) => [name, name]));
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

class SubtleCrypto {
  #token;

  constructor(token = undefined) {
    if (token !== kInternal) throw new TypeError('Illegal constructor');
    this.#token = token;
  }

  async digest(algorithm, data) {
    const given = typeof algorithm === 'object' && algorithm !== null ? algorithm.name : algorithm;
    const name = DIGESTS.get(String(given).toUpperCase());
    if (name === undefined) throw new DOMException(`Unrecognized digest algorithm "${given}": use one of ${[...DIGESTS.keys()].join(', ')}.`, 'NotSupportedError');
    return digest(name, requireBytes(data, 'crypto.subtle.digest: the data'));
  }
}

class Crypto {
  #subtle;

  constructor(token = undefined) {
    if (token !== kInternal) throw new TypeError('Illegal constructor');
    this.#subtle = new SubtleCrypto(kInternal);
  }

  get subtle() { return this.#subtle; }

  getRandomValues(array) {
    if (!INTEGER_ARRAYS.some((Type) => array instanceof Type)) {
      throw new DOMException('crypto.getRandomValues: the argument must be an integer typed array.', 'TypeMismatchError');
    }
    if (array.byteLength > MAX_RANDOM_BYTES) {
      throw new DOMException(`getRandomValues() only accepts buffers of size <= 64K but provided ${array.byteLength} bytes.`, 'QuotaExceededError');
    }
    disallow('crypto.getRandomValues()');
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength).set(new Uint8Array(randomBytes(array.byteLength)));
    return array;
  }

  randomUUID() {
    disallow('crypto.randomUUID()');
    const b = new Uint8Array(randomBytes(16));
    // version 4, variant 10 (RFC 9562 section 5.4)
    b[6] = (b[6] & 0x0f) | 0x40;
    b[8] = (b[8] & 0x3f) | 0x80;
    return `${HEX[b[0]]}${HEX[b[1]]}${HEX[b[2]]}${HEX[b[3]]}-${HEX[b[4]]}${HEX[b[5]]}-${HEX[b[6]]}${HEX[b[7]]}-${HEX[b[8]]}${HEX[b[9]]}-${HEX[b[10]]}${HEX[b[11]]}${HEX[b[12]]}${HEX[b[13]]}${HEX[b[14]]}${HEX[b[15]]}`;
  }
}

export function install() {
  exposeInterfaces({ Crypto, SubtleCrypto });
  exposeReplaceable('crypto', new Crypto(kInternal));
}
