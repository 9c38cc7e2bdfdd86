// How keys are to be written: the options of export() and of generateKeyPair().

import { Buffer } from '../../buffer.js';
import { isBytes } from '../bytes.js';
import { invalidArgValue, notSupported, requireObject } from '../errors.js';
import { wrongEncoding } from './errors.js';
import { exportPkcs1Private, exportPkcs1Public, exportPkcs8, exportSec1, exportSpki } from './export.js';
import { exportJwk } from './jwk.js';
import { writePem } from './pem.js';

const PUBLIC = new Map([
  ['spki', ['PUBLIC KEY', exportSpki]],
  ['pkcs1', ['RSA PUBLIC KEY', exportPkcs1Public]],
]);
const PRIVATE = new Map([
  ['pkcs8', ['PRIVATE KEY', exportPkcs8]],
  ['pkcs1', ['RSA PRIVATE KEY', exportPkcs1Private]],
  ['sec1', ['EC PRIVATE KEY', exportSec1]],
]);
const ONLY_FOR = { pkcs1: 'rsa', sec1: 'ec' };

function requireUnencrypted({ cipher, passphrase }, where) {
  if (cipher === undefined || cipher === null) {
    if (passphrase !== undefined) throw invalidArgValue(`${where}.cipher`, cipher);
    return;
  }
  if (typeof cipher !== 'string') throw invalidArgValue(`${where}.cipher`, cipher);
  if (!isBytes(passphrase)) throw invalidArgValue(`${where}.passphrase`, passphrase);
  throw notSupported('Encrypting private keys with a passphrase is');
}

function checkedEncoding({ format, type }, keyType, isPrivate, where) {
  if (format !== 'pem' && format !== 'der') throw invalidArgValue(`${where}.format`, format);
  const encoding = (isPrivate ? PRIVATE : PUBLIC).get(type);
  if (encoding === undefined) throw invalidArgValue(`${where}.type`, type);
  const only = ONLY_FOR[type];
  if (only !== undefined && keyType !== only) throw wrongEncoding(type, `can only be used for ${only.toUpperCase()} keys`);
  return encoding;
}

/** What writes keys of the type as the options say; `where` is how these are called. */
export function encoderOf(options, keyType, isPrivate, where = 'options') {
  requireObject('options', options);
  if (options.format === 'jwk') {
    if (isPrivate && options.passphrase !== undefined) throw wrongEncoding('jwk', 'does not support encryption');
    return (material) => exportJwk(material, isPrivate);
  }
  const [label, write] = checkedEncoding(options, keyType, isPrivate, where);
  if (isPrivate) requireUnencrypted(options, where);
  return options.format === 'pem' ? (material) => writePem(label, write(material)) : (material) => Buffer.from(write(material));
}
