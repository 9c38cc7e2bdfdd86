// Signatures: RSASSA-PKCS1-v1_5 and RSASSA-PSS (RFC 8017), ECDSA, Ed25519 and Ed448.

import { primitives } from 'glowplug:node';

import { Buffer } from '../../buffer.js';
import { RSA_PKCS1_PADDING, RSA_PKCS1_PSS_PADDING, RSA_PSS_SALTLEN_AUTO, RSA_PSS_SALTLEN_DIGEST } from '../crypto-constants.js';
import { seed } from '../seed.js';
import { DerReader, INTEGER, integer, sequence } from './der.js';
import { answer, tooLarge, wrongDigest, wrongOperation, wrongPadding, wrongSaltLength } from './errors.js';
import { modulusLengthOf } from './export.js';

const { ecdsaSign, ecdsaVerify, okpSign, okpVerify, rsaPkcs1Sign, rsaPkcs1Verify, rsaPssSign, rsaPssVerify } = primitives;

const DEFAULT_HASH = 'SHA-256';
const HASH_LENGTHS = { 'SHA-1': 20, 'SHA-256': 32, 'SHA-384': 48, 'SHA-512': 64 };
/** RSA_PSS_SALTLEN_MAX of OpenSSL. */
const LONGEST = -3;

export const isDsaEncoding = (encoding) => encoding === 'der' || encoding === 'ieee-p1363';

/** The longest salt that fits, negative if none does (RFC 8017 section 9.1.1). */
const longestSalt = (material, hash) => Math.ceil((modulusLengthOf(material) - 1) / 8) - HASH_LENGTHS[hash] - 2;

function saltLengthOf(material, hash, saltLength) {
  if (saltLength < LONGEST) throw wrongSaltLength();
  const most = longestSalt(material, hash);
  if (saltLength === RSA_PSS_SALTLEN_DIGEST) return HASH_LENGTHS[hash];
  return saltLength < 0 ? most : saltLength;
}

/** The lengths to try. Where it is left open, those that occur: of the digest, the longest, none, and of other digests. */
function saltLengthsOf(material, hash, saltLength) {
  const known = saltLengthOf(material, hash, saltLength);
  const lengths = saltLength === RSA_PSS_SALTLEN_AUTO ? [HASH_LENGTHS[hash], known, 0, ...Object.values(HASH_LENGTHS)] : [known];
  const most = longestSalt(material, hash);
  return [...new Set(lengths)].filter((length) => length >= 0 && length <= most);
}

/** A signature of ECDSA is two numbers, in DER or each as long as the curve's field. */
function toDer(signature, { size }) {
  return sequence(integer(signature.subarray(0, size)), integer(signature.subarray(size)));
}

/** Undefined where it is not the one way to write them. */
function fromDer(signature, kind) {
  const joined = Buffer.alloc(2 * kind.size);
  try {
    const reader = new DerReader(signature).enter();
    for (const end of [kind.size, 2 * kind.size]) {
      const number = reader.read(INTEGER);
      const digits = number[0] === 0 ? number.subarray(1) : number;
      if (digits.length > kind.size) return undefined;
      joined.set(digits, end - digits.length);
    }
  } catch {
    return undefined;
  }
  return Buffer.compare(toDer(joined, kind), signature) === 0 ? joined : undefined;
}

const rsa = {
  sign({ material, hash, data, padding, saltLength }) {
    if (padding === RSA_PKCS1_PADDING) return answer(rsaPkcs1Sign(hash, material.handle, data), tooLarge);
    if (padding !== RSA_PKCS1_PSS_PADDING) throw wrongPadding();
    const length = saltLengthOf(material, hash, saltLength);
    if (length < 0 || length > longestSalt(material, hash)) throw tooLarge();
    return answer(rsaPssSign(hash, material.handle, length, data, seed()), tooLarge);
  },
  verify({ material, hash, data, padding, saltLength }, signature) {
    if (padding === RSA_PKCS1_PADDING) return answer(rsaPkcs1Verify(hash, material.handle, signature, data));
    if (padding !== RSA_PKCS1_PSS_PADDING) throw wrongPadding();
    return saltLengthsOf(material, hash, saltLength).some((length) => answer(rsaPssVerify(hash, material.handle, length, signature, data)));
  },
};

const ec = {
  sign({ material, hash, data, dsaEncoding }) {
    const signature = new Uint8Array(answer(ecdsaSign(hash, material.handle, data)));
    return dsaEncoding === 'der' ? toDer(signature, material.kind) : signature;
  },
  verify({ material, hash, data, dsaEncoding }, signature) {
    const joined = dsaEncoding === 'der' ? fromDer(signature, material.kind) : signature;
    return joined !== undefined && answer(ecdsaVerify(hash, material.handle, joined, data));
  },
};

const edwards = {
  sign: ({ material, data }) => answer(okpSign(material.handle, data)),
  verify: ({ material, data }, signature) => answer(okpVerify(material.handle, signature, data)),
};

function schemeOf(material, hash) {
  if (material.isMontgomery) throw wrongOperation();
  if (!material.isEdwards) return { rsa, ec }[material.kind.type];
  if (hash !== undefined) throw wrongDigest();
  return edwards;
}

export function signWith(material, hash, data, { padding = RSA_PKCS1_PADDING, saltLength, dsaEncoding }) {
  const scheme = schemeOf(material, hash);
  return Buffer.from(scheme.sign({ material, hash: hash ?? DEFAULT_HASH, data, padding, saltLength, dsaEncoding }));
}

export function verifyWith(material, hash, data, signature, { padding = RSA_PKCS1_PADDING, saltLength, dsaEncoding }) {
  const scheme = schemeOf(material, hash);
  return scheme.verify({ material, hash: hash ?? DEFAULT_HASH, data, padding, saltLength, dsaEncoding }, signature);
}
