// A key as the primitives have it, and the types of keys there are.

import { primitives } from 'glowplug:node';

const { ecExportPkcs8, ecExportSpki, ecImportPkcs8, ecImportSpki, okpExportPkcs8, okpExportSpki, okpImportPkcs8, okpImportSpki, rsaExportPkcs8, rsaExportSpki, rsaImportPkcs8, rsaImportSpki } = primitives;

/** Object identifiers are as in DER, in hexadecimal digits. */
export const EC_PUBLIC_KEY = '2a8648ce3d0201';

const ec = (identifier, curve, namedCurve, size) => ({
  type: 'ec', identifier, curve, namedCurve, size,
  importSpki: (der) => ecImportSpki(curve, der), importPkcs8: (der) => ecImportPkcs8(curve, der), exportSpki: ecExportSpki, exportPkcs8: ecExportPkcs8,
});

const okp = (identifier, curve) => ({
  type: curve.toLowerCase(), identifier, curve,
  importSpki: (der) => okpImportSpki(curve, der), importPkcs8: (der) => okpImportPkcs8(curve, der), exportSpki: okpExportSpki, exportPkcs8: okpExportPkcs8,
});

export const RSA = {
  type: 'rsa', identifier: '2a864886f70d010101',
  importSpki: rsaImportSpki, importPkcs8: rsaImportPkcs8, exportSpki: rsaExportSpki, exportPkcs8: rsaExportPkcs8,
};

/** `curve` is what the primitives and JSON Web Keys call it, `namedCurve` what OpenSSL does; `size` is that of its field in bytes. */
export const EC_CURVES = [ec('2a8648ce3d030107', 'P-256', 'prime256v1', 32), ec('2b81040022', 'P-384', 'secp384r1', 48), ec('2b81040023', 'P-521', 'secp521r1', 66)];
export const OKP_CURVES = [okp('2b656e', 'X25519'), okp('2b656f', 'X448'), okp('2b6570', 'Ed25519'), okp('2b6571', 'Ed448')];

/** What a KeyObject holds: the bytes of a secret, or a handle of the primitives. That of a private key does for its public half as well. */
export class Material {
  constructor({ secret = undefined, kind = undefined, handle = undefined, isPrivate = false }) {
    Object.assign(this, { secret, kind, handle, isPrivate });
  }

  get isEdwards() { return this.kind.type === 'ed25519' || this.kind.type === 'ed448'; }
  get isMontgomery() { return this.kind.type === 'x25519' || this.kind.type === 'x448'; }
}
