// RSASSA-PKCS1-v1_5, RSA-PSS and RSA-OAEP (sections 20 to 22).

import {
  answer, bytesHeldBy, copyOf, dataError, enforceRange, notSupported, operationError, required, requireBufferSource, seed,
} from './convert.js';
import { checkJwk, decode, describe, encode } from './jwk.js';
import { checkUsages, intersect, requireUsages } from './key.js';
import { exportDer, keyPair, requireType } from './pair.js';
import { hashName, register } from './registry.js';

const {
  rsaExportPkcs8, rsaExportSpki, rsaGenerate, rsaImportPkcs8, rsaImportPrivate, rsaImportPublic, rsaImportSpki,
  rsaOaepDecrypt, rsaOaepEncrypt, rsaPkcs1Sign, rsaPkcs1Verify, rsaPrivateNumbers, rsaPssSign, rsaPssVerify,
  rsaPublicNumbers,
} = native.crypto;

const MAX_LENGTH = 4_294_967_295;
const NUMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi'];
const NO_BYTES = new Uint8Array(0);

const SIGNING = { public: ['verify'], private: ['sign'], use: 'sig' };
const ENCRYPTING = { public: ['encrypt', 'wrapKey'], private: ['decrypt', 'unwrapKey'], use: 'enc' };

/** What the "alg" of a JSON Web Key is for a hash. */
const JWK_ALGS = {
  'RSASSA-PKCS1-v1_5': (bits) => `RS${bits}`,
  'RSA-PSS': (bits) => `PS${bits}`,
  'RSA-OAEP': (bits) => (bits === '1' ? 'RSA-OAEP' : `RSA-OAEP-${bits}`),
};
const jwkAlg = (name, hash) => JWK_ALGS[name](hash.slice('SHA-'.length));

function generateParams(algorithm) {
  const modulusLength = enforceRange(required(algorithm, 'modulusLength'), MAX_LENGTH, 'The modulusLength');
  const publicExponent = required(algorithm, 'publicExponent');
  if (!(publicExponent instanceof Uint8Array)) throw new TypeError('The publicExponent must be a Uint8Array.');
  const hash = required(algorithm, 'hash');
  return { modulusLength, publicExponent: copyOf(publicExponent), hash: hashName(hash) };
}

const importParams = (algorithm) => ({ hash: hashName(required(algorithm, 'hash')) });

function oaepParams({ label }) {
  return { label: label === undefined ? NO_BYTES : copyOf(requireBufferSource(label, 'The label')) };
}

const pssParams = (algorithm) => ({
  saltLength: enforceRange(required(algorithm, 'saltLength'), MAX_LENGTH, 'The saltLength'),
});

/** The standard's [[algorithm]] of a key that was imported. */
function algorithmOf(name, hash, handle) {
  const [n, e] = rsaPublicNumbers(handle).map(bytesHeldBy);
  return { name, modulusLength: n.length * 8 - (Math.clz32(n[0]) - 24), publicExponent: e, hash };
}

function generate(name, { public: publicUsages, private: privateUsages }) {
  return ({ modulusLength, publicExponent, hash }, extractable, usages) => {
    checkUsages(usages, [...publicUsages, ...privateUsages], name);
    const last = publicExponent.at(-1);
    if (last === undefined || last % 2 === 0 || publicExponent.slice(0, -1).every((byte) => byte === 0) && last === 1) {
      throw operationError('The publicExponent must be odd, and at least 3.');
    }
    // before the time it takes to find primes
    requireUsages(intersect(usages, privateUsages));
    const handles = answer(rsaGenerate(modulusLength, publicExponent, seed('crypto.subtle.generateKey()')), 'OperationError');
    const algorithm = { name, modulusLength, publicExponent, hash };
    return keyPair(algorithm, handles, intersect(usages, publicUsages), intersect(usages, privateUsages));
  };
}

