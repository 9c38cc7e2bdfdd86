// What RSA, elliptic curve and octet key pairs share.

import { DOMException } from '../dom-exception.js';
import { answer, notSupported, operationError } from './convert.js';
import { slotsOf } from './key.js';

/** `handles` are those of the public and the private key. */
export function keyPair(algorithm, [publicHandle, privateHandle], publicUsages, privateUsages) {
  return {
    publicKey: { type: 'public', algorithm, handle: publicHandle },
    privateKey: { type: 'private', algorithm, handle: privateHandle },
    publicUsages,
    privateUsages,
  };
}

export function requireType(key, type) {
  if (key.type !== type) throw new DOMException(`The key must be a ${type} key.`, 'InvalidAccessError');
}

/** The formats that are bytes: spki and raw for public keys, pkcs8 for private ones. */
export function exportDer(format, key, exporters) {
  const exporter = exporters[format];
  if (exporter === undefined) throw notSupported(`A key of ${key.algorithm.name} cannot be exported in the format "${format}".`);
  requireType(key, format === 'pkcs8' ? 'private' : 'public');
  return answer(exporter(key.handle), 'OperationError');
}

/** Key agreement: the other side's key, checked against our own. */
export function otherKey(key, other) {
  const slots = slotsOf(other, 'The public key');
  requireType(key, 'private');
  requireType(slots, 'public');
  if (slots.algorithm.name !== key.algorithm.name || slots.algorithm.namedCurve !== key.algorithm.namedCurve) {
    throw new DOMException('The public key is not of the algorithm and curve of the private key.', 'InvalidAccessError');
  }
  return slots.handle;
}

/** The first `length` bits of a secret, all of them if it is null; the rest of the last byte is 0. */
export function firstBits(secret, length) {
  if (length === null) return secret;
  if (length > secret.byteLength * 8) throw operationError(`The secret has ${secret.byteLength * 8} bits only, not ${length}.`);
  const bits = secret.slice(0, Math.ceil(length / 8));
  if (length % 8 !== 0) new Uint8Array(bits)[bits.byteLength - 1] &= 0xff << (8 - (length % 8));
  return bits;
}
