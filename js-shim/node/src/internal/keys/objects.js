// KeyObject and what it is of: secret, public or private.

import { Buffer } from '../../buffer.js';
import { invalidArgType, invalidArgValue, notSupported, requireObject, requireOneOf } from '../errors.js';
import { encoderOf } from './encodings.js';
import { detailsOf, exportPkcs8, exportSpki } from './export.js';
import { exportSecretJwk } from './jwk.js';
import { Material } from './material.js';

let materialIn;
let holdsMaterial;

export class KeyObject {
  #type;
  #material;

  constructor(type, handle) {
    if (type !== 'secret' && type !== 'public' && type !== 'private') throw invalidArgValue('type', type);
    if (!(handle instanceof Material)) throw invalidArgType('handle', 'of type object', handle);
    this.#type = type;
    this.#material = handle;
  }

  static from(key) {
    if (!(key instanceof CryptoKey)) throw invalidArgType('key', 'CryptoKey', key);
    throw notSupported('KeyObject.from() is');
  }

  get type() { return this.#type; }

  equals(otherKeyObject) {
    if (!isKeyObject(otherKeyObject)) throw invalidArgType('otherKeyObject', 'KeyObject', otherKeyObject);
    if (otherKeyObject.type !== this.#type) return false;
    const [one, other] = [this, otherKeyObject].map((key) => bytesToCompare(key.#type, key.#material));
    return one.length === other.length && one.reduce((difference, byte, index) => difference | (byte ^ other[index]), 0) === 0;
  }

  static {
    materialIn = (key) => key.#material;
    holdsMaterial = (value) => #material in value;
  }
}
Object.defineProperty(KeyObject.prototype, Symbol.toStringTag, { value: 'KeyObject', configurable: true });

function bytesToCompare(type, material) {
  if (type === 'secret') return material.secret;
  return type === 'public' ? exportSpki(material) : exportPkcs8(material);
}

export const isKeyObject = (value) => typeof value === 'object' && value !== null && holdsMaterial(value);
export const materialOf = (key) => materialIn(key);

export class SecretKeyObject extends KeyObject {
  constructor(material) { super('secret', material); }

  get symmetricKeySize() { return materialOf(this).secret.length; }

  export(options = undefined) {
    if (options !== undefined) {
      requireObject('options', options);
      requireOneOf('options.format', options.format, [undefined, 'buffer', 'jwk']);
      if (options.format === 'jwk') return exportSecretJwk(materialOf(this));
    }
    return Buffer.from(materialOf(this).secret);
  }
}

class AsymmetricKeyObject extends KeyObject {
  get asymmetricKeyType() { return materialOf(this).kind.type; }
  get asymmetricKeyDetails() { return detailsOf(materialOf(this)); }

  export(options = undefined) {
    return encoderOf(options, this.asymmetricKeyType, this.type === 'private')(materialOf(this));
  }
}

export class PublicKeyObject extends AsymmetricKeyObject {
  constructor(material) { super('public', material); }
}

export class PrivateKeyObject extends AsymmetricKeyObject {
  constructor(material) { super('private', material); }
}
