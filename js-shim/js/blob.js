// Blob and File (File API), in memory.

import { isBufferSource, toBytes } from './bytes.js';
import { contentStream } from './body-streams.js';
import { dictionary, exposeInterfaces, requireArguments } from './webidl.js';

const { utf8Decode, utf8Encode } = native;

let isBlob;
let blobBytes;

function normalizeType(type) {
  const text = String(type);
  return /^[\x20-\x7e]*$/.test(text) ? text.toLowerCase() : '';
}

function collect(parts, endings) {
  const pieces = [];
  let length = 0;
  for (const part of parts) {
    let piece;
    if (isBlob(part)) piece = blobBytes(part);
    else if (isBufferSource(part)) piece = toBytes(part);
    else piece = utf8Encode(endings === 'native' ? String(part).replace(/\r\n?/g, '\n') : part);
    pieces.push(piece);
    length += piece.byteLength;
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.byteLength;
  }
  return bytes;
}

export class Blob {
  #bytes;
  #type;

  constructor(parts = undefined, options = undefined) {
    if (parts !== undefined && (parts === null || typeof parts !== 'object' || typeof parts[Symbol.iterator] !== 'function')) {
      throw new TypeError('Blob: the first argument must be a list of parts.');
    }
    const { endings = 'transparent', type = '' } = dictionary(options, 'Blob: the options');
    if (endings !== 'transparent' && endings !== 'native') throw new TypeError(`Blob: unknown endings "${endings}".`);
    this.#bytes = parts === undefined ? new Uint8Array(0) : collect(parts, endings);
    this.#type = normalizeType(type);
  }

  get size() { return this.#bytes.byteLength; }
  get type() { return this.#type; }

  async arrayBuffer() { return this.#bytes.slice().buffer; }
  async bytes() { return this.#bytes.slice(); }
  async text() { return utf8Decode(this.#bytes, false, true); }

  slice(start = 0, end = this.#bytes.byteLength, type = '') {
    const slice = new Blob([], { type });
    slice.#bytes = this.#bytes.slice(start, end);
    return slice;
  }

  stream() { return contentStream(this.#bytes); }

  static {
    isBlob = (value) => typeof value === 'object' && value !== null && #bytes in value;
    // not to be written to
    blobBytes = (blob) => blob.#bytes;
  }
}

export class File extends Blob {
  #name;
  #lastModified;

  constructor(parts, name, options = undefined) {
    requireArguments(arguments.length, 2, 'File');
    super(parts, options);
    const { lastModified } = dictionary(options, 'File: the options');
    this.#name = String(name).toWellFormed();
    this.#lastModified = lastModified === undefined ? Date.now() : Math.trunc(Number(lastModified)) || 0;
  }

  get name() { return this.#name; }
  get lastModified() { return this.#lastModified; }
  get webkitRelativePath() { return ''; }
}

export { blobBytes, isBlob };

export function install() {
  exposeInterfaces({ Blob, File });
}
