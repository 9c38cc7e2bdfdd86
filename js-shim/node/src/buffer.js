// node:buffer: the `buffer` package in unenv's form, with the engine's own encoders under it and what it lacks added.

import { Buffer, INSPECT_MAX_BYTES, kMaxLength, SlowBuffer } from 'unenv-internal/buffer/buffer';
import { installEncodings } from './internal/buffer-encodings.js';
import { coded, invalidArgType } from './internal/errors.js';

installEncodings(Buffer);

/** What one string may have in this engine. */
export const kStringMaxLength = 2 ** 30 - 1;
export const constants = { MAX_LENGTH: kMaxLength, MAX_STRING_LENGTH: kStringMaxLength };

export const { atob, Blob, btoa, File } = globalThis;

function bytesOf(input) {
  if (ArrayBuffer.isView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  if (input instanceof ArrayBuffer) return new Uint8Array(input);
  throw invalidArgType('input', 'an instance of ArrayBuffer, Buffer, or TypedArray', input);
}

export function isUtf8(input) {
  try {
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytesOf(input));
    return true;
  } catch (error) {
    if (error.code === 'ERR_INVALID_ARG_TYPE') throw error;
    return false;
  }
}

export function isAscii(input) {
  return bytesOf(input).every((byte) => byte < 128);
}

const TRANSCODED = ['utf8', 'ucs2', 'utf16le', 'latin1', 'binary', 'ascii'];

export function transcode(source, from, to) {
  const [one, other] = [from, to].map((name) => String(name).toLowerCase().replace(/^(utf|ucs)-/, '$1').replace('-', ''));
  if (!TRANSCODED.includes(one) || !TRANSCODED.includes(other)) {
    throw coded(Error, 'U_ILLEGAL_ARGUMENT_ERROR', `Unable to transcode Buffer [U_ILLEGAL_ARGUMENT_ERROR]`);
  }
  const text = Buffer.from(bytesOf(source)).toString(one);
  const narrow = other === 'ascii' ? /[^\x00-\x7f]/gu : /[^\x00-\xff]/gu;
  return Buffer.from(['ascii', 'latin1', 'binary'].includes(other) ? text.replace(narrow, '?') : text, other);
}

/** Blobs have no URLs in a worker. */
export function resolveObjectURL() {
  return undefined;
}

export { Buffer, INSPECT_MAX_BYTES, kMaxLength, SlowBuffer };
export default {
  atob, Blob, btoa, Buffer, constants, File, INSPECT_MAX_BYTES, isAscii, isUtf8, kMaxLength, kStringMaxLength, resolveObjectURL,
  SlowBuffer, transcode,
};
