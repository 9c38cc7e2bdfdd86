// structuredClone() (HTML standard section 2.7).

import { Blob, File } from './blob.js';
import { cloneKey, isCryptoKey } from './crypto/key.js';
import { DOMException } from './dom-exception.js';
import { inspect } from './inspect.js';
import { dictionary, exposeFunctions, interfaceNamed, requireArguments } from './webidl.js';

const ERRORS = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

const mapSize = Object.getOwnPropertyDescriptor(Map.prototype, 'size').get;
const setSize = Object.getOwnPropertyDescriptor(Set.prototype, 'size').get;

function uncloneable(value) {
  const what = typeof value === 'symbol' ? String(value) : inspect(value, { depth: 0 });
  return new DOMException(`${what} could not be cloned.`, 'DataCloneError');
}

/** True when `method`, which needs an internal slot, accepts the value: the slot decides, not the prototype. */
function has(slotMethod, value) {
  try {
    Reflect.apply(slotMethod, value, []);
    return true;
  } catch {
    return false;
  }
}

function cloneBuffer(buffer) {
  if (buffer.detached) throw new DOMException('An ArrayBuffer is detached and could not be cloned.', 'DataCloneError');
  return buffer.slice(0);
}

function cloneView(view, memory) {
  const buffer = clone(view.buffer, memory);
  if (view instanceof DataView) return new DataView(buffer, view.byteOffset, view.byteLength);
  const Type = globalThis[view[Symbol.toStringTag]];
  return new Type(buffer, view.byteOffset, view.length);
}

function cloneError(error, memory) {
  const { name } = error;
  const Type = Object.hasOwn(ERRORS, name) ? ERRORS[name] : Error;
  const copy = Object.create(Type.prototype);
  memory.set(error, copy);
  const made = new Type(Object.hasOwn(error, 'message') ? String(error.message) : undefined);
  memory.set(error, made);
  Object.defineProperty(made, 'stack', { value: String(error.stack), writable: true, configurable: true });
  if (Object.hasOwn(error, 'cause')) {
    Object.defineProperty(made, 'cause', { value: clone(error.cause, memory), writable: true, configurable: true });
  }
  return made;
}

/** Kinds that are made whole at once. Undefined for containers and for what cannot be cloned. */
function cloneLeaf(value, memory) {
  if (value instanceof ArrayBuffer) return cloneBuffer(value);
  if (ArrayBuffer.isView(value)) return cloneView(value, memory);
  if (value instanceof Date && has(Date.prototype.getTime, value)) return new Date(Date.prototype.getTime.call(value));
  if (value instanceof RegExp) return new RegExp(value.source, value.flags);
  if (value instanceof DOMException) return new DOMException(value.message, value.name);
  if (value instanceof Error) return cloneError(value, memory);
  if (value instanceof File) return new File([value], value.name, { type: value.type, lastModified: value.lastModified });
  if (value instanceof Blob) return value.slice(0, value.size, value.type);
  if (isCryptoKey(value)) return cloneKey(value);
  for (const Type of [Boolean, Number, String, BigInt]) {
    if (value instanceof Type && has(Type.prototype.valueOf, value)) return Object(Type.prototype.valueOf.call(value));
  }
  return undefined;
}

function cloneContainer(value, memory) {
  if (value instanceof Map && has(mapSize, value)) {
    const copy = new Map();
    memory.set(value, copy);
    for (const [key, item] of [...Map.prototype.entries.call(value)]) copy.set(clone(key, memory), clone(item, memory));
    return copy;
  }
  if (value instanceof Set && has(setSize, value)) {
    const copy = new Set();
    memory.set(value, copy);
    for (const item of [...Set.prototype.values.call(value)]) copy.add(clone(item, memory));
    return copy;
  }
  const copy = Array.isArray(value) ? new Array(value.length) : {};
  memory.set(value, copy);
  for (const key of Object.keys(value)) {
    Object.defineProperty(copy, key, { value: clone(value[key], memory), writable: true, enumerable: true, configurable: true });
  }
  return copy;
}

/** Objects whose state is not in their properties, which a copy of the properties would lose. */
function isPlatformObject(value) {
  if (value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef || value instanceof Promise) return true;
  const tag = value[Symbol.toStringTag];
  if (typeof tag !== 'string') return false;
  const Interface = interfaceNamed(tag);
  return typeof Interface === 'function' && tag !== 'Object' && value instanceof Interface;
}

function clone(value, memory) {
  if (typeof value === 'symbol' || typeof value === 'function') throw uncloneable(value);
  if (typeof value !== 'object' || value === null) return value;
  const known = memory.get(value);
  if (known !== undefined) return known;
  const leaf = cloneLeaf(value, memory);
  if (leaf !== undefined) {
    memory.set(value, leaf);
    return leaf;
  }
  if (!(value instanceof Map || value instanceof Set) && isPlatformObject(value)) throw uncloneable(value);
  return cloneContainer(value, memory);
}

function checkTransfer(transfer) {
  const buffers = new Set();
  for (const item of transfer) {
    if (!(item instanceof ArrayBuffer)) throw new DOMException('structuredClone can only transfer ArrayBuffers.', 'DataCloneError');
    if (item.detached) throw new DOMException('An ArrayBuffer is detached and could not be transferred.', 'DataCloneError');
    if (buffers.has(item)) throw new DOMException('An ArrayBuffer is twice in the transfer list.', 'DataCloneError');
    buffers.add(item);
  }
  return buffers;
}

export function structuredClone(value, options = undefined) {
  requireArguments(arguments.length, 1, 'structuredClone');
  const { transfer = [] } = dictionary(options, 'structuredClone: the options');
  const memory = new Map();
  const buffers = checkTransfer(transfer);
  if (buffers.size === 0) return clone(value, memory);
  // cloned first with the buffers standing for themselves, so that a failure leaves them attached
  for (const buffer of buffers) memory.set(buffer, buffer.slice(0));
  const copy = clone(value, memory);
  for (const buffer of buffers) buffer.transfer(0);
  return copy;
}

export function install() {
  exposeFunctions({ structuredClone });
}
