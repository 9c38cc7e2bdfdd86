// SubtleCrypto (Web Cryptography section 14). Every operation is done when the method returns, so what a worker does to a
// buffer afterwards changes nothing.

import { DOMException } from '../dom-exception.js';
import { kInternal, requireArguments } from '../webidl.js';
import { bytesHeldBy, dataError, domString, notSupported, requireBufferSource } from './convert.js';
import { toJsonWebKey } from './jwk.js';
import { makeKey, requireUsages, slotsOf, usagesOf } from './key.js';
import { algorithmIdentifier, normalize, operationOf } from './registry.js';
import { isBufferSource } from '../bytes.js';

const { timingSafeEqual } = native.crypto;
const { utf8Decode, utf8Encode } = native;
const { parse, stringify } = JSON;

const FORMATS = ['raw', 'spki', 'pkcs8', 'jwk'];

function keyFormat(value) {
  const format = domString(value);
  if (!FORMATS.includes(format)) throw new TypeError(`"${format}" is no key format: use one of ${FORMATS.join(', ')}.`);
  return format;
}

function checkAccess(normalized, key, usage) {
  if (normalized.name !== key.algorithm.name) {
    throw new DOMException(`The key is one of ${key.algorithm.name}, not of ${normalized.name}.`, 'InvalidAccessError');
  }
  if (!key.usages.includes(usage)) throw new DOMException(`The key may not be used to ${usage}.`, 'InvalidAccessError');
}

function importWith(normalized, format, data, extractable, usages) {
  const material = normalized.run(normalized, format, data, extractable, usages);
  if (material.type !== 'public') requireUsages(usages);
  return makeKey(material, extractable, usages);
}

function exportWith(format, key) {
  const run = operationOf(key.algorithm.name, 'exportKey');
  if (run === undefined) throw notSupported(`A key of ${key.algorithm.name} cannot be exported.`);
  if (!key.extractable) throw new DOMException('The key is not extractable.', 'InvalidAccessError');
  return run(format, key);
}

/** The algorithm's own operation to wrap, or else the one to encrypt. */
function normalizeEither(wrapping, encrypting, algorithm) {
  try {
    return normalize(wrapping, algorithm);
  } catch {
    return normalize(encrypting, algorithm);
  }
}

function parseJwk(bytes) {
  let value;
  try {
    value = parse(utf8Decode(bytes, false, false));
  } catch {
    throw dataError('What was unwrapped is no JSON Web Key.');
  }
  const jwk = toJsonWebKey(value);
  if (jwk.kty === undefined) throw dataError('The JSON Web Key has no "kty".');
  return jwk;
}

/** What the standard does in parallel: done at once, but what comes of it is told after what is queued by then. */
async function inParallel(steps) {
  try {
    return await steps();
  } catch (error) {
    await null;
    throw error;
  }
}

export class SubtleCrypto {
  #brand;

  constructor(token = undefined) {
    if (token !== kInternal) throw new TypeError('Illegal constructor');
    this.#brand = true;
  }

  async encrypt(algorithm, key, data) {
    this.#brand;
    requireArguments(arguments.length, 3, 'crypto.subtle.encrypt');
    const identifier = algorithmIdentifier(algorithm);
    const slots = slotsOf(key, 'The key');
    requireBufferSource(data, 'The data');
    const normalized = normalize('encrypt', identifier);
    return await inParallel(() => {
      checkAccess(normalized, slots, 'encrypt');
      return normalized.run(normalized, slots, bytesHeldBy(data));
    });
  }

  async decrypt(algorithm, key, data) {
    this.#brand;
    requireArguments(arguments.length, 3, 'crypto.subtle.decrypt');
    const identifier = algorithmIdentifier(algorithm);
    const slots = slotsOf(key, 'The key');
    requireBufferSource(data, 'The data');
    const normalized = normalize('decrypt', identifier);
    return await inParallel(() => {
      checkAccess(normalized, slots, 'decrypt');
      return normalized.run(normalized, slots, bytesHeldBy(data));
    });
  }

  async sign(algorithm, key, data) {
    this.#brand;
    requireArguments(arguments.length, 3, 'crypto.subtle.sign');
    const identifier = algorithmIdentifier(algorithm);
    const slots = slotsOf(key, 'The key');
    requireBufferSource(data, 'The data');
    const normalized = normalize('sign', identifier);
    return await inParallel(() => {
      checkAccess(normalized, slots, 'sign');
      return normalized.run(normalized, slots, bytesHeldBy(data));
    });
  }

  async verify(algorithm, key, signature, data) {
    this.#brand;
    requireArguments(arguments.length, 4, 'crypto.subtle.verify');
    const identifier = algorithmIdentifier(algorithm);
    const slots = slotsOf(key, 'The key');
    requireBufferSource(signature, 'The signature');
    requireBufferSource(data, 'The data');
    const normalized = normalize('verify', identifier);
    return await inParallel(() => {
      checkAccess(normalized, slots, 'verify');
      return normalized.run(normalized, slots, bytesHeldBy(signature), bytesHeldBy(data));
    });
  }

  async digest(algorithm, data) {
    this.#brand;
    requireArguments(arguments.length, 2, 'crypto.subtle.digest');
    const identifier = algorithmIdentifier(algorithm);
    requireBufferSource(data, 'The data');
    const normalized = normalize('digest', identifier);
    return await inParallel(() => normalized.run(normalized, bytesHeldBy(data)));
  }

