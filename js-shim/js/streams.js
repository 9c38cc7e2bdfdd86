// The WHATWG streams (streams/), and the few things about a stream the other files must know.

import { addAlgorithm, removeAlgorithm } from './abort.js';
import { toBytes, isBufferSource } from './bytes.js';
import { began, settled } from './pending.js';
import { ReadableByteStreamController, ReadableStreamBYOBRequest } from './streams/byte-interfaces.js';
import { ReadableStreamDefaultController } from './streams/default-controller.js';
import { FixedLengthStream, IdentityTransformStream } from './streams/identity.js';
import { install as installIterator } from './streams/iterator.js';
import { handled, newDeferred } from './streams/promises.js';
import { objectOf, ReadableStream, tee } from './streams/readable.js';
import { cancelReadable, stateOf } from './streams/readable-state.js';
import { Reader, ReadableStreamBYOBReader, ReadableStreamDefaultReader } from './streams/readers.js';
import { ByteLengthQueuingStrategy, CountQueuingStrategy } from './streams/strategies.js';
import { TransformStream, TransformStreamDefaultController } from './streams/transform.js';
import { WritableStream } from './streams/writable.js';
import { WritableStreamDefaultController } from './streams/writable-controller.js';
import { WritableStreamDefaultWriter } from './streams/writer.js';
import { structuredClone } from './structured-clone.js';
import { exposeInterfaces } from './webidl.js';

export function isReadableStream(value) {
  return stateOf(value) !== undefined;
}

export function isDisturbed(stream) {
  return stateOf(stream).disturbed;
}

export function markDisturbed(stream) {
  stateOf(stream).disturbed = true;
}

// what the methods of a stream do, even if a worker replaced them

export function isLocked(stream) {
  return stateOf(stream).reader !== null;
}

export function lockStream(stream) {
  return new Reader(stateOf(stream), false);
}

/** The branches share no chunk (fetch standard, "clone a body"). */
export function teeStream(stream) {
  return tee(stateOf(stream), (chunk) => structuredClone(chunk)).map(objectOf);
}

export function cancelStream(stream, reason = undefined) {
  return cancelReadable(stateOf(stream), reason);
}

/** How many bytes a stream will give, if it says so: the content-length of a message with it. */
export function expectedLength(stream) {
  return stateOf(stream).expectedLength;
}

/** The bytes of a chunk of a body. */
export function chunkBytes(chunk) {
  if (isBufferSource(chunk)) return toBytes(chunk);
  const got = typeof chunk === 'string' ? 'a string' : typeof chunk;
  throw new TypeError(`A body's ReadableStream must give bytes (Uint8Array), but it gave ${got}. Encode text with TextEncoder or TextEncoderStream first.`);
}

/**
 * Hands every chunk to `write`, which may return a promise. Cancels the stream when `write` fails, or `signal` is
 * aborted.
 */
export async function drain(stream, write, what, signal = null) {
  const reader = lockStream(stream);
  const entry = began(what);
  const abort = (reason) => handled(reader.cancel(reason));
  if (signal !== null) addAlgorithm(signal, abort);
  try {
    for (;;) {
      const { promise, resolve, reject } = newDeferred();
      reader.read({ chunk: (value) => resolve({ __proto__: null, value }), close: () => resolve(null), error: reject });
      const read = await promise;
      if (read === null) return;
      try {
        const written = write(chunkBytes(read.value));
        if (written !== undefined) await written;
      } catch (error) {
        handled(reader.cancel(error));
        throw error;
      }
    }
  } finally {
    settled(entry);
    if (signal !== null) removeAlgorithm(signal, abort);
    reader.release();
  }
}

/** What `convert` makes of the whole content of a stream, which it is given as one Uint8Array. */
export async function readAll(stream, convert = (bytes) => bytes) {
  const chunks = [];
  let length = 0;
  await drain(stream, (bytes) => {
    chunks.push(bytes);
    length += bytes.byteLength;
  }, 'the end of a ReadableStream that is read as a body');
  if (chunks.length === 1 && chunks[0].byteLength === chunks[0].buffer.byteLength) return convert(chunks[0]);
  const all = new Uint8Array(length);
  let offset = 0;
  for (const bytes of chunks) {
    all.set(bytes, offset);
    offset += bytes.byteLength;
  }
  return convert(all);
}

export { ReadableStream, TransformStream, WritableStream };

export function install() {
  installIterator();
  exposeInterfaces({
    ByteLengthQueuingStrategy, CountQueuingStrategy, FixedLengthStream, IdentityTransformStream, ReadableByteStreamController, ReadableStream,
    ReadableStreamBYOBReader, ReadableStreamBYOBRequest, ReadableStreamDefaultController, ReadableStreamDefaultReader,
    TransformStream, TransformStreamDefaultController, WritableStream, WritableStreamDefaultController,
    WritableStreamDefaultWriter,
  });
}
