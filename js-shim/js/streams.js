// The WHATWG streams, by web-streams-polyfill, and the few things about a stream the other files must know.

import {
  ByteLengthQueuingStrategy, CountQueuingStrategy, ReadableByteStreamController, ReadableStream,
  ReadableStreamBYOBReader, ReadableStreamBYOBRequest, ReadableStreamDefaultController, ReadableStreamDefaultReader,
  TransformStream, TransformStreamDefaultController, WritableStream, WritableStreamDefaultController,
  WritableStreamDefaultWriter,
} from 'web-streams-polyfill';
import { toBytes, isBufferSource } from './bytes.js';
import { began, settled } from './pending.js';
import { exposeValue } from './webidl.js';

const INTERFACES = {
  ByteLengthQueuingStrategy, CountQueuingStrategy, ReadableByteStreamController, ReadableStream,
  ReadableStreamBYOBReader, ReadableStreamBYOBRequest, ReadableStreamDefaultController, ReadableStreamDefaultReader,
  TransformStream, TransformStreamDefaultController, WritableStream, WritableStreamDefaultController,
  WritableStreamDefaultWriter,
};

export function isReadableStream(value) {
  return value instanceof ReadableStream;
}

// `_disturbed` is the standard's [[disturbed]] slot in the polyfill, whose version package-lock.json pins

export function isDisturbed(stream) {
  return stream._disturbed;
}

export function markDisturbed(stream) {
  stream._disturbed = true;
}

/** The bytes of a chunk of a body. */
export function chunkBytes(chunk) {
  if (isBufferSource(chunk)) return toBytes(chunk);
  const got = typeof chunk === 'string' ? 'a string' : typeof chunk;
  throw new TypeError(`A body's ReadableStream must give bytes (Uint8Array), but it gave ${got}. Encode text with TextEncoder or TextEncoderStream first.`);
}

/** Hands every chunk to `write`, which may return a promise. Cancels the stream when `write` fails. */
export async function drain(stream, write, what) {
  const reader = stream.getReader();
  const entry = began(what);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      try {
        const written = write(chunkBytes(value));
        if (written !== undefined) await written;
      } catch (error) {
        reader.cancel(error).catch(() => {});
        throw error;
      }
    }
  } finally {
    settled(entry);
    reader.releaseLock();
  }
}

/** The whole content of a stream as one Uint8Array. */
export async function readAll(stream) {
  const chunks = [];
  let length = 0;
  await drain(stream, (bytes) => {
    chunks.push(bytes);
    length += bytes.byteLength;
  }, 'the end of a ReadableStream that is read as a body');
  if (chunks.length === 1 && chunks[0].byteLength === chunks[0].buffer.byteLength) return chunks[0];
  const all = new Uint8Array(length);
  let offset = 0;
  for (const bytes of chunks) {
    all.set(bytes, offset);
    offset += bytes.byteLength;
  }
  return all;
}

export { ReadableStream, TransformStream, WritableStream };

export function install() {
  for (const [name, Interface] of Object.entries(INTERFACES)) exposeValue(name, Interface);
}
