// createSign(), createVerify(), sign() and verify().

import { Buffer } from '../buffer.js';
import stream from '../stream.js';
import { bytesOf, wholeBytesOf } from './bytes.js';
import { RSA_PKCS1_PSS_PADDING, RSA_PSS_SALTLEN_MAX_SIGN } from './crypto-constants.js';
import { coded, invalidArgType, invalidArgValue, notSupported, requireFunction } from './errors.js';
import { nameOf } from './hashes.js';
import { privateMaterialOf, publicMaterialOf } from './keys/inputs.js';
import { isDsaEncoding, signWith, verifyWith } from './keys/signing.js';
import { later } from './later.js';

function hashOf(algorithm) {
  const name = nameOf(algorithm, 'Invalid digest');
  if (name === 'MD5') throw notSupported('Signatures with MD5 are');
  return name;
}

function integerOption(options, name) {
  const value = options[name];
  if (value !== undefined && value !== value >> 0) throw invalidArgValue(`options.${name}`, value);
  return value;
}

/** What is said with a key of how to sign. */
function optionsOf(key) {
  const padding = integerOption(key, 'padding');
  const saltLength = integerOption(key, 'saltLength') ?? (padding === RSA_PKCS1_PSS_PADDING ? RSA_PSS_SALTLEN_MAX_SIGN : undefined);
  const { dsaEncoding = 'der' } = typeof key === 'object' ? key : {};
  if (!isDsaEncoding(dsaEncoding)) throw invalidArgValue('options.dsaEncoding', dsaEncoding);
  return { padding, saltLength, dsaEncoding };
}

const unsupported = () => coded(Error, 'ERR_CRYPTO_UNSUPPORTED_OPERATION', 'Unsupported crypto operation');
const keyRequired = () => coded(Error, 'ERR_CRYPTO_SIGN_KEY_REQUIRED', 'No key provided to sign');

/** Collects the data, since the primitives take all of it at once. */
class Signing extends stream.Writable {
  #hash;
  #parts = [];

  constructor(algorithm, options = undefined) {
    super(options);
    this.#hash = hashOf(algorithm);
  }

  update(data, encoding = undefined) {
    const bytes = bytesOf(data, 'data', encoding ?? 'utf8');
    if (this.#parts === null) throw coded(Error, 'ERR_CRYPTO_INVALID_STATE', 'Not initialised');
    this.#parts.push(bytes.slice());
    return this;
  }

  _write(chunk, encoding, callback) {
    this.update(chunk, encoding);
    callback();
  }

  /** What there was to sign, once. Ed25519 and Ed448 do not sign piece by piece. */
  _finish(material) {
    if (this.#parts === null) throw coded(Error, 'ERR_CRYPTO_INVALID_STATE', 'Not initialised');
    const data = Buffer.concat(this.#parts);
    this.#parts = null;
    if (material.isEdwards) throw unsupported();
    return [this.#hash, data];
  }
}

export class Sign extends Signing {
  sign(key, outputEncoding = undefined) {
    if (!key) throw keyRequired();
    const material = privateMaterialOf(key);
    const options = optionsOf(key);
    const signature = signWith(material, ...this._finish(material), options);
    return outputEncoding && outputEncoding !== 'buffer' ? signature.toString(outputEncoding) : signature;
  }
}

export class Verify extends Signing {
  verify(key, signature, signatureEncoding = undefined) {
    const material = publicMaterialOf(key);
    const options = optionsOf(key);
    const bytes = wholeBytesOf(signature, 'signature', signatureEncoding);
    return verifyWith(material, ...this._finish(material), bytes, options);
  }
}

function oneShot(algorithm, callback) {
  if (callback !== undefined) requireFunction('callback', callback);
  return algorithm === undefined || algorithm === null ? undefined : hashOf(algorithm);
}

function deliver(callback, compute) {
  if (callback === undefined) return compute();
  later(callback, compute);
  return undefined;
}

export function sign(algorithm, data, key, callback = undefined) {
  const hash = oneShot(algorithm, callback);
  const bytes = wholeBytesOf(data, 'data').slice();
  if (!key) throw keyRequired();
  const material = privateMaterialOf(key);
  const options = optionsOf(key);
  return deliver(callback, () => signWith(material, hash, bytes, options));
}

export function verify(algorithm, data, key, signature, callback = undefined) {
  const hash = oneShot(algorithm, callback);
  const bytes = wholeBytesOf(data, 'data').slice();
  const material = publicMaterialOf(key);
  const options = optionsOf(key);
  if (!ArrayBuffer.isView(signature)) throw invalidArgType('signature', 'an instance of Buffer, TypedArray, or DataView', signature);
  const signed = wholeBytesOf(signature, 'signature').slice();
  return deliver(callback, () => verifyWith(material, hash, bytes, signed, options));
}
