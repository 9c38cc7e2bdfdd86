// IdentityTransformStream and FixedLengthStream of Workers: bytes pass as they are, and a write waits for its reader.

import { isBufferSource, toBytes } from '../bytes.js';
import { dictionary, kInternal, requireArguments } from '../webidl.js';
import { adoptInto } from './adopt.js';
import { newDeferred, rejection, RESOLVED, then } from './promises.js';
import { createByteReadable } from './readable.js';
import { ERRORED, READABLE } from './readable-state.js';
import { TransformStream } from './transform.js';
import { createWritable } from './writable.js';
import { writableOf } from './writable-state.js';

function chunkBytes(chunk) {
  if (isBufferSource(chunk)) return toBytes(chunk);
  if (typeof chunk === 'string') throw new TypeError('This TransformStream is being used as a byte stream, but received a string on its writable side. If you wish to write a string, you\'ll probably want to explicitly UTF-8-encode it with TextEncoder.');
  throw new TypeError('This TransformStream is being used as a byte stream, but received an object of non-ArrayBuffer/ArrayBufferView type on its writable side.');
}

/** What the two hold. `left` is how many bytes may still come; null for any number. */
class Identity {
  readable;
  writable;
  #left;
  #sink;
  // a reader waits for bytes
  #wanted = false;
  // a write waits for a reader: fulfilled when there is one
  #turn = null;

  constructor(expected, highWaterMark) {
    this.#left = expected;
    this.readable = createByteReadable({
      pull: () => this.#pull(),
      cancel: (reason) => this.#cancel(reason),
    });
    this.readable.expectedLength = expected ?? undefined;
    this.writable = createWritable({
      write: (chunk) => this.#write(chunk),
      closeSink: () => this.#close(),
      abort: (reason) => this.#abort(reason),
    }, highWaterMark ?? 1, highWaterMark === undefined ? null : (chunk) => chunk.byteLength ?? 0);
    this.#sink = writableOf(this.writable);
    this.#sink.adopt = (source) => this.#adopt(source);
    this.#sink.controller.onAbort = (reason) => this.#breakOff(reason);
  }

  #pull() {
    this.#wanted = true;
    this.#turn?.resolve(undefined);
    this.#turn = null;
    return RESOLVED;
  }

  #cancel(reason) {
    this.#sink.controller.errorIfNeeded(reason);
    this.#turn?.resolve(undefined);
    return RESOLVED;
  }

  #fail(error) {
    this.readable.controller.error(error);
    return rejection(error);
  }

  #write(chunk) {
    let bytes;
    try {
      bytes = chunkBytes(chunk);
    } catch (error) {
      return this.#fail(error);
    }
    if (bytes.byteLength === 0) return RESOLVED;
    if (this.#left !== null && bytes.byteLength > this.#left) return this.#fail(new TypeError('Attempt to write too many bytes through a FixedLengthStream.'));
    if (this.#wanted) return this.#give(bytes);
    this.#turn = newDeferred();
    return then(this.#turn.promise, () => this.#give(bytes));
  }

  #give(bytes) {
    const { readable } = this;
    if (readable.state === ERRORED) return rejection(readable.error);
    // canceled: the writable side was told
    if (readable.state !== READABLE) return RESOLVED;
    this.#wanted = false;
    if (this.#left !== null) this.#left -= bytes.byteLength;
    // a copy: who wrote it may use the buffer again as soon as the write is done
    readable.controller.enqueueBuffer(bytes.slice().buffer, 0, bytes.byteLength);
    return RESOLVED;
  }

  #close() {
    if (this.#left !== null && this.#left > 0) return this.#fail(new TypeError('FixedLengthStream did not see all expected bytes before close().'));
    const { controller } = this.readable;
    try {
      controller.close();
    } catch (error) {
      return rejection(error);
    }
    if (controller.pending.length > 0) controller.respond(0);
    return RESOLVED;
  }

  #abort(reason) {
    this.readable.controller.error(reason);
    return RESOLVED;
  }

  /** A write that waits for a reader waits no longer. */
  #breakOff(reason) {
    if (this.#turn === null) return;
    this.readable.controller.error(reason);
    this.#turn.resolve(undefined);
  }

  /** Reads an unread body in place of the writes that a pipe would make; false if it cannot. */
  #adopt(source) {
    if (this.#left !== null && this.#left !== source.length) return false;
    return adoptInto(this.readable, this.#sink, source);
  }
}

function readMark(strategy, name) {
  const { highWaterMark } = dictionary(strategy, `${name}: the strategy`);
  return highWaterMark === undefined || highWaterMark === null ? undefined : Number(highWaterMark);
}

export class IdentityTransformStream extends TransformStream {
  constructor(queuingStrategy = undefined, identity = undefined) {
    super(kInternal, queuingStrategy === kInternal ? identity : new Identity(null, readMark(queuingStrategy, 'IdentityTransformStream')));
  }
}

function readLength(value) {
  const length = typeof value === 'bigint' ? Number(value) : Math.trunc(Number(value));
  if (!(length >= 0 && length <= Number.MAX_SAFE_INTEGER)) throw new TypeError('FixedLengthStream: the length must be an integer from 0 to 2^53 - 1.');
  return length;
}

export class FixedLengthStream extends IdentityTransformStream {
  constructor(expectedLength, queuingStrategy = undefined) {
    requireArguments(arguments.length, 1, 'FixedLengthStream');
    super(kInternal, new Identity(readLength(expectedLength), readMark(queuingStrategy, 'FixedLengthStream')));
  }
}
