// Which algorithm supports which operation, and the normalization of AlgorithmIdentifiers (section 18.4).

import { domString, notSupported, required } from './convert.js';

const operations = new Map();

/**
 * `supported` maps operations to `{ params, run }`: `params(algorithm)` converts the dictionary (left out where it is
 * just `Algorithm`), `run(normalized, …)` is the operation.
 */
export function register(name, supported) {
  for (const [operation, { params, run }] of Object.entries(supported)) {
    if (!operations.has(operation)) operations.set(operation, new Map());
    operations.get(operation).set(upperCase(name), { name, params, run });
  }
}

/** Of ASCII letters only: others have upper cases among them. */
function upperCase(name) {
  return name.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

/** An argument of the type AlgorithmIdentifier. */
export function algorithmIdentifier(value) {
  return typeof value === 'object' && value !== null || typeof value === 'function' ? value : domString(value);
}

/** Gives the parameters, with the canonical `name` and how to `run` the operation. */
export function normalize(operation, identifier) {
  const algorithm = typeof identifier === 'string' ? { name: identifier } : identifier;
  const name = domString(required(algorithm, 'name'));
  const entry = operations.get(operation)?.get(upperCase(name));
  if (entry === undefined) throw notSupported(`"${name}" is not an algorithm that supports ${operation}.`);
  return { ...entry.params?.(algorithm), name: entry.name, run: entry.run };
}

/** The operation of the algorithm of a key, or undefined. */
export function operationOf(name, operation) {
  return operations.get(operation)?.get(upperCase(name))?.run;
}

/** The canonical name of a HashAlgorithmIdentifier. */
export function hashName(identifier) {
  return normalize('hash', algorithmIdentifier(identifier)).name;
}
