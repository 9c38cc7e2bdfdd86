// Keys as they are given: PEM, DER, a JSON Web Key, a KeyObject, or one of these with options.

import { isBytes, wholeBytesOf } from '../bytes.js';
import { invalidArgType, invalidArgValue, notSupported } from '../errors.js';
import { malformed, wrongKeyObject } from './errors.js';
import { exportSpki } from './export.js';
import { importCertificate, importPkcs1Private, importPkcs1Public, importPkcs8, importSec1, importSpki, isPkcs1Private } from './import.js';
import { importJwk } from './jwk.js';
import { Material } from './material.js';
import { isKeyObject, materialOf, PrivateKeyObject, PublicKeyObject, SecretKeyObject } from './objects.js';
import { readPem } from './pem.js';

const MEMORY = 'ArrayBuffer, Buffer, TypedArray';
const BYTES = `of type string or an instance of ${MEMORY}, or DataView`;
const BYTES_OR_KEY = `of type string or an instance of ${MEMORY}, DataView, KeyObject, or CryptoKey`;

const PRIVATE_PEM = { 'PRIVATE KEY': importPkcs8, 'RSA PRIVATE KEY': importPkcs1Private, 'EC PRIVATE KEY': importSec1, 'ENCRYPTED PRIVATE KEY': importPkcs8 };
// in the order of OpenSSL
const PUBLIC_PEM = { 'PUBLIC KEY': importSpki, 'RSA PUBLIC KEY': importPkcs1Public, CERTIFICATE: importCertificate, ...PRIVATE_PEM };

const PRIVATE_DER = new Map([['pkcs1', importPkcs1Private], ['pkcs8', importPkcs8], ['sec1', importSec1]]);
const PUBLIC_DER = new Map([...PRIVATE_DER, ['pkcs1', (der) => (isPkcs1Private(der) ? importPkcs1Private : importPkcs1Public)(der)], ['spki', importSpki]]);

/** What a key is given for: which KeyObjects will do, what is said of others, and which encodings there are. */
const PURPOSES = {
  sign: { accepts: ['private'], expected: 'private', wanted: BYTES_OR_KEY, pem: PRIVATE_PEM, der: PRIVATE_DER, isPrivate: true },
  verify: { accepts: ['public', 'private'], expected: 'private or public', wanted: BYTES_OR_KEY, pem: PUBLIC_PEM, der: PUBLIC_DER, isPrivate: false },
  createPublic: { accepts: ['private'], expected: 'private', wanted: BYTES_OR_KEY, pem: PUBLIC_PEM, der: PUBLIC_DER, isPrivate: false },
  createPrivate: { accepts: [], wanted: BYTES, pem: PRIVATE_PEM, der: PRIVATE_DER, isPrivate: true },
};

function decode(bytes, { format, type, passphrase }, { pem, der }) {
  if (format !== undefined && format !== 'pem' && format !== 'der') throw invalidArgValue('options.format', format);
  if (passphrase !== undefined && !isBytes(passphrase)) throw invalidArgValue('options.passphrase', passphrase);
  if (format === 'der') {
    if (!der.has(type)) throw invalidArgValue('options.type', type);
    return der.get(type)(bytes);
  }
  const [label, content] = readPem(bytes, Object.keys(pem)) ?? [];
  if (label === undefined) throw malformed();
  return pem[label](content);
}

/** The material, if it is a KeyObject. */
function given(name, key, { accepts, expected, wanted }) {
  if (key instanceof CryptoKey) throw notSupported('A CryptoKey in place of a KeyObject is');
  if (!isKeyObject(key)) return undefined;
  if (accepts.length === 0) throw invalidArgType(name, wanted, key);
  if (!accepts.includes(key.type)) throw wrongKeyObject(key.type, expected);
  return materialOf(key);
}

function prepare(key, purpose) {
  const whole = given('key', key, purpose);
  if (whole !== undefined) return whole;
  if (isBytes(key)) return decode(wholeBytesOf(key, 'key'), {}, purpose);
  if (typeof key !== 'object' || key === null) throw invalidArgType('key', purpose.wanted, key);
  const { key: data, encoding, format } = key;
  const held = given('key.key', data, purpose);
  if (held !== undefined) return held;
  if (format === 'jwk') return importJwk(data, purpose.isPrivate);
  if (!isBytes(data)) throw invalidArgType('key.key', purpose.wanted, data);
  return decode(wholeBytesOf(data, 'key', encoding), key, purpose);
}

/** For signing, decrypting and the like. */
export const privateMaterialOf = (key) => prepare(key, PURPOSES.sign);
/** For what a public key does; a private one will do. */
export const publicMaterialOf = (key) => prepare(key, PURPOSES.verify);

export const createPrivateKey = (key) => new PrivateKeyObject(prepare(key, PURPOSES.createPrivate));

export function createPublicKey(key) {
  const material = prepare(key, PURPOSES.createPublic);
  return new PublicKeyObject(material.isPrivate ? importSpki(exportSpki(material)) : material);
}

export function createSecretKey(key, encoding = undefined) {
  if (!isBytes(key)) throw invalidArgType('key', `an instance of ${MEMORY}, or DataView`, key);
  return new SecretKeyObject(new Material({ secret: wholeBytesOf(key, 'key', encoding).slice() }));
}

/** The bytes of a secret key, which may be given as they are. */
export function secretOf(key, name, encoding = undefined) {
  if (isKeyObject(key)) {
    if (key.type !== 'secret') throw wrongKeyObject(key.type, 'secret');
    return materialOf(key).secret;
  }
  if (key instanceof CryptoKey) throw notSupported('A CryptoKey in place of a KeyObject is');
  if (!isBytes(key)) throw invalidArgType(name, BYTES_OR_KEY, key);
  return wholeBytesOf(key, name, encoding);
}
