// JSON Web Keys (RFC 7518, 8037).

import { primitives } from 'glowplug:node';

import { Buffer } from '../../buffer.js';
import { notSupported, requireObject, requireOneOf, requireString } from '../errors.js';
import { answer, invalidJwk } from './errors.js';
import { EC_CURVES, Material, OKP_CURVES, RSA } from './material.js';

const {
  ecExportRaw, ecImportJwkPrivate, ecImportJwkPublic, ecScalar, okpExportPrivate, okpExportRaw, okpImportPrivate, okpImportRaw,
  rsaImportPrivate, rsaImportPublic, rsaPrivateNumbers, rsaPublicNumbers,
} = primitives;

const RSA_NUMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi'];
/** What Node.js knows, in its order. */
const EC_NAMES = ['P-256', 'secp256k1', 'P-384', 'P-521'];
const OKP_NAMES = ['Ed25519', 'Ed448', 'X25519', 'X448'];

const decode = (text) => Buffer.from(text, 'base64url');
const encode = (bytes) => Buffer.from(bytes).toString('base64url');

/** The bytes of members that must be there. */
function members(jwk, names) {
  for (const name of names) requireString(`key.${name}`, jwk[name]);
  return names.map((name) => decode(jwk[name]));
}

function curveOf(jwk, names, curves) {
  requireString('key.crv', jwk.crv);
  requireOneOf('key.crv', jwk.crv, names);
  const kind = curves.find(({ curve }) => curve === jwk.crv);
  if (kind === undefined) throw notSupported(`Keys on the curve ${jwk.crv} are`);
  return kind;
}

/** A number as long as the curve's field. */
function padded(bytes, { size }) {
  if (bytes.length > size) throw invalidJwk('EC key');
  return Buffer.concat([Buffer.alloc(size - bytes.length), bytes]);
}

const IMPORTERS = {
  RSA(jwk, isPrivate) {
    const [n, e] = members(jwk, ['n', 'e']);
    if (!isPrivate) return [RSA, rsaImportPublic(n, e)];
    const [d, p, q] = members(jwk, RSA_NUMBERS);
    return [RSA, rsaImportPrivate(n, e, d, p, q)];
  },
  EC(jwk, isPrivate) {
    const kind = curveOf(jwk, EC_NAMES, EC_CURVES);
    const numbers = members(jwk, isPrivate ? ['x', 'y', 'd'] : ['x', 'y']).map((bytes) => padded(bytes, kind));
    return [kind, (isPrivate ? ecImportJwkPrivate : ecImportJwkPublic)(kind.curve, ...numbers)];
  },
  OKP(jwk, isPrivate) {
    const kind = curveOf(jwk, OKP_NAMES, OKP_CURVES);
    const [x, d] = members(jwk, isPrivate ? ['x', 'd'] : ['x']);
    return [kind, isPrivate ? okpImportPrivate(kind.curve, d) : okpImportRaw(kind.curve, x)];
  },
};

/** A public key may be told by a private one. */
export function importJwk(jwk, isPrivate) {
  requireObject('key.key', jwk);
  requireOneOf('key.kty', jwk.kty, Object.keys(IMPORTERS));
  const [kind, handle] = IMPORTERS[jwk.kty](jwk, isPrivate);
  return new Material({ kind, handle: answer(handle, () => invalidJwk(jwk.kty === 'OKP' ? 'data' : `${jwk.kty} key`)), isPrivate });
}

function exportRsa({ handle }, isPrivate) {
  const [n, e] = answer(rsaPublicNumbers(handle)).map(encode);
  const jwk = { kty: 'RSA', n, e };
  if (isPrivate) answer(rsaPrivateNumbers(handle)).forEach((number, index) => { jwk[RSA_NUMBERS[index]] = encode(number); });
  return jwk;
}

function exportEc({ kind, handle }, isPrivate) {
  // an uncompressed point: 4, x, y
  const point = new Uint8Array(answer(ecExportRaw(handle)));
  const jwk = { kty: 'EC', x: encode(point.subarray(1, 1 + kind.size)), y: encode(point.subarray(1 + kind.size)), crv: kind.curve };
  return isPrivate ? { ...jwk, d: encode(answer(ecScalar(handle))) } : jwk;
}

function exportOkp({ kind, handle }, isPrivate) {
  return { crv: kind.curve, ...(isPrivate && { d: encode(answer(okpExportPrivate(handle))) }), x: encode(answer(okpExportRaw(handle))), kty: 'OKP' };
}

/** With the members in the order of Node.js. */
export function exportJwk(material, isPrivate) {
  const { type } = material.kind;
  const write = { rsa: exportRsa, ec: exportEc }[type] ?? exportOkp;
  return write(material, isPrivate);
}

export const exportSecretJwk = ({ secret }) => ({ kty: 'oct', k: encode(secret) });
