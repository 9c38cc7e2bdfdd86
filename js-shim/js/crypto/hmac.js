// HMAC (section 31).

import { answer, dataError, enforceRange, operationError, required } from './convert.js';
import { checkUsages, requireUsages } from './key.js';
import { hashName, register } from './registry.js';
import { exportSecret, importSecret, secretMaterial } from './secret.js';

const { hmacSign, hmacVerify } = native.crypto;
const { randomBytes, disallow } = native;

const USAGES = ['sign', 'verify'];
const BLOCK_BITS = { 'SHA-1': 512, 'SHA-256': 512, 'SHA-384': 1024, 'SHA-512': 1024 };
const MAX_LENGTH = 4_294_967_295;

/** "HS256" and the like. */
const jwkAlg = (hash) => `HS${hash.slice('SHA-'.length)}`;

function params(algorithm) {
  const hash = required(algorithm, 'hash');
  const { length } = algorithm;
  const bits = length === undefined ? undefined : enforceRange(length, MAX_LENGTH, 'The length');
  return { hash: hashName(hash), length: bits };
}

function keyLength({ hash, length }, error) {
  if (length === 0) throw error('The length of a key must not be 0.');
  return length ?? BLOCK_BITS[hash];
}

/** The first `length` bits, the rest of the last byte being 0. */
function firstBits(bytes, length) {
  const first = bytes.slice(0, Math.ceil(length / 8));
  if (length % 8 !== 0) first[first.length - 1] &= 0xff << (8 - (length % 8));
  return first;
}

export function install() {
  register('HMAC', {
    sign: { run: (normalized, key, data) => answer(hmacSign(key.algorithm.hash, key.handle, data), 'OperationError') },
    verify: {
      run: (normalized, key, signature, data) => answer(hmacVerify(key.algorithm.hash, key.handle, signature, data), 'OperationError'),
    },
    generateKey: {
      params,
      run(normalized, extractable, usages) {
        checkUsages(usages, USAGES, 'HMAC');
        const length = keyLength(normalized, operationError);
        requireUsages(usages);
        disallow('crypto.subtle.generateKey()');
        const bytes = firstBits(new Uint8Array(randomBytes(Math.ceil(length / 8))), length);
        return secretMaterial({ name: 'HMAC', length, hash: normalized.hash }, bytes);
      },
    },
    importKey: {
      params,
      run({ hash, length }, format, data, extractable, usages) {
        checkUsages(usages, USAGES, 'HMAC');
        const bytes = importSecret(format, data, { use: 'sig', jwkAlg: () => jwkAlg(hash) }, extractable, usages);
        const bits = bytes.length * 8;
        if (bits === 0) throw dataError('An HMAC key must not be empty.');
        if (length !== undefined && (length > bits || length <= bits - 8)) {
          throw dataError(`The length of ${length} bits is not that of the key, which has ${bits}.`);
        }
        const algorithm = { name: 'HMAC', length: length ?? bits, hash };
        return secretMaterial(algorithm, firstBits(bytes, algorithm.length));
      },
    },
    exportKey: { run: (format, key) => exportSecret(format, key, () => jwkAlg(key.algorithm.hash)) },
    getKeyLength: { params, run: (normalized) => keyLength(normalized, (message) => new TypeError(message)) },
  });
}
