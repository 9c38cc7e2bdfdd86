// The state of a body (fetch standard section 2.2.4).
//
// A body is kept in the form it came in: a string, bytes, an incoming body that nobody has read yet (a Rust
// BodyHandle), or a stream. A JS stream object is made only when a worker asks for `.body`: text(), json(),
// bytes() and arrayBuffer() read the other forms in Rust.

import { abortable } from './abort.js';
import { Encoded } from './body-coding.js';
import { isPieces } from './body-pieces.js';
import { contentStream, handleStream, lazyStream, seal, sourceOf, spentStream } from './body-streams.js';
import { isDisturbed, isLocked, lockStream, markDisturbed, ReadableStream, readAll, teeStream, TransformStream } from './streams.js';
import { newDeferred } from './streams/promises.js';

const { utf8Decode, utf8Encode } = native;
export const parseJson = JSON.parse;

function usedError() {
  return new TypeError('Body has already been used. It can only be used once. Use tee() first if you need to read it twice.');
}

export const LOCKED = 'This ReadableStream is currently locked to a reader.';

// a stream over an incoming body watches the signal itself
const NOTHING = { cancel() {} };

/** What many bodies can have, since it is never written to. */
function isShared(source) {
  return typeof source === 'string' || source instanceof Uint8Array || isPieces(source);
}

/** What only its own stream() can send. */
function needsStream(source) {
  return source instanceof Branch || isPieces(source);
}

/** The state of one body. `source`: string, Uint8Array, BodyHandle, Encoded, Pieces or Branch; null when only a stream was given. */
export class Body {
  constructor(source, stream = null) {
    this.source = source;
    this.stream = stream;
    this.used = false;
    // the signal of the fetch that it came by
    this.signal = null;
    // whether it was asked for after the signal had broken it off
    this.brokenOff = false;
  }

  get disturbed() {
    return this.used || (this.stream !== null && isDisturbed(this.stream));
  }

  /** Marks the body used. Gives what can be read without a JS stream, or null when the stream must be read. */
  claim() {
    if (this.signal !== null && this.signal.aborted && (this.brokenOff || !this.used)) {
      this.brokenOff = true;
      this.used = true;
      throw this.signal.reason;
    }
    if (this.used) throw usedError();
    const { stream, source } = this;
    if (stream === null) {
      this.used = true;
      return source;
    }
    if (isLocked(stream)) throw new TypeError(LOCKED);
    if (isDisturbed(stream)) throw usedError();
    this.used = true;
    const direct = source ?? sourceOf(stream) ?? null;
    if (direct === null || needsStream(direct)) return null;
    // nobody has read from the stream that a look at `.body` made: leave it out
    markDisturbed(stream);
    seal(stream);
    return direct;
  }

  text() {
    const source = this.claim();
    if (source === null) return this.guarded(readSealed(this.stream, decodeText), NOTHING);
    if (typeof source === 'string') return Promise.resolve(source.toWellFormed());
    if (source instanceof Uint8Array) return Promise.resolve(decodeText(source));
    return this.guarded(source.text(), source);
  }

  json() {
    return this.text().then(parseJson);
  }

  /** A promise of a Uint8Array that nobody else holds. */
  bytes() {
    const source = this.claim();
    if (source === null) return this.guarded(readSealed(this.stream), NOTHING);
    if (typeof source === 'string') return Promise.resolve(utf8Encode(source));
    if (source instanceof Uint8Array) return Promise.resolve(source.slice());
    return this.guarded(source.bytes().then(wrapBuffer), source);
  }

  arrayBuffer() {
    return this.bytes().then(unwrapBuffer);
  }

  /** Until the end of `promise`, which reads `source`, the signal of the fetch breaks it off. */
  guarded(promise, source) {
    return this.signal === null ? promise : abortable(promise, this.signal, () => source.cancel());
  }

  getStream() {
    if (this.stream !== null) return this.stream;
    const { source } = this;
    if (this.used) this.stream = spentStream();
    else if (typeof source === 'string' || source instanceof Uint8Array) this.stream = contentStream(source);
    else if (needsStream(source)) this.stream = source.stream();
    else this.stream = handleStream(source, this.signal);
    return this.stream;
  }

