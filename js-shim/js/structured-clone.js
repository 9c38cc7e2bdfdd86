// structuredClone() and what postMessage() does to a message (HTML standard section 2.7).
//
// Sender and receiver are in one realm, so what the standard does in two halves, writing and reading, is one copy here.

import { Blob, File, isBlob } from './blob.js';
import { isPinned } from './bytes.js';
import { registerSerializable, registerTransferable, serializableKind, transferableKind } from './cloneable.js';
import { toSequence } from './convert.js';
import { cloneKey, isCryptoKey } from './crypto/key.js';
import { DOMException } from './dom-exception.js';
import { inspect } from './inspect.js';
import { isTransferableStream, transferStream } from './streams/transfer.js';
import { dictionary, exposeFunctions, isPlatformObject, requireArguments, requireGlobal } from './webidl.js';

const { cloneData, kindOf } = native;

const ERRORS = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
const BOXES = [Boolean, Number, String, BigInt];

const getter = (object, name) => Object.getOwnPropertyDescriptor(object, name).get;
const TypedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype);
const typeOf = getter(TypedArrayPrototype, Symbol.toStringTag);
const sourceOf = getter(RegExp.prototype, 'source');
const flagsOf = getter(RegExp.prototype, 'flags');
const TYPED_ARRAYS = Object.fromEntries(
  [Int8Array, Int16Array, Int32Array, Uint8Array, Uint16Array, Uint32Array, Uint8ClampedArray, BigInt64Array, BigUint64Array, Float16Array, Float32Array, Float64Array]
    .map((Type) => [Type.name, Type]),
);

function dataCloneError(message) {
  return new DOMException(message, 'DataCloneError');
}

function uncloneable(value) {
  return dataCloneError(`${typeof value === 'symbol' ? String(value) : inspect(value, { depth: 0 })} could not be cloned.`);
}

function cloneBuffer(buffer) {
  if (buffer.detached) throw dataCloneError('An ArrayBuffer is detached and could not be cloned.');
  if (!buffer.resizable) return ArrayBuffer.prototype.slice.call(buffer, 0);
  const copy = new ArrayBuffer(buffer.byteLength, { maxByteLength: buffer.maxByteLength });
  new Uint8Array(copy).set(new Uint8Array(buffer));
  return copy;
}

function isOutOfBounds(view) {
  // only a DataView throws; a typed array says that it is empty and begins at 0
  try {
    if (view.byteOffset + view.byteLength > view.buffer.byteLength) return true;
    return view.byteLength === 0 && !(view instanceof DataView) && isShrunk(view);
  } catch {
    return true;
  }
}

/** Whether an empty typed array is out of the bounds of its buffer: only then none can be made like it. */
function isShrunk(array) {
  try {
    TypedArrayPrototype.values.call(array);
    return false;
  } catch {
    return true;
  }
}

/** Whether the view has no length of its own: it grows with its buffer. JavaScript can see that by growing it alone. */
function isTracking(view) {
  const { buffer } = view;
  if (!buffer.resizable) return false;
  const { byteLength, maxByteLength } = buffer;
  const { byteLength: before } = view;
  const step = view.BYTES_PER_ELEMENT ?? 1;
  if (byteLength + step <= maxByteLength) {
    buffer.resize(byteLength + step);
    const tracks = view.byteLength !== before;
    buffer.resize(byteLength);
    return tracks;
  }
  if (before < step) return false;
  const kept = new Uint8Array(buffer).slice(byteLength - step);
  buffer.resize(byteLength - step);
  // one with a length of its own is out of bounds now
  const tracks = !isOutOfBounds(view);
  buffer.resize(byteLength);
  new Uint8Array(buffer).set(kept, byteLength - step);
  return tracks;
}

function cloneView(view, memory) {
  if (view.buffer.detached || isOutOfBounds(view)) throw dataCloneError('A view on an ArrayBuffer is out of its bounds and could not be cloned.');
  const tracks = isTracking(view);
  const Type = TYPED_ARRAYS[typeOf.call(view)] ?? DataView;
  const { byteOffset } = view;
  const length = Type === DataView ? view.byteLength : view.length;
  const buffer = clone(view.buffer, memory);
  return tracks ? new Type(buffer, byteOffset) : new Type(buffer, byteOffset, length);
}

function cloneError(error, memory) {
  const name = String(error.name);
  const Type = Object.hasOwn(ERRORS, name) ? ERRORS[name] : Error;
  const message = Object.getOwnPropertyDescriptor(error, 'message');
  const made = new Type(message !== undefined && 'value' in message ? String(message.value) : undefined);
  memory.set(error, made);
  Object.defineProperty(made, 'stack', { value: String(error.stack), writable: true, configurable: true });
  if (Object.hasOwn(error, 'cause')) {
    Object.defineProperty(made, 'cause', { value: clone(error.cause, memory), writable: true, configurable: true });
  }
  return made;
}

function cloneMap(map, memory) {
  const copy = new Map();
  memory.set(map, copy);
  for (const [key, item] of [...Map.prototype.entries.call(map)]) copy.set(clone(key, memory), clone(item, memory));
  return copy;
}

function cloneSet(set, memory) {
  const copy = new Set();
  memory.set(set, copy);
  for (const item of [...Set.prototype.values.call(set)]) copy.add(clone(item, memory));
  return copy;
}

