// Secret keys as raw bytes and as JSON Web Keys of the type "oct": what AES, HMAC, HKDF and PBKDF2 share.

import { dataError, notSupported } from './convert.js';
import { checkJwk, decode, describe, encode } from './jwk.js';

const { secretBytes, secretKey } = native.crypto;

export function secretMaterial(algorithm, bytes) {
  return { type: 'secret', algorithm, handle: secretKey(bytes) };
}

/** The bytes of a key to import. `jwkAlg(bytes)` is the "alg" that a JSON Web Key must have, if any. */
export function importSecret(format, data, { use, jwkAlg }, extractable, usages) {
  if (format === 'raw') return data;
  if (format !== 'jwk') throw notSupported(`A secret key cannot be imported from the format "${format}".`);
  checkJwk(data, { kty: 'oct', use }, extractable, usages);
  const bytes = decode(data, 'k');
  const alg = jwkAlg(bytes);
  if (data.alg !== undefined && data.alg !== alg) throw dataError(`The JSON Web Key must have "alg": "${alg}", if any.`);
  return bytes;
}

export function exportSecret(format, key, jwkAlg) {
  const bytes = secretBytes(key.handle);
  if (format === 'raw') return bytes;
  if (format !== 'jwk') throw notSupported(`A secret key cannot be exported in the format "${format}".`);
  return { kty: 'oct', k: encode(bytes), alg: jwkAlg(new Uint8Array(bytes)), ...describe(key) };
}
