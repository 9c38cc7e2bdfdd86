// node:crypto: hashes, message authentication codes, AES, key derivation, random values, keys that are objects, signatures,
// encryption with RSA and key agreement.

import { createDigest, pbkdf2 as derive, primitives } from 'glowplug:node';

import { Buffer } from './buffer.js';
import { bytesOf } from './internal/bytes.js';
import { Cipheriv, Decipheriv, getCipherInfo, getCiphers } from './internal/ciphers.js';
import * as cryptoConstants from './internal/crypto-constants.js';
import { coded, invalidArgType, invalidArgValue, notImplemented, outOfRange, requireFunction, requireInteger, requireString } from './internal/errors.js';
import { Hash, Hmac, hmacOf, nameOf } from './internal/hashes.js';
import { diffieHellman } from './internal/key-agreement.js';
import { generateKey, generateKeyPair, generateKeyPairSync, generateKeySync, getCurves } from './internal/key-generation.js';
import { createPrivateKey, createPublicKey, createSecretKey, secretOf } from './internal/keys/inputs.js';
import { KeyObject } from './internal/keys/objects.js';
import { later } from './internal/later.js';
import { privateDecrypt, publicEncrypt } from './internal/rsa-encryption.js';
import { Sign, sign, Verify, verify } from './internal/signatures.js';

export {
  Cipheriv, createPrivateKey, createPublicKey, createSecretKey, Decipheriv, diffieHellman, generateKey, generateKeyPair, generateKeyPairSync, generateKeySync,
  getCipherInfo, getCiphers, getCurves, Hash, Hmac, KeyObject, privateDecrypt, publicEncrypt, Sign, sign, Verify, verify,
};
export const constants = { ...cryptoConstants };
export const webcrypto = globalThis.crypto;
export const { subtle } = webcrypto;
export const { CryptoKey } = globalThis;
export const getRandomValues = (array) => webcrypto.getRandomValues(array);
export const randomUUID = (options = undefined) => {
  if (options !== undefined && (typeof options !== 'object' || options === null)) throw invalidArgType('options', 'of type object', options);
  return webcrypto.randomUUID();
};

export const createHash = (algorithm, options = undefined) => new Hash(algorithm, options);
export const createCipheriv = (name, key, iv, options = undefined) => new Cipheriv(name, key, iv, options);
export const createDecipheriv = (name, key, iv, options = undefined) => new Decipheriv(name, key, iv, options);
export const createHmac = (algorithm, key, options = undefined) => new Hmac(algorithm, key, options);
export const createSign = (algorithm, options = undefined) => new Sign(algorithm, options);
export const createVerify = (algorithm, options = undefined) => new Verify(algorithm, options);
export const getHashes = () => ['md5', 'sha1', 'sha256', 'sha384', 'sha512'];
export const hash = (algorithm, data, encoding = 'hex') => createHash(algorithm).update(data).digest(encoding === 'buffer' ? undefined : encoding);

const MAX_AT_ONCE = 65_536;

export function randomFillSync(buffer, offset = 0, size = undefined) {
  const { byteLength, byteOffset = 0 } = buffer;
  const unit = buffer.BYTES_PER_ELEMENT ?? 1;
  const start = byteOffset + offset * unit;
  const length = size === undefined ? byteLength - offset * unit : size * unit;
  if (offset < 0 || length < 0 || offset * unit + length > byteLength) throw outOfRange('size + offset', `<= ${byteLength}`, offset * unit + length);
  const memory = buffer instanceof ArrayBuffer ? buffer : buffer.buffer;
  for (let at = 0; at < length; at += MAX_AT_ONCE) {
    webcrypto.getRandomValues(new Uint8Array(memory, start + at, Math.min(MAX_AT_ONCE, length - at)));
  }
  return buffer;
}

export function randomFill(buffer, ...rest) {
  const callback = rest.pop();
  later(callback, () => randomFillSync(buffer, ...rest));
}

export function randomBytes(size, callback = undefined) {
  if (typeof size !== 'number') throw invalidArgType('size', 'of type number', size);
  if (!(size >= 0 && size <= 2 ** 31 - 1)) throw outOfRange('size', `>= 0 && <= ${2 ** 31 - 1}`, size);
  if (callback === undefined) return randomFillSync(Buffer.alloc(size));
  later(callback, () => randomFillSync(Buffer.alloc(size)));
  return undefined;
}
export const pseudoRandomBytes = randomBytes;

export function randomInt(min, max = undefined, callback = undefined) {
  const isShort = max === undefined || typeof max === 'function';
  const [low, high, then] = isShort ? [0, min, max] : [min, max, callback];
  for (const [name, value] of [['min', low], ['max', high]]) if (!Number.isSafeInteger(value)) throw invalidArgType(name, 'a safe integer', value);
  if (high <= low) throw outOfRange('max', `greater than the value of "min" (${low})`, high);
  const range = high - low;
  if (range > 2 ** 48 - 1) throw outOfRange(isShort ? 'max' : 'max - min', `<= ${2 ** 48 - 1}`, range);
  const draw = () => {
    // numbers from the incomplete last range would come more often
    const limit = 2 ** 48 - 2 ** 48 % range;
    for (;;) {
      const value = randomBytes(6).readUIntBE(0, 6);
      if (value < limit) return low + value % range;
    }
  };
  if (then === undefined) return draw();
  later(then, draw);
  return undefined;
}

