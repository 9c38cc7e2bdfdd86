// publicEncrypt() and privateDecrypt(): RSAES-OAEP (RFC 8017).

import { primitives } from 'glowplug:node';

import { Buffer } from '../buffer.js';
import { wholeBytesOf } from './bytes.js';
import { RSA_PKCS1_OAEP_PADDING } from './crypto-constants.js';
import { coded, notSupported, requireString } from './errors.js';
import { nameOf } from './hashes.js';
import { answer, notDecoded, tooLarge, wrongOperation } from './keys/errors.js';
import { privateMaterialOf, publicMaterialOf } from './keys/inputs.js';
import { seed } from './seed.js';

const { rsaOaepDecrypt, rsaOaepEncrypt } = primitives;

const NO_LABEL = new Uint8Array(0);

function hashOf(name) {
  let hash;
  try {
    hash = nameOf(name, 'Invalid digest');
  } catch {
    throw coded(Error, 'ERR_OSSL_EVP_INVALID_DIGEST', 'Invalid digest used');
  }
  if (hash === 'MD5') throw notSupported('OAEP with MD5 is');
  return hash;
}

/** What both are given: the key with options, and the bytes. */
function inputs(material, key, buffer) {
  const { oaepHash, oaepLabel, encoding } = key;
  if (oaepHash !== undefined) requireString('key.oaepHash', oaepHash);
  const label = oaepLabel === undefined ? NO_LABEL : wholeBytesOf(oaepLabel, 'key.oaepLabel', encoding);
  const bytes = wholeBytesOf(buffer, 'buffer', encoding);
  if (material.kind.type !== 'rsa') throw wrongOperation();
  if ((key.padding || RSA_PKCS1_OAEP_PADDING) !== RSA_PKCS1_OAEP_PADDING) throw notSupported('Another padding for encryption than RSA_PKCS1_OAEP_PADDING is');
  return [hashOf(oaepHash ?? 'sha1'), material.handle, label, bytes];
}

export function publicEncrypt(key, buffer) {
  const given = inputs(publicMaterialOf(key), key, buffer);
  return Buffer.from(answer(rsaOaepEncrypt(...given, seed()), () => tooLarge()));
}

/** It does not say why it fails, which would help to decrypt what is not one's own. */
export function privateDecrypt(key, buffer) {
  return Buffer.from(answer(rsaOaepDecrypt(...inputs(privateMaterialOf(key), key, buffer)), () => notDecoded()));
}
