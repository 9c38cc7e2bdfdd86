// JsonWebKey (RFC 7517, 7518, 8037): the dictionary, what every kind of key checks, and the encoding of numbers.

import { dataError, domString } from './convert.js';

const { base64urlDecode, base64urlEncode } = native.crypto;

const strings = (value) => {
  if (typeof value !== 'object' || value === null || typeof value[Symbol.iterator] !== 'function') {
    throw new TypeError('A member of the JsonWebKey must be a list.');
  }
  return Array.from(value, domString);
};

// in the order of WebIDL, which is that of the alphabet
const MEMBERS = {
  alg: domString, crv: domString, d: domString, dp: domString, dq: domString, e: domString, ext: Boolean, k: domString,
  key_ops: strings, kty: domString, n: domString, oth: (value) => [...value], p: domString, q: domString,
  qi: domString, use: domString, x: domString, y: domString,
};

export function toJsonWebKey(value) {
  const jwk = {};
  if (value === undefined || value === null) return jwk;
  if (typeof value !== 'object' && typeof value !== 'function') throw new TypeError('The key data must be a JsonWebKey.');
  for (const [name, convert] of Object.entries(MEMBERS)) {
    const member = value[name];
    if (member !== undefined) jwk[name] = convert(member);
  }
  return jwk;
}

/** `use` is what the key is for: `sig`, `enc`, or undefined where any will do. */
export function checkJwk(jwk, { kty, use }, extractable, usages) {
  if (jwk.kty !== kty) throw dataError(`The JSON Web Key must have "kty": "${kty}".`);
  if (usages.length > 0 && use !== undefined && jwk.use !== undefined && jwk.use !== use) {
    throw dataError(`The JSON Web Key must have "use": "${use}", if any.`);
  }
  if (jwk.key_ops !== undefined) {
    if (new Set(jwk.key_ops).size !== jwk.key_ops.length) throw dataError('"key_ops" of the JSON Web Key has a value twice.');
    const missing = usages.find((usage) => !jwk.key_ops.includes(usage));
    if (missing !== undefined) throw dataError(`"key_ops" of the JSON Web Key does not allow ${missing}.`);
  }
  if (jwk.ext === false && extractable) throw dataError('The JSON Web Key is not extractable.');
}

/** The bytes of a member. */
export function decode(jwk, name) {
  const text = jwk[name];
  const bytes = text === undefined ? undefined : base64urlDecode(text);
  if (bytes === undefined) throw dataError(`"${name}" of the JSON Web Key is missing or not base64url.`);
  return new Uint8Array(bytes);
}

export function encode(buffer) {
  return base64urlEncode(new Uint8Array(buffer));
}

/** What every exported key has besides its own members. */
export function describe({ usages, extractable }) {
  return { key_ops: [...usages], ext: extractable };
}

