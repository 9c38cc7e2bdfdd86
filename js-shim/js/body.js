// Bodies (fetch standard section 5.3): what Request and Response share.
//
// A body is kept in the form it came in: a string, bytes, an incoming body that nobody has read yet (a Rust
// BodyHandle), or a stream. A JS stream object is made only when a worker asks for `.body`: text(), json(),
// bytes() and arrayBuffer() read the other forms in Rust.

import { Blob, blobBytes, isBlob } from './blob.js';
import { toBytes } from './bytes.js';
import { isFormData, parseFormData, serializeFormData } from './form-data.js';
import { isDisturbed, isReadableStream, markDisturbed, readAll, ReadableStream } from './streams.js';
import { isSearchParams } from './url.js';
import { abortable } from './abort.js';

const { utf8Decode, utf8Encode } = native;
const parseJson = JSON.parse;

/** Streams made for an unread incoming body, so that passing one on need not read it in JS. */
const handles = new WeakMap();

function usedError() {
  return new TypeError('Body has already been used. It can only be used once. Use tee() first if you need to read it twice.');
}

const LOCKED = 'This ReadableStream is currently locked to a reader.';

// a stream in JS is not read on once its reader has been dropped
const NOTHING = { cancel() {} };

/** The state of one body. `source`: string, Uint8Array, BodyHandle or Branch; null when only a stream was given. */
export class Body {
  constructor(source, stream = null) {
    this.source = source;
    this.stream = stream;
    this.used = false;
    this.signal = null;
  }

  get disturbed() {
    return this.used || (this.stream !== null && isDisturbed(this.stream));
  }

  /** Marks the body used. Gives what can be read without a JS stream, or null when the stream must be read. */
  claim() {
    if (this.used) throw usedError();
    const { stream, source } = this;
    if (stream === null) {
      this.used = true;
      return source;
    }
    if (stream.locked) throw new TypeError(LOCKED);
    if (isDisturbed(stream)) throw usedError();
    this.used = true;
    const direct = source ?? handles.get(stream) ?? null;
    if (direct === null || direct instanceof Branch) return null;
    // nobody has read from the stream that a look at `.body` made: leave it out
    markDisturbed(stream);
    return direct;
  }

  text() {
    const source = this.claim();
    if (source === null) return this.guarded(readAll(this.stream).then(decodeText), NOTHING);
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
    if (source === null) return this.guarded(readAll(this.stream), NOTHING);
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
    else if (typeof source === 'string') this.stream = bytesStream(utf8Encode(source));
    else if (source instanceof Uint8Array) this.stream = bytesStream(source.slice());
    else if (source instanceof Branch) this.stream = source.stream();
    else this.stream = handleStream(source, this.signal);
    return this.stream;
  }

  /** Splits in two: this body and the one given back can each be read once. */
  clone() {
    if (this.disturbed) throw usedError();
    if (this.stream === null) {
      const { source } = this;
      if (typeof source === 'string' || source instanceof Uint8Array) return new Body(source);
      if (!(source instanceof Branch)) {
        const split = new Split(source, this.signal);
        this.source = new Branch(split, 0);
        return this.derived(new Body(new Branch(split, 1)));
      }
    }
    const stream = this.getStream();
    if (stream.locked) throw new TypeError(LOCKED);
    const [mine, other] = stream.tee();
    this.source = null;
    this.stream = mine;
    return this.derived(new Body(null, other));
  }

  derived(body) {
    body.signal = this.signal;
    return body;
  }

  /** Moves the content to a new body; this one counts as used. */
  move() {
    if (this.disturbed) throw usedError();
    if (this.stream !== null && this.stream.locked) throw new TypeError(LOCKED);
    const moved = this.derived(new Body(this.source, this.stream));
    this.used = true;
    this.stream = null;
    return moved;
  }

  /** For sending: a string, bytes, an unread BodyHandle, or a ReadableStream. */
  take() {
    const source = this.claim();
    if (source === null) return this.stream;
    return source instanceof Branch ? source.stream() : source;
  }

  /** True when the content can be sent again, as a 307 redirect asks. */
  get replayable() {
    return typeof this.source === 'string' || this.source instanceof Uint8Array;
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
    split.streams ??= handleStream(split.handle, split.signal).tee();
    return split.streams[this.index];
  }
}

const wrapBuffer = (buffer) => new Uint8Array(buffer);
const unwrapBuffer = (bytes) => bytes.buffer;