function cloneProperties(object, copy, memory) {
  memory.set(object, copy);
  for (const key of Object.keys(object)) {
    // a getter of an earlier one may have deleted it
    if (!Object.hasOwn(object, key)) continue;
    Object.defineProperty(copy, key, { value: clone(object[key], memory), writable: true, enumerable: true, configurable: true });
  }
  return copy;
}

function cloneBox(value) {
  for (const Type of BOXES) {
    try {
      return Object(Type.prototype.valueOf.call(value));
    } catch {
      // its slot decides, and it has another one
    }
  }
  return undefined;
}

const CLONES = {
  array: (value, memory) => cloneProperties(value, new Array(value.length), memory),
  date: (value) => new Date(Date.prototype.getTime.call(value)),
  regexp: (value) => new RegExp(sourceOf.call(value), flagsOf.call(value)),
  map: cloneMap,
  set: cloneSet,
  buffer: cloneBuffer,
  view: cloneView,
  error: cloneError,
  other: cloneBox,
};

/** V8 and SpiderMonkey take the arguments of a function for an ordinary object. */
function isArguments(value) {
  return Object.prototype.toString.call(value) === '[object Arguments]' && value[Symbol.toStringTag] === undefined;
}

function cloneObject(value, memory) {
  const inner = (part) => clone(part, memory);
  const serializable = serializableKind(value);
  if (serializable !== undefined) return serializable.clone(value, inner);
  if (transferableKind(value) !== undefined) throw dataCloneError(`${inspect(value, { depth: 0 })} could not be cloned: it must be in the transfer list.`);
  const kind = kindOf(value);
  if (kind !== 'object') {
    const copy = CLONES[kind](value, memory);
    if (copy !== undefined) return copy;
    if (!isArguments(value)) throw uncloneable(value);
  }
  if (isPlatformObject(value)) throw uncloneable(value);
  return cloneProperties(value, {}, memory);
}

function clone(value, memory) {
  if (typeof value === 'symbol' || typeof value === 'function') throw uncloneable(value);
  if (typeof value !== 'object' || value === null) return value;
  const known = memory.get(value);
  if (known !== undefined) return known;
  const copy = cloneObject(value, memory);
  memory.set(value, copy);
  return copy;
}

function checkTransfer(transfer) {
  const seen = new Set();
  for (const item of transfer) {
    if (!(kindOf(item) === 'buffer') && transferableKind(item) === undefined) throw dataCloneError(`${inspect(item, { depth: 0 })} could not be transferred.`);
    if (isPinned(item)) throw dataCloneError('An ArrayBuffer is the memory of a WebAssembly.Memory and could not be transferred.');
    if (seen.has(item)) throw dataCloneError('An object is twice in the transfer list.');
    seen.add(item);
  }
  return seen;
}

/** A copy of what holds nothing that is transferred. */
export function cloneValue(value) {
  if (typeof value === 'object' && value !== null) {
    const copy = cloneData(value);
    if (copy !== undefined) return copy;
  }
  return clone(value, new Map());
}

/** `{ value, transferred }`: the copy, and in the order of the list `transfer` the objects that have its items now. */
export function cloneWithTransfer(value, transfer) {
  const items = [...checkTransfer(transfer)];
  if (items.length === 0) return { value: cloneValue(value), transferred: [] };
  const memory = new Map();
  // nothing is taken from its owner before all has been copied, which may fail
  const moves = items.map((item) => {
    const kind = transferableKind(item);
    if (kind === undefined ? item.detached : kind.isDetached(item)) throw dataCloneError(`${inspect(item, { depth: 0 })} was transferred before and could not be transferred again.`);
    const move = kind?.begin(item) ?? { object: cloneBuffer(item), commit() { ArrayBuffer.prototype.transfer.call(item, 0); } };
    memory.set(item, move.object);
    return move;
  });
  const copy = clone(value, memory);
  for (const { commit } of moves) commit();
  return { value: copy, transferred: moves.map(({ object }) => object) };
}

/** The `transfer` of StructuredSerializeOptions, or of the list that stands for them. */
export function toTransferList(options, what) {
  const { transfer } = dictionary(options, `${what}: the options`);
  if (transfer === undefined) return [];
  return toSequence(transfer, toObject, `${what}: the transfer list`);
}

function toObject(value) {
  if ((typeof value === 'object' && value !== null) || typeof value === 'function') return value;
  throw new TypeError('A transfer list must hold objects.');
}

export function structuredClone(value, options = undefined) {
  requireGlobal(this, 'structuredClone(…)');
  requireArguments(arguments.length, 1, 'structuredClone');
  if (options === undefined) return cloneValue(value);
  return cloneWithTransfer(value, toTransferList(options, 'structuredClone')).value;
}

export function install() {
  registerSerializable(isBlob, (blob) => {
    const copy = Reflect.apply(Blob.prototype.slice, blob, [0, blob.size, blob.type]);
    return blob instanceof File ? new File([copy], blob.name, { type: blob.type, lastModified: blob.lastModified }) : copy;
  });
  registerSerializable(isCryptoKey, cloneKey);
  registerTransferable(isTransferableStream, {
    // a stream that was transferred is locked, which is found when it is transferred again
    isDetached: () => false,
    begin: (stream) => ({ object: transferStream(stream, cloneValue), commit() {} }),
  });
  exposeFunctions({ structuredClone });
}
