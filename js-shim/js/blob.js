// Blob and File (File API), in memory. What a blob holds is never written to, so slices and copies share it.

import { isBufferSource, toBytes } from './bytes.js';
import { contentStream } from './body-streams.js';
import { toClampedInteger, toEnum, toLongLong, toSequence, toUsvString } from './convert.js';
import { dictionary, exposeInterfaces, requireArguments } from './webidl.js';

const { utf8Decode, utf8Encode } = native;

const EMPTY = new Uint8Array(0);

let isBlob;
let isFile;
let blobBytes;
let makeBlob;

function normalizeType(type) {
  return /^[\x20-\x7e]*$/.test(type) ? type.toLowerCase() : '';
}

/** BlobPart: what is neither bytes nor a blob is text. */
function toPart(part) {
  return isBlob(part) || isBufferSource(part) ? part : toUsvString(part);
}

function partBytes(part, endings) {
  if (typeof part === 'string') return utf8Encode(endings === 'native' ? part.replace(/\r\n?/g, '\n') : part);
  if (isBlob(part)) return blobBytes(part);
  // a detached buffer has no bytes
  return part.byteLength === 0 ? EMPTY : toBytes(part);
}

function collect(parts, endings) {
  if (parts.length === 1) {
    const [part] = parts;
    const bytes = partBytes(part, endings);
    return isBufferSource(part) ? bytes.slice() : bytes;
  }
  const pieces = parts.map((part) => partBytes(part, endings));
  const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.byteLength, 0));
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.byteLength;
  }
  return bytes;
}

/** BlobPropertyBag, its members in the order they are read. */
function toPropertyBag(options, what) {
  const given = dictionary(options, what);
  const { endings } = given;
  const chosen = endings === undefined ? 'transparent' : toEnum(endings, ['transparent', 'native'], 'Blob: endings');
  return { endings: chosen, given };
}

export class Blob {
  #bytes = EMPTY;
  #type = '';

  constructor(blobParts = undefined, options = undefined) {
    const parts = blobParts === undefined ? [] : toSequence(blobParts, toPart, 'Blob: the first argument');
    const { endings, given } = toPropertyBag(options, 'Blob: the options');
    const { type } = given;
    if (type !== undefined) this.#type = normalizeType(String(type));
    if (parts.length > 0) this.#bytes = collect(parts, endings);
  }

  get size() { return this.#bytes.byteLength; }
  get type() { return this.#type; }

  async arrayBuffer() { return this.#bytes.slice().buffer; }
  async bytes() { return this.#bytes.slice(); }
  async text() { return utf8Decode(this.#bytes, false, false); }

  slice(start = undefined, end = undefined, contentType = undefined) {
    const bytes = this.#bytes;
    const from = start === undefined ? 0 : toClampedInteger(start);
    const to = end === undefined ? bytes.byteLength : toClampedInteger(end);
    const type = contentType === undefined ? '' : normalizeType(String(contentType));
    return makeBlob(bytes.subarray(from, to), type);
  }

  stream() { return contentStream(this.#bytes); }

  static {
    isBlob = (value) => typeof value === 'object' && value !== null && #bytes in value;
    // not to be written to
    blobBytes = (blob) => blob.#bytes;
    // of bytes that nobody else writes to
    makeBlob = (bytes, type) => {
      const blob = new Blob();
      blob.#bytes = bytes;
      blob.#type = type;
      return blob;
    };
  }
}

export class File extends Blob {
  #name;
  #lastModified;

  constructor(fileBits, fileName, options = undefined) {
    requireArguments(arguments.length, 2, 'File');
    const parts = toSequence(fileBits, toPart, 'File: the first argument');
    const name = toUsvString(fileName);
    const { endings, given } = toPropertyBag(options, 'File: the options');
    const { lastModified } = given;
    const modified = lastModified === undefined ? Date.now() : toLongLong(lastModified);
    const { type } = given;
    super(parts, { endings, type });
    this.#name = name;
    this.#lastModified = modified;
  }

  get name() { return this.#name; }
  get lastModified() { return this.#lastModified; }
  get webkitRelativePath() { return (this.#name, ''); }

  static {
    isFile = (value) => typeof value === 'object' && value !== null && #name in value;
  }
}

export { blobBytes, isBlob, isFile, makeBlob };

export function install() {
  exposeInterfaces({ Blob, File });
}
