// The bytes of what is given as text, as a view or as memory.

import { Buffer } from '../buffer.js';
import { invalidArgType } from './errors.js';

export const isBytes = (value) => typeof value === 'string' || ArrayBuffer.isView(value) || value instanceof ArrayBuffer;

function read(value, encoding) {
  if (typeof value === 'string') return Buffer.from(value, encoding === 'buffer' ? 'utf8' : encoding);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return new Uint8Array(value);
}

export function bytesOf(value, what, encoding = 'utf8') {
  if (!isBytes(value)) throw invalidArgType(what, 'of type string or an instance of Buffer, TypedArray, or DataView', value);
  return read(value, encoding);
}

/** The same for what Node.js takes whole, and of which it says more. */
export function wholeBytesOf(value, what, encoding = 'utf8') {
  if (!isBytes(value)) throw invalidArgType(what, 'of type string or an instance of ArrayBuffer, Buffer, TypedArray, or DataView', value);
  return read(value, encoding ?? 'utf8');
}
