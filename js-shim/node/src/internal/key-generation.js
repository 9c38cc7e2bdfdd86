// generateKeyPair(), generateKey() and their synchronous forms.

import { primitives } from 'glowplug:node';

import { coded, invalidArgValue, notSupported, requireFunction, requireInteger, requireObject, requireOneOf, requireString } from './errors.js';
import { encoderOf } from './keys/encodings.js';
import { answer } from './keys/errors.js';
import { EC_CURVES, Material, OKP_CURVES, RSA } from './keys/material.js';
import { PrivateKeyObject, PublicKeyObject, SecretKeyObject } from './keys/objects.js';
import { later } from './later.js';
import { randomOf, seed } from './seed.js';

const { ecGenerate, okpExportRaw, okpImportPrivate, okpImportRaw, okpLength, rsaGenerate } = primitives;

const MAX_U32 = 2 ** 32 - 1;
const RSA_BITS = [1024, 8192];
const AES_BITS = [128, 192, 256];

export const getCurves = () => EC_CURVES.map(({ namedCurve }) => namedCurve);

function prepareRsa(options) {
  requireObject('options', options);
  const { modulusLength } = options;
  const publicExponent = options.publicExponent ?? 0x10001;
  requireInteger('options.modulusLength', modulusLength, 0, MAX_U32);
  requireInteger('options.publicExponent', publicExponent, 0, MAX_U32);
  return () => {
    if (publicExponent < 3 || publicExponent % 2 === 0) throw new Error('error:020000B2:rsa routines::pub exponent out of range');
    if (modulusLength < RSA_BITS[0] || modulusLength > RSA_BITS[1]) throw notSupported(`A modulus of other than ${RSA_BITS.join(' to ')} bits is`);
    const exponent = new Uint8Array(4);
    new DataView(exponent.buffer).setUint32(0, publicExponent);
    return [RSA, answer(rsaGenerate(modulusLength, exponent, seed()))];
  };
}

function prepareEc(options) {
  requireObject('options', options);
  const { namedCurve, paramEncoding } = options;
  requireString('options.namedCurve', namedCurve);
  if (![undefined, null, 'named', 'explicit'].includes(paramEncoding)) throw invalidArgValue('options.paramEncoding', paramEncoding);
  if (paramEncoding === 'explicit') throw notSupported('The paramEncoding "explicit" is');
  const kind = EC_CURVES.find((curve) => namedCurve === curve.curve || namedCurve === curve.namedCurve);
  if (kind === undefined) throw coded(TypeError, 'ERR_CRYPTO_INVALID_CURVE', 'Invalid EC curve name');
  return () => [kind, answer(ecGenerate(kind.curve, seed()))];
}

const prepareOkp = (kind) => () => () => {
  const privateHandle = answer(okpImportPrivate(kind.curve, randomOf(okpLength(kind.curve))));
  return [kind, [okpImportRaw(kind.curve, new Uint8Array(okpExportRaw(privateHandle))), privateHandle]];
};

/** For each type, what checks the options and gives what generates. */
const TYPES = new Map([['rsa', prepareRsa], ['ec', prepareEc], ...OKP_CURVES.map((kind) => [kind.type, prepareOkp(kind)])]);

/** What writes one of the two keys, if it is to be written. */
function encodingOf(options, name, type, isPrivate) {
  const encoding = options?.[name] ?? undefined;
  if (encoding === undefined) return undefined;
  if (typeof encoding !== 'object') throw invalidArgValue(`options.${name}`, encoding);
  return encoderOf(encoding, type, isPrivate, `options.${name}`);
}

/** Checks everything, and gives what generates the two keys. */
function preparePair(type, options) {
  requireString('type', type);
  const writePublic = encodingOf(options, 'publicKeyEncoding', type, false) ?? ((material) => new PublicKeyObject(material));
  const writePrivate = encodingOf(options, 'privateKeyEncoding', type, true) ?? ((material) => new PrivateKeyObject(material));
  if (options !== undefined) requireObject('options', options);
  if (!TYPES.has(type)) throw invalidArgValue('type', type, 'must be a supported key type');
  const generate = TYPES.get(type)(options);
  return () => {
    const [kind, [publicHandle, privateHandle]] = generate();
    return { publicKey: writePublic(new Material({ kind, handle: publicHandle })), privateKey: writePrivate(new Material({ kind, handle: privateHandle, isPrivate: true })) };
  };
}

export const generateKeyPairSync = (type, options = undefined) => preparePair(type, options)();

export function generateKeyPair(type, options, callback = undefined) {
  const [given, then] = typeof options === 'function' ? [undefined, options] : [options, callback];
  requireFunction('callback', then);
  later(then, preparePair(type, given), ({ publicKey, privateKey }) => [publicKey, privateKey]);
}
// both keys, where a callback's promise has but one result
Object.defineProperty(generateKeyPair, Symbol.for('nodejs.util.promisify.custom'), {
  value: (type, options) => new Promise((resolve, reject) => {
    generateKeyPair(type, options, (error, publicKey, privateKey) => {
      if (error) reject(error);
      else resolve({ publicKey, privateKey });
    });
  }),
});

function prepareSecret(type, options) {
  requireString('type', type);
  requireObject('options', options);
  const { length } = options;
  if (type === 'hmac') requireInteger('options.length', length, 8);
  else if (type === 'aes') requireOneOf('options.length', length, AES_BITS);
  else throw invalidArgValue('type', type, 'must be a supported key type');
  return () => new SecretKeyObject(new Material({ secret: randomOf(Math.floor(length / 8)) }));
}

export const generateKeySync = (type, options) => prepareSecret(type, options)();

export function generateKey(type, options, callback) {
  requireFunction('callback', callback);
  later(callback, prepareSecret(type, options));
}
