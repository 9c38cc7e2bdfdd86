// CryptoKey (Web Cryptography section 13).

import { syntaxError } from './convert.js';
import { kInternal } from '../webidl.js';

const USAGES = ['encrypt', 'decrypt', 'sign', 'verify', 'deriveKey', 'deriveBits', 'wrapKey', 'unwrapKey'];

/** A copy for the worker, which may change it. */
function copyAlgorithm(algorithm) {
  const copy = { ...algorithm };
  if (copy.hash !== undefined) copy.hash = { name: copy.hash };
  if (copy.publicExponent !== undefined) copy.publicExponent = copy.publicExponent.slice();
  return copy;
}

let slotsIn;
let holdsSlots;

export class CryptoKey {
  #slots;
  #algorithm;
  #usages;

  constructor(token = undefined, slots = undefined) {
    if (token !== kInternal) throw new TypeError('Illegal constructor');
    this.#slots = slots;
  }

  get type() { return this.#slots.type; }
  get extractable() { return this.#slots.extractable; }
  get algorithm() { return this.#algorithm ??= copyAlgorithm(this.#slots.algorithm); }
  get usages() { return this.#usages ??= [...this.#slots.usages]; }

  static {
    slotsIn = (key) => key.#slots;
    holdsSlots = (value) => #slots in value;
  }
}

export function isCryptoKey(value) {
  return typeof value === 'object' && value !== null && holdsSlots(value);
}

/** The internal slots: `type`, `extractable`, `algorithm` (whose `hash` is a name), `usages` and `handle`. */
export function slotsOf(key, what) {
  if (!isCryptoKey(key)) throw new TypeError(`${what} must be a CryptoKey.`);
  return slotsIn(key);
}

/** `material` is what an algorithm gives: `type`, `algorithm`, `handle`. */
export function makeKey({ type, algorithm, handle }, extractable, usages) {
  return new CryptoKey(kInternal, { type, algorithm, handle, extractable, usages });
}

/** Structured clone: the key material never changes, so it is shared. */
export function cloneKey(key) {
  return new CryptoKey(kInternal, slotsIn(key));
}

/** A sequence<KeyUsage> argument, made a list in the standard's order without doubles. */
export function usagesOf(value) {
  if (typeof value !== 'object' || value === null || typeof value[Symbol.iterator] !== 'function') {
    throw new TypeError('The key usages must be a list of strings.');
  }
  const given = new Set();
  for (const item of value) {
    const usage = `${item}`;
    if (!USAGES.includes(usage)) throw new TypeError(`"${usage}" is no key usage.`);
    given.add(usage);
  }
  return USAGES.filter((usage) => given.has(usage));
}

export function intersect(usages, allowed) {
  return usages.filter((usage) => allowed.includes(usage));
}

export function checkUsages(usages, allowed, name) {
  const wrong = usages.find((usage) => !allowed.includes(usage));
  if (wrong !== undefined) throw syntaxError(`A key of ${name} of this kind cannot be used to ${wrong}.`);
}

/** Secret and private keys without a usage are of no use. */
export function requireUsages(usages) {
  if (usages.length === 0) throw syntaxError('A secret or private key must have at least one usage.');
}
