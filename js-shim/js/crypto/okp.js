// Ed25519, X25519 (sections 25 and 26), Ed448 and X448 (Secure Curves), and the old name of Ed25519 in Workers.

import { answer, dataError, notSupported, required } from './convert.js';
import { checkJwk, decode, describe, encode } from './jwk.js';
import { checkUsages, intersect, requireUsages } from './key.js';
import { exportDer, firstBits, keyPair, otherKey, requireType } from './pair.js';
import { register } from './registry.js';

const {
  okpDerive, okpExportPkcs8, okpExportPrivate, okpExportRaw, okpExportSpki, okpImportJwkPrivate, okpImportPkcs8,
  okpImportPrivate, okpImportRaw, okpImportSpki, okpLength, okpSign, okpVerify,
} = native.crypto;
const { disallow, randomBytes } = native;

const SIGNING = { public: ['verify'], private: ['sign'], use: 'sig' };
const AGREEING = { public: [], private: ['deriveKey', 'deriveBits'], use: 'enc' };

const agreementParams = (algorithm) => ({ public: required(algorithm, 'public') });

/** `algorithm` is what every key of it has; `curve` its name in JSON Web Keys. */
function keyOperations(algorithm, curve, kind) {
  const { name } = algorithm;

  function generate(params, extractable, usages) {
    checkUsages(usages, [...kind.public, ...kind.private], name);
    const privateUsages = intersect(usages, kind.private);
    requireUsages(privateUsages);
    disallow('crypto.subtle.generateKey()');
    const privateHandle = answer(okpImportPrivate(curve, new Uint8Array(randomBytes(okpLength(curve)))), 'OperationError');
    const publicHandle = okpImportRaw(curve, new Uint8Array(okpExportRaw(privateHandle)));
    return keyPair(algorithm, [publicHandle, privateHandle], intersect(usages, kind.public), privateUsages);
  }

  function importJwk(jwk, extractable, usages) {
    checkJwk(jwk, { kty: 'OKP', use: kind.use }, extractable, usages);
    if (jwk.crv !== curve) throw dataError(`The JSON Web Key must have "crv": "${curve}".`);
    if (kind === SIGNING && jwk.alg !== undefined && jwk.alg !== curve && jwk.alg !== 'EdDSA') {
      throw dataError(`The JSON Web Key must have "alg": "${curve}" or "EdDSA", if any.`);
    }
    const x = decode(jwk, 'x');
    return jwk.d === undefined ? okpImportRaw(curve, x) : okpImportJwkPrivate(curve, x, decode(jwk, 'd'));
  }

  function importKey(params, format, data, extractable, usages) {
    const isPrivate = format === 'pkcs8' || format === 'jwk' && data.d !== undefined;
    checkUsages(usages, isPrivate ? kind.private : kind.public, name);
    let handle;
    if (format === 'spki') handle = okpImportSpki(curve, data);
    else if (format === 'pkcs8') handle = okpImportPkcs8(curve, data);
    else if (format === 'raw') handle = okpImportRaw(curve, data);
    else if (format === 'jwk') handle = importJwk(data, extractable, usages);
    else throw notSupported(`A key of ${name} cannot be imported from the format "${format}".`);
    return { type: isPrivate ? 'private' : 'public', algorithm, handle: answer(handle, 'DataError') };
  }

  function exportKey(format, key) {
    if (format !== 'jwk') return exportDer(format, key, { raw: okpExportRaw, spki: okpExportSpki, pkcs8: okpExportPkcs8 });
    const jwk = { kty: 'OKP', crv: curve, x: encode(okpExportRaw(key.handle)) };
    if (kind === SIGNING) jwk.alg = curve;
    if (key.type === 'private') jwk.d = encode(okpExportPrivate(key.handle));
    return { ...jwk, ...describe(key) };
  }

  return { generateKey: { run: generate }, importKey: { run: importKey }, exportKey: { run: exportKey } };
}

function registerSigning(algorithm, curve) {
  register(algorithm.name, {
    sign: {
      run(params, key, data) {
        requireType(key, 'private');
        return answer(okpSign(key.handle, data), 'OperationError');
      },
    },
    verify: {
      run(params, key, signature, data) {
        requireType(key, 'public');
        return answer(okpVerify(key.handle, signature, data), 'OperationError');
      },
    },
    ...keyOperations(algorithm, curve, SIGNING),
  });
}

function registerAgreement(curve) {
  register(curve, {
    deriveBits: {
      params: agreementParams,
      run(normalized, key, length) {
        const other = otherKey(key, normalized.public);
        return firstBits(answer(okpDerive(key.handle, other), 'OperationError'), length);
      },
    },
    ...keyOperations({ name: curve }, curve, AGREEING),
  });
}

export function install() {
  registerSigning({ name: 'Ed25519' }, 'Ed25519');
  registerSigning({ name: 'Ed448' }, 'Ed448');
  registerSigning({ name: 'NODE-ED25519', namedCurve: 'NODE-ED25519' }, 'Ed25519');
  registerAgreement('X25519');
  registerAgreement('X448');
}
