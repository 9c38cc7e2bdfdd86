// CompressionStream and DecompressionStream (Compression standard).

import { requireBytes } from './bytes.js';
import { TransformStream } from './streams.js';
import { exposeInterfaces, requireArguments } from './webidl.js';

const { Codec } = native;

const FORMATS = ['deflate', 'deflate-raw', 'gzip'];
const NO_BYTES = new Uint8Array(0);

function checkFormat(given, value, name) {
  requireArguments(given, 1, name);
  const format = String(value);
  if (!FORMATS.includes(format)) throw new TypeError(`${name}: the format must be one of ${FORMATS.map((known) => `"${known}"`).join(', ')}, not "${format}".`);
  return format;
}

function codecTransform(format, compress, what) {
  const codec = new Codec(format, compress);
  const run = (bytes, last, controller) => {
    for (let piece = codec.step(bytes, last); piece !== undefined; piece = codec.step(bytes, last)) controller.enqueue(piece);
  };
  return new TransformStream({
    transform(chunk, controller) { run(requireBytes(chunk, what), false, controller); },
    flush(controller) { run(NO_BYTES, true, controller); },
  });
}

export class CompressionStream {
  #transform;

  constructor(format) {
    this.#transform = codecTransform(checkFormat(arguments.length, format, 'CompressionStream'), true, 'CompressionStream: a chunk');
  }

  get readable() { return this.#transform.readable; }
  get writable() { return this.#transform.writable; }
}

export class DecompressionStream {
  #transform;

  constructor(format) {
    this.#transform = codecTransform(checkFormat(arguments.length, format, 'DecompressionStream'), false, 'DecompressionStream: a chunk');
  }

  get readable() { return this.#transform.readable; }
  get writable() { return this.#transform.writable; }
}

export function install() {
  exposeInterfaces({ CompressionStream, DecompressionStream });
}
