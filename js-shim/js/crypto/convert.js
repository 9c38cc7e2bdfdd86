// WebIDL conversions of what Web Cryptography takes, and how its primitives' answers are read.

import { isBufferSource } from '../bytes.js';
import { DOMException } from '../dom-exception.js';

const { disallow, randomBytes } = native;

const SEED_BYTES = 64;

/** The value a primitive gave; a string is the reason why there is none. */
export function answer(given, errorName) {
  if (typeof given === 'string') throw new DOMException(given, errorName);
  return given;
}

export function operationError(message) {
  return new DOMException(message, 'OperationError');
}

export function notSupported(message) {
  return new DOMException(message, 'NotSupportedError');
}

export function dataError(message) {
  return new DOMException(message, 'DataError');
}

export function syntaxError(message) {
  return new DOMException(message, 'SyntaxError');
}

/** What a primitive draws its randomness from. */
export function seed(what) {
  disallow(what);
  return new Uint8Array(randomBytes(SEED_BYTES));
}

export function domString(value) {
  return `${value}`;
}

/** An integer type with [EnforceRange]. */
export function enforceRange(value, maximum, what) {
  const number = Math.trunc(+value);
  if (!(number >= 0 && number <= maximum)) throw new TypeError(`${what} must be an integer from 0 to ${maximum}.`);
  return number === 0 ? 0 : number;
}

export function requireBufferSource(value, what) {
  if (!isBufferSource(value)) throw new TypeError(`${what} must be an ArrayBuffer or a view on one.`);
  const buffer = ArrayBuffer.isView(value) ? value.buffer : value;
  if (!(buffer instanceof ArrayBuffer)) throw new TypeError(`${what} must not be shared.`);
  if (buffer.resizable) throw new TypeError(`${what} must not be resizable.`);
  return value;
}

/** The bytes a buffer source holds now, as a view on them; none if it is detached. */
export function bytesHeldBy(source) {
  const isView = ArrayBuffer.isView(source);
  const buffer = isView ? source.buffer : source;
  if (buffer.detached) return new Uint8Array(0);
  return isView ? new Uint8Array(buffer, source.byteOffset, source.byteLength) : new Uint8Array(buffer);
}

/** A copy of them, for what is read before other code of the worker may run. */
export function copyOf(source) {
  return bytesHeldBy(source).slice();
}

/** A member that must be there. */
export function required(dictionary, name) {
  const value = dictionary[name];
  if (value === undefined) throw new TypeError(`Missing field "${name}" in the algorithm.`);
  return value;
}