  async generateKey(algorithm, extractable, keyUsages) {
    this.#brand;
    requireArguments(arguments.length, 3, 'crypto.subtle.generateKey');
    const identifier = algorithmIdentifier(algorithm);
    const usages = usagesOf(keyUsages);
    const normalized = normalize('generateKey', identifier);
    return await inParallel(() => {
      const made = normalized.run(normalized, Boolean(extractable), usages);
      if (made.publicKey === undefined) return makeKey(made, Boolean(extractable), usages);
      return {
        publicKey: makeKey(made.publicKey, true, made.publicUsages),
        privateKey: makeKey(made.privateKey, Boolean(extractable), made.privateUsages),
      };
    });
  }

  async deriveKey(algorithm, baseKey, derivedKeyType, extractable, keyUsages) {
    this.#brand;
    requireArguments(arguments.length, 5, 'crypto.subtle.deriveKey');
    const identifier = algorithmIdentifier(algorithm);
    const slots = slotsOf(baseKey, 'The base key');
    const derivedType = algorithmIdentifier(derivedKeyType);
    const usages = usagesOf(keyUsages);
    const normalized = normalize('deriveBits', identifier);
    const imported = normalize('importKey', derivedType);
    const measured = normalize('getKeyLength', derivedType);
    return await inParallel(() => {
      checkAccess(normalized, slots, 'deriveKey');
      const secret = normalized.run(normalized, slots, measured.run(measured));
      return importWith(imported, 'raw', new Uint8Array(secret), Boolean(extractable), usages);
    });
  }

  async deriveBits(algorithm, baseKey, length = null) {
    this.#brand;
    requireArguments(arguments.length, 2, 'crypto.subtle.deriveBits');
    const identifier = algorithmIdentifier(algorithm);
    const slots = slotsOf(baseKey, 'The base key');
    const bits = length === null ? null : length >>> 0;
    const normalized = normalize('deriveBits', identifier);
    return await inParallel(() => {
      checkAccess(normalized, slots, 'deriveBits');
      return normalized.run(normalized, slots, bits);
    });
  }

  async importKey(format, keyData, algorithm, extractable, keyUsages) {
    this.#brand;
    requireArguments(arguments.length, 5, 'crypto.subtle.importKey');
    const kind = keyFormat(format);
    const isJwk = !isBufferSource(keyData);
    const data = isJwk ? toJsonWebKey(keyData) : requireBufferSource(keyData, 'The key data');
    const identifier = algorithmIdentifier(algorithm);
    const usages = usagesOf(keyUsages);
    const normalized = normalize('importKey', identifier);
    if (isJwk !== (kind === 'jwk')) {
      throw new TypeError(`The key data of the format "${kind}" must be ${isJwk ? 'an ArrayBuffer or a view on one' : 'a JsonWebKey'}.`);
    }
    return await inParallel(() => importWith(normalized, kind, isJwk ? data : bytesHeldBy(data), Boolean(extractable), usages));
  }

  async exportKey(format, key) {
    this.#brand;
    requireArguments(arguments.length, 2, 'crypto.subtle.exportKey');
    const kind = keyFormat(format);
    const slots = slotsOf(key, 'The key');
    return await inParallel(() => exportWith(kind, slots));
  }

  async wrapKey(format, key, wrappingKey, wrapAlgorithm) {
    this.#brand;
    requireArguments(arguments.length, 4, 'crypto.subtle.wrapKey');
    const kind = keyFormat(format);
    const slots = slotsOf(key, 'The key');
    const wrapping = slotsOf(wrappingKey, 'The wrapping key');
    const normalized = normalizeEither('wrapKey', 'encrypt', algorithmIdentifier(wrapAlgorithm));
    return await inParallel(() => {
      checkAccess(normalized, wrapping, 'wrapKey');
      const exported = exportWith(kind, slots);
      const bytes = kind === 'jwk' ? utf8Encode(stringify(exported)) : exported;
      return normalized.run(normalized, wrapping, bytesHeldBy(bytes));
    });
  }

  async unwrapKey(format, wrappedKey, unwrappingKey, unwrapAlgorithm, unwrappedKeyAlgorithm, extractable, keyUsages) {
    this.#brand;
    requireArguments(arguments.length, 7, 'crypto.subtle.unwrapKey');
    const kind = keyFormat(format);
    requireBufferSource(wrappedKey, 'The wrapped key');
    const unwrapping = slotsOf(unwrappingKey, 'The unwrapping key');
    const identifier = algorithmIdentifier(unwrapAlgorithm);
    const keyIdentifier = algorithmIdentifier(unwrappedKeyAlgorithm);
    const usages = usagesOf(keyUsages);
    const normalized = normalizeEither('unwrapKey', 'decrypt', identifier);
    const imported = normalize('importKey', keyIdentifier);
    return await inParallel(() => {
      checkAccess(normalized, unwrapping, 'unwrapKey');
      const bytes = new Uint8Array(normalized.run(normalized, unwrapping, bytesHeldBy(wrappedKey)));
      return importWith(imported, kind, kind === 'jwk' ? parseJwk(bytes) : bytes, Boolean(extractable), usages);
    });
  }

  /** Of Workers. */
  timingSafeEqual(a, b) {
    this.#brand;
    requireArguments(arguments.length, 2, 'crypto.subtle.timingSafeEqual');
    const left = bytesHeldBy(requireBufferSource(a, 'The first argument'));
    const right = bytesHeldBy(requireBufferSource(b, 'The second argument'));
    if (left.length !== right.length) throw new TypeError('Input buffers must have the same byte length.');
    return timingSafeEqual(left, right);
  }
}
