// diffieHellman(): ECDH, X25519 and X448.

import { primitives } from 'glowplug:node';

import { Buffer } from '../buffer.js';
import { coded, invalidArgValue, requireObject } from './errors.js';
import { answer, notDerived, otherCurve, wrongKeyObject } from './keys/errors.js';
import { KeyObject, materialOf } from './keys/objects.js';

const { ecdhDerive, okpDerive } = primitives;

const AGREEING = ['ec', 'x25519', 'x448'];

export function diffieHellman(options) {
  requireObject('options', options);
  const { privateKey, publicKey } = options;
  if (!(privateKey instanceof KeyObject)) throw invalidArgValue('options.privateKey', privateKey);
  if (!(publicKey instanceof KeyObject)) throw invalidArgValue('options.publicKey', publicKey);
  if (privateKey.type !== 'private') throw wrongKeyObject(privateKey.type, 'private');
  if (publicKey.type === 'secret') throw wrongKeyObject(publicKey.type, 'private or public');
  const [own, other] = [privateKey, publicKey].map(materialOf);
  const types = [own.kind.type, other.kind.type];
  if (types[0] !== types[1] || !AGREEING.includes(types[0])) {
    throw coded(Error, 'ERR_CRYPTO_INCOMPATIBLE_KEY', `Incompatible key types for Diffie-Hellman: ${types.join(' and ')}`);
  }
  if (own.kind !== other.kind) throw otherCurve();
  return Buffer.from(answer((types[0] === 'ec' ? ecdhDerive : okpDerive)(own.handle, other.handle), () => notDerived()));
}
