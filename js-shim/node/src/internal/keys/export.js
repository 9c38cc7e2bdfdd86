// Keys as DER, and what can be told of them.

import { primitives } from 'glowplug:node';

import { Buffer } from '../../buffer.js';
import { BIT_STRING, context, DerReader, element, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, sequence } from './der.js';
import { answer } from './errors.js';

const { rsaPublicNumbers } = primitives;

export const exportSpki = ({ kind, handle }) => new Uint8Array(answer(kind.exportSpki(handle)));
export const exportPkcs8 = ({ kind, handle }) => new Uint8Array(answer(kind.exportPkcs8(handle)));

/** The public key in a SubjectPublicKeyInfo. */
export function exportPkcs1Public(material) {
  const reader = new DerReader(exportSpki(material)).enter();
  reader.element();
  return reader.read(BIT_STRING).subarray(1);
}

/** The private key in a PKCS #8. */
export function exportPkcs1Private(material) {
  const reader = new DerReader(exportPkcs8(material)).enter();
  reader.read(INTEGER);
  reader.element();
  return reader.read(OCTET_STRING);
}

/** The same, where the curve is named in the key itself. */
export function exportSec1(material) {
  const reader = new DerReader(exportPkcs1Private(material)).enter();
  const [version, scalar] = [reader.element(), reader.element()];
  const curve = element(context(0), element(OBJECT_IDENTIFIER, Buffer.from(material.kind.identifier, 'hex')));
  return sequence(version, scalar, curve, element(context(1), reader.read(context(1))));
}

const bitsOf = (number) => number.length * 8 - (Math.clz32(number[0]) - 24);

export function modulusLengthOf({ handle }) {
  return bitsOf(new Uint8Array(answer(rsaPublicNumbers(handle))[0]));
}

export function detailsOf(material) {
  const { kind, handle } = material;
  if (kind.type === 'ec') return { namedCurve: kind.namedCurve };
  if (kind.type !== 'rsa') return {};
  const exponent = Buffer.from(answer(rsaPublicNumbers(handle))[1]);
  return { modulusLength: modulusLengthOf(material), publicExponent: BigInt(`0x${exponent.toString('hex')}`) };
}