function decodeText(bytes) {
  return utf8Decode(bytes, false, false);
}

function handleStream(handle, signal) {
  const pull = async (controller) => {
    const reading = handle.read();
    const chunk = await (signal === null ? reading : abortable(reading, signal));
    if (chunk === null) {
      controller.close();
      controller.byobRequest?.respond(0);
    } else if (chunk.byteLength > 0) {
      controller.enqueue(chunk);
    } else {
      await pull(controller);
    }
  };
  const stream = new ReadableStream({ type: 'bytes', pull, cancel() { handle.cancel(); } }, { highWaterMark: 0 });
  handles.set(stream, handle);
  return stream;
}

/** A byte stream of one chunk, which is asked for when somebody reads. */
function lazyStream(getBytes) {
  return new ReadableStream({
    type: 'bytes',
    async pull(controller) {
      const bytes = await getBytes();
      if (bytes.byteLength > 0) controller.enqueue(bytes);
      controller.close();
      controller.byobRequest?.respond(0);
    },
  }, { highWaterMark: 0 });
}

export function bytesStream(bytes) {
  return lazyStream(() => bytes);
}

function spentStream() {
  const stream = new ReadableStream({ type: 'bytes', start(controller) { controller.close(); } });
  markDisturbed(stream);
  return stream;
}

/** Turns a BodyInit into `[content, content type]`; the content is a string or a Body. */
export function extractBody(init) {
  if (typeof init === 'string') return [init, 'text/plain;charset=UTF-8'];
  if (typeof init === 'object') {
    if (isReadableStream(init)) {
      if (isDisturbed(init)) throw new TypeError('This ReadableStream is disturbed (has already been read from), and cannot be used as a body.');
      if (init.locked) throw new TypeError(LOCKED);
      return [new Body(null, init), null];
    }
    if (init instanceof ArrayBuffer || ArrayBuffer.isView(init)) return [new Body(toBytes(init).slice()), null];
    if (isSearchParams(init)) return [init.toString(), 'application/x-www-form-urlencoded;charset=UTF-8'];
    if (isBlob(init)) return [new Body(blobBytes(init)), init.type === '' ? null : init.type];
    if (isFormData(init)) {
      const { bytes, type } = serializeFormData(init);
      return [new Body(bytes), type];
    }
  }
  return [String(init), 'text/plain;charset=UTF-8'];
}

/**
 * Adds body, bodyUsed, text() and so on to a prototype. `bodyOf(object)` gives its Body or null and throws for
 * an object of another class; `typeOf(object)` gives its content type or an empty string.
 */
export function mixBody(prototype, bodyOf, typeOf) {
  const members = {
    get body() {
      const body = bodyOf(this);
      return body === null ? null : body.getStream();
    },
    get bodyUsed() {
      const body = bodyOf(this);
      return body !== null && body.disturbed;
    },
    arrayBuffer() {
      try {
        const body = bodyOf(this);
        return body === null ? Promise.resolve(new ArrayBuffer(0)) : body.arrayBuffer();
      } catch (error) {
        return Promise.reject(error);
      }
    },
    blob() {
      try {
        const body = bodyOf(this);
        const type = typeOf(this);
        if (body === null) return Promise.resolve(new Blob([], { type }));
        return body.bytes().then((bytes) => new Blob([bytes], { type }));
      } catch (error) {
        return Promise.reject(error);
      }
    },
    bytes() {
      try {
        const body = bodyOf(this);
        return body === null ? Promise.resolve(new Uint8Array(0)) : body.bytes();
      } catch (error) {
        return Promise.reject(error);
      }
    },
    formData() {
      try {
        const body = bodyOf(this);
        const type = typeOf(this);
        if (body === null) return Promise.resolve(parseFormData(new Uint8Array(0), type));
        return body.bytes().then((bytes) => parseFormData(bytes, type));
      } catch (error) {
        return Promise.reject(error);
      }
    },
    json() {
      try {
        const body = bodyOf(this);
        return body === null ? Promise.resolve('').then(parseJson) : body.json();
      } catch (error) {
        return Promise.reject(error);
      }
    },
    text() {
      try {
        const body = bodyOf(this);
        return body === null ? Promise.resolve('') : body.text();
      } catch (error) {
        return Promise.reject(error);
      }
    },
  };
  Object.defineProperties(prototype, Object.getOwnPropertyDescriptors(members));
}
