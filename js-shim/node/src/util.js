// node:util. `inspect` and `format` are Node.js's own, extracted.

import { parseArgs } from '@pkgjs/parseargs';
import { isDeepStrictEqual } from 'assert/build/internal/util/comparisons.js';
import { format, formatWithOptions, inspect, stripVTControlCharacters } from 'node-inspect-extracted';
import { MIMEParams, MIMEType } from 'unenv-internal/util/mime';

import { notImplemented, requireFunction } from './internal/errors.js';
import { callbackify, promisify } from './internal/promisify.js';
import { parseEnv, styleText } from './internal/text.js';
import types from './util/types.js';

export const { TextDecoder, TextEncoder } = globalThis;
export { callbackify, format, formatWithOptions, inspect, isDeepStrictEqual, MIMEParams, MIMEType, parseArgs, parseEnv, promisify, stripVTControlCharacters, styleText, types };

export function inherits(constructor, superConstructor) {
  requireFunction('ctor', constructor);
  requireFunction('superCtor', superConstructor);
  Object.defineProperty(constructor, 'super_', { value: superConstructor, writable: true, configurable: true });
  Object.setPrototypeOf(constructor.prototype, superConstructor.prototype);
}

const warned = new Set();

export function deprecate(fn, message, code = undefined) {
  let told = false;
  function deprecated(...args) {
    if (!told && !(code !== undefined && warned.has(code))) {
      told = true;
      if (code !== undefined) warned.add(code);
      console.warn(`${code === undefined ? '' : `[${code}] `}DeprecationWarning: ${message}`);
    }
    return new.target === undefined ? Reflect.apply(fn, this, args) : Reflect.construct(fn, args, new.target);
  }
  Object.setPrototypeOf(deprecated, fn);
  if (fn.prototype) deprecated.prototype = fn.prototype;
  return deprecated;
}

/** Without NODE_DEBUG nothing is shown. */
export function debuglog() {
  return Object.assign(() => {}, { enabled: false });
}
export const debug = debuglog;

export function toUSVString(text) {
  return `${text}`.toWellFormed();
}

export async function aborted(signal, resource) {
  if (!(signal instanceof AbortSignal)) throw new TypeError('The "signal" argument must be an instance of AbortSignal.');
  if (typeof resource !== 'object' || resource === null) throw new TypeError('The "resource" argument must be an object.');
  if (!signal.aborted) await new Promise((resolve) => { signal.addEventListener('abort', resolve, { once: true }); });
}

export const transferableAbortController = () => new AbortController();
export const transferableAbortSignal = (signal) => signal;
export const log = (...args) => { console.log('%s - %s', new Date().toISOString(), format(...args)); };
export const _extend = (target, source) => (source === null || typeof source !== 'object' ? target : Object.assign(target, source));
export const getCallSites = () => { throw notImplemented('util.getCallSites'); };
export const getSystemErrorName = () => { throw notImplemented('util.getSystemErrorName'); };
export const getSystemErrorMap = () => { throw notImplemented('util.getSystemErrorMap'); };
export const getSystemErrorMessage = () => { throw notImplemented('util.getSystemErrorMessage'); };

export const { isArray } = Array;
export const isBoolean = (value) => typeof value === 'boolean';
export const isBuffer = (value) => value instanceof Uint8Array && value._isBuffer === true;
export const { isDate, isRegExp } = types;
export const isError = (value) => types.isNativeError(value) || value instanceof Error;
export const isFunction = (value) => typeof value === 'function';
export const isNull = (value) => value === null;
export const isNullOrUndefined = (value) => value === null || value === undefined;
export const isNumber = (value) => typeof value === 'number';
export const isObject = (value) => value !== null && typeof value === 'object';
export const isPrimitive = (value) => value === null || (typeof value !== 'object' && typeof value !== 'function');
export const isString = (value) => typeof value === 'string';
export const isSymbol = (value) => typeof value === 'symbol';
export const isUndefined = (value) => value === undefined;

export default {
  _extend, aborted, callbackify, debug, debuglog, deprecate, format, formatWithOptions, getCallSites, getSystemErrorMap,
  getSystemErrorMessage, getSystemErrorName, inherits, inspect, isArray, isBoolean, isBuffer, isDate, isDeepStrictEqual, isError,
  isFunction, isNull, isNullOrUndefined, isNumber, isObject, isPrimitive, isRegExp, isString, isSymbol, isUndefined, log,
  MIMEParams, MIMEType, parseArgs, parseEnv, promisify, stripVTControlCharacters, styleText, TextDecoder, TextEncoder, toUSVString,
  transferableAbortController, transferableAbortSignal, types,
};
