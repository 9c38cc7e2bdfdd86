// Keys in DER: SubjectPublicKeyInfo and certificates (RFC 5280), PKCS #8 (RFC 5208), PKCS #1 (RFC 8017) and SEC1 (RFC 5915).

import { Buffer } from '../../buffer.js';
import { BIT_STRING, context, DerReader, element, INTEGER, integer, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, sequence } from './der.js';
import { answer, malformed } from './errors.js';
import { EC_CURVES, EC_PUBLIC_KEY, Material, OKP_CURVES, RSA } from './material.js';
import { encrypted } from './pem.js';

const KINDS = [RSA, ...OKP_CURVES];
const NULL = [0x05, 0];
const VERSION = integer([]);
const NO_BITS_UNUSED = [0];

const hex = (bytes) => Buffer.from(bytes).toString('hex');
const identifierOf = (digits) => element(OBJECT_IDENTIFIER, Buffer.from(digits, 'hex'));
const algorithm = (digits, parameters) => sequence(identifierOf(digits), parameters);

/** Which kind of key an AlgorithmIdentifier stands for. */
function kindOf(reader) {
  const identifier = hex(reader.read(OBJECT_IDENTIFIER));
  const [kinds, wanted] = identifier === EC_PUBLIC_KEY && reader.next === OBJECT_IDENTIFIER ? [EC_CURVES, hex(reader.read(OBJECT_IDENTIFIER))] : [KINDS, identifier];
  const kind = kinds.find((one) => one.identifier === wanted);
  if (kind === undefined) throw malformed('the key must be one of RSA, P-256, P-384, P-521, Ed25519, Ed448, X25519 or X448');
  return kind;
}

export function importSpki(der) {
  const whole = new DerReader(der).element();
  const kind = kindOf(new DerReader(whole).enter().enter());
  return new Material({ kind, handle: answer(kind.importSpki(whole), malformed) });
}

export function importPkcs8(der) {
  const whole = new DerReader(der).element();
  const reader = new DerReader(whole).enter();
  if (reader.next === SEQUENCE) throw encrypted();
  reader.read(INTEGER);
  const kind = kindOf(reader.enter());
  return new Material({ kind, handle: answer(kind.importPkcs8(whole), malformed), isPrivate: true });
}

export function importPkcs1Public(der) {
  return importSpki(sequence(algorithm(RSA.identifier, NULL), element(BIT_STRING, NO_BITS_UNUSED, new DerReader(der).element())));
}

export function importPkcs1Private(der) {
  return importPkcs8(sequence(VERSION, algorithm(RSA.identifier, NULL), element(OCTET_STRING, new DerReader(der).element())));
}

export function importSec1(der) {
  const whole = new DerReader(der).element();
  const reader = new DerReader(whole).enter();
  reader.read(INTEGER);
  reader.read(OCTET_STRING);
  const curve = reader.read(context(0));
  return importPkcs8(sequence(VERSION, algorithm(EC_PUBLIC_KEY, curve), element(OCTET_STRING, whole)));
}

/** The public key that a certificate is about. Nothing of the certificate is checked. */
export function importCertificate(der) {
  const certificate = new DerReader(der).enter().enter();
  if (certificate.next === context(0)) certificate.element();
  // serial number, signature, issuer, validity, subject
  for (let skipped = 0; skipped < 5; skipped += 1) certificate.element();
  return importSpki(certificate.element());
}

/** Whether PKCS #1 has a private key, which begins with its version. */
export function isPkcs1Private(der) {
  return new DerReader(der).enter().read(INTEGER).every((byte) => byte === 0);
}
