// Bodies under a `Content-Encoding` of gzip or br.
//
// What fetch() received is decoded when a worker reads it, and goes on as it came when it is sent under the same coding.
// Any other body is encoded as the headers of its response say, unless `encodeBody: 'manual'` says that it is already.

import { handleStream } from './body-streams.js';
import { codecStream, readThrough } from './compression.js';
import { isReadableStream, ReadableStream } from './streams.js';

const { Codec, utf8Decode, utf8Encode } = native;
const { pipeThrough } = ReadableStream.prototype;

/** The coding that is done and undone here, if the headers name one. */
export function codingOf(list) {
  const coding = list.get('content-encoding');
  return coding === 'gzip' || coding === 'br' ? coding : undefined;
}

/** A received body that is decoded as it is read. `raw`: a BodyHandle, or half of one. */
export class Encoded {
  #next = null;

  constructor(raw, coding) {
    this.raw = raw;
    this.coding = coding;
  }

  // nobody knows before it is decoded
  get contentLength() { return -1; }

  /** A promise of the next bytes, or of null at the end. */
  async read() {
    if (this.#next === null) {
      const first = await this.raw.read();
      // of nothing there is nothing to decode
      if (first === null) return null;
      this.#next = this.#begin(first);
    }
    return this.#next();
  }

  #begin(first) {
    let ahead = first;
    const next = () => {
      if (ahead === null) return this.raw.read();
      const bytes = ahead;
      ahead = null;
      return bytes;
    };
    return readThrough(new Codec(this.coding, false), { next, cancel: () => this.raw.cancel() });
  }

  /** A promise of an ArrayBuffer that nobody else holds. */
  bytes() {
    return this.raw.bytes().then((buffer) => (buffer.byteLength === 0 ? buffer : new Codec(this.coding, false).all(new Uint8Array(buffer)).buffer));
  }

  text() {
    return this.bytes().then((buffer) => utf8Decode(new Uint8Array(buffer), false, false));
  }

  cancel() {
    this.raw.cancel();
  }

  /** As it came, for sending. */
  get undecoded() { return this.raw.stream?.() ?? this.raw; }

  /** Decoded, for sending. */
  get decoded() { return handleStream(this, null); }
}

function zipped(content) {
  const codec = new Codec('gzip', true);
  if (typeof content === 'string') return codec.all(utf8Encode(content.toWellFormed()));
  if (content instanceof Uint8Array) return codec.all(content);
  return Reflect.apply(pipeThrough, isReadableStream(content) ? content : handleStream(content, null), [codecStream(codec)]);
}

/**
 * What to send in the place of `content`, which a body's take() gave, and what the headers `list` then say. Brotli is
 * left to the server, whose client may know it: its tables would be in the snapshot of every worker.
 */
export function recoded(content, list, isManual) {
  const coding = isManual ? undefined : codingOf(list);
  if (content instanceof Encoded && content.coding === coding) return content.undecoded;
  list.delete('content-length');
  if (coding === 'br') list.delete('content-encoding');
  const plain = content instanceof Encoded ? content.decoded : content;
  return coding === 'gzip' ? zipped(plain) : plain;
}

/** What a received body is to those who read it. */
export function received(body, list) {
  if (body === null || body instanceof Uint8Array) return body;
  const coding = codingOf(list);
  return coding === undefined ? body : new Encoded(body, coding);
}