function importJwk(jwk) {
  const [n, e] = [decode(jwk, 'n'), decode(jwk, 'e')];
  if (jwk.d === undefined) return rsaImportPublic(n, e);
  if (jwk.oth !== undefined) throw notSupported('RSA keys of more than two primes are not supported.');
  const rest = NUMBERS.filter((name) => name !== 'd');
  const present = rest.filter((name) => jwk[name] !== undefined);
  if (present.length !== 0 && present.length !== rest.length) {
    throw dataError(`The JSON Web Key must have all of ${rest.join(', ')}, or none.`);
  }
  const [p, q] = present.length === 0 ? [NO_BYTES, NO_BYTES] : [decode(jwk, 'p'), decode(jwk, 'q')];
  return rsaImportPrivate(n, e, decode(jwk, 'd'), p, q);
}

function importKey(name, kind) {
  return ({ hash }, format, data, extractable, usages) => {
    const isPrivate = format === 'pkcs8' || format === 'jwk' && data.d !== undefined;
    checkUsages(usages, isPrivate ? kind.private : kind.public, name);
    let handle;
    if (format === 'spki') handle = rsaImportSpki(data);
    else if (format === 'pkcs8') handle = rsaImportPkcs8(data);
    else if (format === 'jwk') {
      checkJwk(data, { kty: 'RSA', use: kind.use }, extractable, usages);
      const alg = jwkAlg(name, hash);
      if (data.alg !== undefined && data.alg !== alg) throw dataError(`The JSON Web Key must have "alg": "${alg}", if any.`);
      handle = importJwk(data);
    } else throw notSupported(`An RSA key cannot be imported from the format "${format}".`);
    answer(handle, 'DataError');
    return { type: isPrivate ? 'private' : 'public', algorithm: algorithmOf(name, hash, handle), handle };
  };
}

function exportKey(format, key) {
  if (format !== 'jwk') return exportDer(format, key, { spki: rsaExportSpki, pkcs8: rsaExportPkcs8 });
  const [n, e] = rsaPublicNumbers(key.handle).map(encode);
  const jwk = { kty: 'RSA', alg: jwkAlg(key.algorithm.name, key.algorithm.hash), n, e };
  if (key.type === 'private') {
    const numbers = answer(rsaPrivateNumbers(key.handle), 'OperationError');
    NUMBERS.forEach((name, index) => { jwk[name] = encode(numbers[index]); });
  }
  return { ...jwk, ...describe(key) };
}

function keyOperations(name, kind) {
  return {
    generateKey: { params: generateParams, run: generate(name, kind) },
    importKey: { params: importParams, run: importKey(name, kind) },
    exportKey: { run: exportKey },
  };
}

export function install() {
  register('RSASSA-PKCS1-v1_5', {
    sign: {
      run(normalized, key, data) {
        requireType(key, 'private');
        return answer(rsaPkcs1Sign(key.algorithm.hash, key.handle, data), 'OperationError');
      },
    },
    verify: {
      run(normalized, key, signature, data) {
        requireType(key, 'public');
        return answer(rsaPkcs1Verify(key.algorithm.hash, key.handle, signature, data), 'OperationError');
      },
    },
    ...keyOperations('RSASSA-PKCS1-v1_5', SIGNING),
  });
  register('RSA-PSS', {
    sign: {
      params: pssParams,
      run({ saltLength }, key, data) {
        requireType(key, 'private');
        return answer(rsaPssSign(key.algorithm.hash, key.handle, saltLength, data, seed('crypto.subtle.sign()')), 'OperationError');
      },
    },
    verify: {
      params: pssParams,
      run({ saltLength }, key, signature, data) {
        requireType(key, 'public');
        return answer(rsaPssVerify(key.algorithm.hash, key.handle, saltLength, signature, data), 'OperationError');
      },
    },
    ...keyOperations('RSA-PSS', SIGNING),
  });
  register('RSA-OAEP', {
    encrypt: {
      params: oaepParams,
      run({ label }, key, data) {
        requireType(key, 'public');
        return answer(rsaOaepEncrypt(key.algorithm.hash, key.handle, label, data, seed('crypto.subtle.encrypt()')), 'OperationError');
      },
    },
    decrypt: {
      params: oaepParams,
      run({ label }, key, data) {
        requireType(key, 'private');
        return answer(rsaOaepDecrypt(key.algorithm.hash, key.handle, label, data), 'OperationError');
      },
    },
    ...keyOperations('RSA-OAEP', ENCRYPTING),
  });
}