  /** Splits in two: this body and the one given back can each be read once. */
  clone() {
    if (this.disturbed) throw usedError();
    if (this.stream === null) {
      const { source } = this;
      if (isShared(source)) return new Body(source);
      const isEncoded = source instanceof Encoded;
      const raw = isEncoded ? source.raw : source;
      if (!(raw instanceof Branch)) {
        const split = new Split(raw, this.signal);
        const half = (index) => (isEncoded ? new Encoded(new Branch(split, index), source.coding) : new Branch(split, index));
        this.source = half(0);
        return this.derived(new Body(half(1)));
      }
    }
    const stream = this.getStream();
    if (isLocked(stream)) throw new TypeError(LOCKED);
    const content = this.source ?? sourceOf(stream);
    if (isShared(content)) {
      // what tee() comes to, without a copy: the stream that was given out stays locked
      lockStream(stream);
      this.source = content;
      this.stream = null;
      return this.derived(new Body(content));
    }
    const [mine, other] = teeStream(stream);
    this.source = null;
    this.stream = mine;
    return this.derived(new Body(null, other));
  }

  derived(body) {
    body.signal = this.signal;
    return body;
  }

  /** Moves the content to a new body; this one counts as used, and keeps the stream it may have given out. */
  move() {
    if (this.disturbed) throw usedError();
    const { stream } = this;
    if (stream === null) {
      this.used = true;
      return this.derived(new Body(this.source));
    }
    if (isLocked(stream)) throw new TypeError(LOCKED);
    const direct = this.claim();
    return this.derived(direct === null ? new Body(null, Reflect.apply(pipeThrough, stream, [new TransformStream()])) : new Body(direct));
  }

  /** For sending: a string, bytes, an unread BodyHandle, Encoded, or a ReadableStream. */
  take() {
    const source = this.claim();
    if (source === null) return this.stream;
    return needsStream(source) ? source.stream() : source;
  }

  /** True when the content can be sent again, as a 307 redirect asks. */
  get replayable() {
    return isShared(this.source);
  }
}

/** An unread incoming body that two bodies share after clone(). */
class Split {
  constructor(handle, signal) {
    this.handle = handle;
    this.signal = signal;
    this.buffered = null;
    this.streams = null;
  }
}

/** One of the two halves. Read whole, both come from one buffer; a stream is made only if one is asked for. */
class Branch {
  constructor(split, index) {
    this.split = split;
    this.index = index;
    this.reader = null;
  }

  /** A promise of the next bytes, or of null at the end, for who reads it in pieces. */
  read() {
    this.reader ??= lockStream(this.stream());
    const { promise, resolve, reject } = newDeferred();
    this.reader.read({ chunk: resolve, close: () => resolve(null), error: reject });
    return promise;
  }

  bytes() {
    const { split } = this;
    if (split.streams !== null) return readAll(split.streams[this.index]).then((bytes) => bytes.buffer);
    split.buffered ??= split.handle.bytes();
    return split.buffered.then((buffer) => buffer.slice(0));
  }

  text() {
    const { split } = this;
    if (split.streams !== null) return readAll(split.streams[this.index]).then(decodeText);
    split.buffered ??= split.handle.bytes();
    return split.buffered.then((buffer) => decodeText(new Uint8Array(buffer)));
  }

  // the other half may still be wanted
  cancel() {}

  stream() {
    const { split } = this;
    if (split.buffered !== null) {
      return lazyStream(() => split.buffered.then((buffer) => new Uint8Array(buffer.slice(0))));
    }
    split.streams ??= teeStream(handleStream(split.handle, split.signal));
    return split.streams[this.index];
  }
}

const { pipeThrough } = ReadableStream.prototype;

/** Not by a further promise: one of an object would ask it for a `then`, which a worker can give to all objects. */
function readSealed(stream, convert = (bytes) => bytes) {
  return readAll(stream, (bytes) => {
    seal(stream);
    return convert(bytes);
  });
}

const wrapBuffer = (buffer) => new Uint8Array(buffer);
const unwrapBuffer = (bytes) => bytes.buffer;

function decodeText(bytes) {
  return utf8Decode(bytes, false, false);
}