export function timingSafeEqual(one, other) {
  const [a, b] = [bytesOf(one, 'buf1'), bytesOf(other, 'buf2')];
  if (a.length !== b.length) throw new TypeError('Input buffers must have the same byte length.');
  let difference = 0;
  for (let index = 0; index < a.length; index += 1) difference |= a[index] ^ b[index];
  return difference === 0;
}

export function pbkdf2Sync(password, salt, iterations, length, digest) {
  requireString('digest', digest);
  const secret = bytesOf(password, 'password');
  const salted = bytesOf(salt, 'salt');
  requireInteger('iterations', iterations, 1);
  requireInteger('keylen', length, 0);
  const name = nameOf(digest, 'Invalid digest');
  if (name === 'MD5') throw notImplemented('crypto.pbkdf2 with MD5');
  return Buffer.from(derive(name, secret, salted, iterations, length));
}

export function pbkdf2(password, salt, iterations, length, digest, callback = undefined) {
  if (typeof digest === 'function') throw invalidArgType('digest', 'of type string', undefined);
  requireFunction('callback', callback);
  const key = pbkdf2Sync(password, salt, iterations, length, digest);
  later(callback, () => key);
}

export function hkdfSync(digest, key, salt, info, length) {
  const name = nameOf(digest, 'Invalid digest');
  const [secret, salted, context] = [secretOf(key, 'ikm'), bytesOf(salt, 'salt'), bytesOf(info, 'info')];
  requireInteger('length', length, 0);
  const size = createDigest(name).digest().byteLength;
  if (length > 255 * size) throw coded(RangeError, 'ERR_CRYPTO_INVALID_KEYLEN', 'Invalid key length');
  const extracted = hmacOf(name, salted, [secret]);
  const blocks = [];
  let last = new Uint8Array(0);
  for (let index = 1; (index - 1) * size < length; index += 1) {
    last = hmacOf(name, extracted, [last, context, Uint8Array.of(index)]);
    blocks.push(last);
  }
  return new Uint8Array(Buffer.concat(blocks).subarray(0, length)).buffer;
}

export function hkdf(digest, key, salt, info, length, callback) {
  requireFunction('callback', callback);
  const derived = hkdfSync(digest, key, salt, info, length);
  later(callback, () => derived);
}

const SCRYPT_NAMES = [['N', 'cost', 16_384], ['r', 'blockSize', 8], ['p', 'parallelization', 1]];

function scryptParameters(options) {
  const values = SCRYPT_NAMES.map(([short, long, normal]) => {
    const [one, other] = [options[short], options[long]];
    if (one !== undefined && other !== undefined) throw coded(Error, 'ERR_CRYPTO_SCRYPT_INVALID_PARAMETER', 'Invalid scrypt parameter');
    const value = one ?? other ?? normal;
    requireInteger(one === undefined ? long : short, value, 0);
    return value || normal;
  });
  const [cost, block, parallel] = values;
  const power = Math.log2(cost);
  if (!Number.isInteger(power) || power === 0 || block * parallel >= 2 ** 30) throw coded(RangeError, 'ERR_CRYPTO_INVALID_SCRYPT_PARAMS', 'Invalid scrypt params');
  const { maxmem = 32 * 1024 * 1024 } = options;
  if (128 * block * (cost + parallel + 2) > (maxmem || 32 * 1024 * 1024)) {
    throw coded(RangeError, 'ERR_CRYPTO_INVALID_SCRYPT_PARAMS', 'Invalid scrypt params: error:030000AC:digital envelope routines::memory limit exceeded');
  }
  return [power, block, parallel];
}

export function scryptSync(password, salt, length, options = {}) {
  const [secret, salted] = [bytesOf(password, 'password'), bytesOf(salt, 'salt')];
  requireInteger('keylen', length, 0);
  return Buffer.from(primitives.scrypt(secret, salted, ...scryptParameters(options), length));
}

export function scrypt(password, salt, length, ...rest) {
  const callback = rest.pop();
  requireFunction('callback', callback);
  const key = scryptSync(password, salt, length, ...rest);
  later(callback, () => key);
}

const absent = (name) => () => { throw notImplemented(`crypto.${name}`); };

export const createDiffieHellman = absent('createDiffieHellman');
export const createECDH = absent('createECDH');
export const privateEncrypt = absent('privateEncrypt');
export const publicDecrypt = absent('publicDecrypt');
export const getFips = () => 0;
export const setFips = (value) => { if (value) throw invalidArgValue('value', value); };

export default {
  Cipheriv, constants, createCipheriv, createDecipheriv, createDiffieHellman, createECDH, createHash, createHmac, createPrivateKey, createPublicKey,
  createSecretKey, createSign, createVerify, CryptoKey, Decipheriv, diffieHellman, generateKey, generateKeyPair, generateKeyPairSync, generateKeySync, getCipherInfo,
  getCiphers, getCurves, getFips, getHashes, getRandomValues, Hash, hash, hkdf, hkdfSync, Hmac, KeyObject, pbkdf2, pbkdf2Sync, privateDecrypt, privateEncrypt,
  pseudoRandomBytes, publicDecrypt, publicEncrypt, randomBytes, randomFill, randomFillSync, randomInt, randomUUID, scrypt, scryptSync, setFips, Sign, sign, subtle,
  timingSafeEqual, Verify, verify, webcrypto,
};
