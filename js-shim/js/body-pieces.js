// A body in pieces that are there already, such as a form with files: sent one after the other, so that its memory is not
// needed twice.

import { piecesStream } from './body-streams.js';

const { utf8Decode } = native;

/** Pieces that take less are put together: one write is cheaper than many. */
const SMALL = 65536;

class Pieces {
  #pieces;

  constructor(pieces) {
    this.#pieces = pieces;
  }

  async bytes() { return join(this.#pieces).buffer; }
  async text() { return utf8Decode(join(this.#pieces), false, false); }
  cancel() {}
  stream() { return piecesStream(this.#pieces); }
}

export function isPieces(source) {
  return source instanceof Pieces;
}

function lengthOf(pieces) {
  return pieces.reduce((length, piece) => length + piece.byteLength, 0);
}

function join(pieces) {
  const bytes = new Uint8Array(lengthOf(pieces));
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.byteLength;
  }
  return bytes;
}

/** The source of a Body for Uint8Arrays that nobody writes to. */
export function sourceOfPieces(pieces) {
  return lengthOf(pieces) <= SMALL ? join(pieces) : new Pieces(pieces);
}
