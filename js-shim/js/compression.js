// CompressionStream and DecompressionStream (Compression standard).

import { requireBytes } from './bytes.js';
import { createTransform } from './streams/transform.js';
import { exposeInterfaces, requireArguments } from './webidl.js';

const { Codec } = native;

const FORMATS = ['deflate', 'deflate-raw', 'gzip'];
const NO_BYTES = new Uint8Array(0);

/** What reads an unread body and gives the pieces it comes to: a pipe's work without the pipe. */
export function readThrough(codec, source) {
  let chunk = NO_BYTES;
  let last = false;
  return async () => {
    try {
      for (;;) {
        const piece = codec.step(chunk, last);
        if (piece !== undefined) return piece;
        if (last) return null;
        const read = await source.next();
        last = read === null;
        chunk = read ?? NO_BYTES;
      }
    } catch (error) {
      source.cancel();
      throw error;
    }
  };
}

/** A transform of what is written to it, as a stream's `readable` and `writable`. */
export function codecStream(codec, name = 'a body') {
  const run = (bytes, last, transform) => transform.enqueueAll(() => codec.step(bytes, last));
  return createTransform({
    transform: (chunk, transform) => run(requireBytes(chunk, `${name}: a chunk`), false, transform),
    flush: (transform) => run(NO_BYTES, true, transform),
    adopting: (source) => source.mapped(readThrough(codec, source)),
  });
}

/** `direction`: `'compress'` or `'decompress'` */
function codecTransform(given, value, direction, name) {
  requireArguments(given, 1, name);
  const format = `${value}`;
  if (!FORMATS.includes(format)) throw new TypeError(`${name}: the format must be one of ${FORMATS.map((known) => `"${known}"`).join(', ')}, not "${format}".`);
  return codecStream(new Codec(format, direction === 'compress'), name);
}

export class CompressionStream {
  #transform;

  constructor(format) {
    this.#transform = codecTransform(arguments.length, format, 'compress', 'CompressionStream');
  }

  get readable() { return this.#transform.readable; }
  get writable() { return this.#transform.writable; }
}

export class DecompressionStream {
  #transform;

  constructor(format) {
    this.#transform = codecTransform(arguments.length, format, 'decompress', 'DecompressionStream');
  }

  get readable() { return this.#transform.readable; }
  get writable() { return this.#transform.writable; }
}

export function install() {
  exposeInterfaces({ CompressionStream, DecompressionStream });
}
