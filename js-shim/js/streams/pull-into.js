// The buffers that a byte stream's readers want filled ("pull-into descriptors", section 4.7), and how they are filled.

import { isPinned } from '../bytes.js';
import { uncurry } from './promises.js';

const transfer = uncurry(ArrayBuffer.prototype.transfer);

/** Takes a buffer away from whoever holds it. */
export function transferBuffer(buffer) {
  if (isPinned(buffer)) throw new TypeError('The ArrayBuffer is the memory of a WebAssembly.Memory, so it cannot be transferred.');
  return transfer(buffer);
}

const TYPES = new Map();
for (const Type of [
  Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array,
  BigInt64Array, BigUint64Array, globalThis.Float16Array,
]) {
  if (Type !== undefined) TYPES.set(Type.name, Type);
}

const typeTag = uncurry(Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get);

/** Who reads: nobody any more when a reader was released meanwhile. */
export const DEFAULT = 'default';
export const BYOB = 'byob';
export const NONE = 'none';

export class PullInto {
  buffer;
  bufferLength;
  offset;
  length;
  filled = 0;
  minimum;
  Type;
  elementSize;
  readerType;

  constructor(buffer, offset, length, minimum, Type, readerType) {
    this.buffer = buffer;
    this.bufferLength = buffer.byteLength;
    this.offset = offset;
    this.length = length;
    this.minimum = minimum;
    this.Type = Type;
    this.elementSize = Type === DataView ? 1 : Type.BYTES_PER_ELEMENT;
    this.readerType = readerType;
  }

  /** The filled part as a view of the reader's type. The buffer is taken from whoever filled it. */
  toView() {
    return new this.Type(transferBuffer(this.buffer), this.offset, this.filled / this.elementSize);
  }
}

/** A descriptor for the view of a BYOB reader, whose buffer it takes; `minimum` counts elements. */
export function pullIntoOf(view, minimum) {
  const Type = TYPES.get(typeTag(view)) ?? DataView;
  const elementSize = Type === DataView ? 1 : Type.BYTES_PER_ELEMENT;
  const { buffer, byteOffset, byteLength } = view;
  return new PullInto(transferBuffer(buffer), byteOffset, byteLength, minimum * elementSize, Type, BYOB);
}

export function copyBytes(to, toOffset, from, fromOffset, length) {
  new Uint8Array(to, toOffset, length).set(new Uint8Array(from, fromOffset, length));
}

/** The bytes that were enqueued and not yet read. */
export class ByteQueue {
  entries = [];
  total = 0;

  push(buffer, offset, length) {
    this.entries.push({ buffer, offset, length });
    this.total += length;
  }

  shift() {
    const entry = this.entries.shift();
    this.total -= entry.length;
    return entry;
  }

  clear() {
    this.entries = [];
    this.total = 0;
  }

  /** Moves bytes into a descriptor; true when it has its minimum (of whole elements). */
  fill(into) {
    const most = Math.min(this.total, into.length - into.filled);
    const reached = into.filled + most;
    const aligned = reached - (reached % into.elementSize);
    const ready = aligned >= into.minimum;
    let left = ready ? aligned - into.filled : most;
    while (left > 0) {
      const [head] = this.entries;
      const length = Math.min(left, head.length);
      copyBytes(into.buffer, into.offset + into.filled, head.buffer, head.offset, length);
      if (head.length === length) {
        this.entries.shift();
      } else {
        head.offset += length;
        head.length -= length;
      }
      this.total -= length;
      into.filled += length;
      left -= length;
    }
    return ready;
  }
}
