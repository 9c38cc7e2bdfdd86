// ECDSA and ECDH (sections 23 and 24).

import { answer, dataError, domString, notSupported, required, seed } from './convert.js';
import { checkJwk, decode, describe, encode } from './jwk.js';
import { checkUsages, intersect, requireUsages } from './key.js';
import { exportDer, firstBits, keyPair, otherKey, requireType } from './pair.js';
import { hashName, register } from './registry.js';

const {
  ecExportPkcs8, ecExportRaw, ecExportSpki, ecGenerate, ecImportJwkPrivate, ecImportJwkPublic, ecImportPkcs8,
  ecImportRaw, ecImportSpki, ecScalar, ecdhDerive, ecdsaSign, ecdsaVerify,
} = native.crypto;

/** The curves, with the "alg" of ECDSA for each. */
const CURVES = { 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512' };

const SIGNING = { public: ['verify'], private: ['sign'], use: 'sig' };
const AGREEING = { public: [], private: ['deriveKey', 'deriveBits'], use: 'enc' };

const curveParams = (algorithm) => ({ namedCurve: domString(required(algorithm, 'namedCurve')) });
const ecdsaParams = (algorithm) => ({ hash: hashName(required(algorithm, 'hash')) });
const ecdhParams = (algorithm) => ({ public: required(algorithm, 'public') });

function checkCurve(namedCurve) {
  if (!Object.hasOwn(CURVES, namedCurve)) {
    throw notSupported(`"${namedCurve}" is not one of the curves ${Object.keys(CURVES).join(', ')}.`);
  }
}

function generate(name, kind) {
  return ({ namedCurve }, extractable, usages) => {
    checkUsages(usages, [...kind.public, ...kind.private], name);
    checkCurve(namedCurve);
    const privateUsages = intersect(usages, kind.private);
    requireUsages(privateUsages);
    const handles = ecGenerate(namedCurve, seed('crypto.subtle.generateKey()'));
    return keyPair({ name, namedCurve }, handles, intersect(usages, kind.public), privateUsages);
  };
}

function importJwk(name, kind, namedCurve, jwk, extractable, usages) {
  checkJwk(jwk, { kty: 'EC', use: kind.use }, extractable, usages);
  if (jwk.crv !== namedCurve) throw dataError(`The JSON Web Key must have "crv": "${namedCurve}".`);
  if (name === 'ECDSA' && jwk.alg !== undefined && jwk.alg !== CURVES[namedCurve]) {
    throw dataError(`The JSON Web Key must have "alg": "${CURVES[namedCurve]}", if any.`);
  }
  const [x, y] = [decode(jwk, 'x'), decode(jwk, 'y')];
  if (jwk.d === undefined) return ecImportJwkPublic(namedCurve, x, y);
  return ecImportJwkPrivate(namedCurve, x, y, decode(jwk, 'd'));
}

function importKey(name, kind) {
  return ({ namedCurve }, format, data, extractable, usages) => {
    const isPrivate = format === 'pkcs8' || format === 'jwk' && data.d !== undefined;
    checkUsages(usages, isPrivate ? kind.private : kind.public, name);
    checkCurve(namedCurve);
    let handle;
    if (format === 'spki') handle = ecImportSpki(namedCurve, data);
    else if (format === 'pkcs8') handle = ecImportPkcs8(namedCurve, data);
    else if (format === 'raw') handle = ecImportRaw(namedCurve, data);
    else handle = importJwk(name, kind, namedCurve, data, extractable, usages);
    return { type: isPrivate ? 'private' : 'public', algorithm: { name, namedCurve }, handle: answer(handle, 'DataError') };
  };
}

function exportKey(format, key) {
  if (format !== 'jwk') return exportDer(format, key, { raw: ecExportRaw, spki: ecExportSpki, pkcs8: ecExportPkcs8 });
  // an uncompressed point: 4, x, y
  const point = answer(ecExportRaw(key.handle), 'OperationError');
  const middle = (point.byteLength + 1) / 2;
  const jwk = {
    kty: 'EC', crv: key.algorithm.namedCurve, x: encode(point.slice(1, middle)), y: encode(point.slice(middle)),
  };
  if (key.type === 'private') jwk.d = encode(answer(ecScalar(key.handle), 'OperationError'));
  return { ...jwk, ...describe(key) };
}

function keyOperations(name, kind) {
  return {
    generateKey: { params: curveParams, run: generate(name, kind) },
    importKey: { params: curveParams, run: importKey(name, kind) },
    exportKey: { run: exportKey },
  };
}

export function install() {
  register('ECDSA', {
    sign: {
      params: ecdsaParams,
      run({ hash }, key, data) {
        requireType(key, 'private');
        return answer(ecdsaSign(hash, key.handle, data), 'OperationError');
      },
    },
    verify: {
      params: ecdsaParams,
      run({ hash }, key, signature, data) {
        requireType(key, 'public');
        return answer(ecdsaVerify(hash, key.handle, signature, data), 'OperationError');
      },
    },
    ...keyOperations('ECDSA', SIGNING),
  });
  register('ECDH', {
    deriveBits: {
      params: ecdhParams,
      run(normalized, key, length) {
        const other = otherKey(key, normalized.public);
        return firstBits(answer(ecdhDerive(key.handle, other), 'OperationError'), length);
      },
    },
    ...keyOperations('ECDH', AGREEING),
  });
}
