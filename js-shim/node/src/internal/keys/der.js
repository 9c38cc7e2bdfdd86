// DER (X.690), as far as keys, certificates and signatures need it.

import { malformed } from './errors.js';

export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const OBJECT_IDENTIFIER = 0x06;
export const SEQUENCE = 0x30;
/** [number], with something constructed in it. */
export const context = (number) => 0xa0 + number;

/** Reads element by element. */
export class DerReader {
  #bytes;
  #at = 0;

  constructor(bytes) { this.#bytes = bytes; }

  /** The tag of the next element; undefined at the end. */
  get next() { return this.#bytes[this.#at]; }

  #byte() {
    if (this.#at >= this.#bytes.length) throw malformed();
    return this.#bytes[this.#at++];
  }

  #length() {
    const first = this.#byte();
    if (first < 0x80) return first;
    if (first === 0x80 || first > 0x84) throw malformed();
    let length = 0;
    for (let left = first - 0x80; left > 0; left -= 1) length = length * 256 + this.#byte();
    return length;
  }

  /** Content of the next element, which must have the tag. */
  read(tag) {
    if (this.next !== tag) throw malformed();
    this.#at += 1;
    const length = this.#length();
    const start = this.#at;
    if (start + length > this.#bytes.length) throw malformed();
    this.#at += length;
    return this.#bytes.subarray(start, this.#at);
  }

  /** The next element with its tag and length. */
  element() {
    const start = this.#at;
    this.read(this.next);
    return this.#bytes.subarray(start, this.#at);
  }

  /** A reader of what is in the next element. */
  enter(tag = SEQUENCE) { return new DerReader(this.read(tag)); }
}

function lengthOf(length) {
  if (length < 0x80) return [length];
  const bytes = [];
  for (let left = length; left > 0; left = Math.floor(left / 256)) bytes.unshift(left % 256);
  return [0x80 + bytes.length, ...bytes];
}

/** An element made of the parts, which are bytes. */
export function element(tag, ...parts) {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const head = [tag, ...lengthOf(length)];
  const bytes = new Uint8Array(head.length + length);
  bytes.set(head);
  let at = head.length;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export const sequence = (...parts) => element(SEQUENCE, ...parts);

/** A number that is not negative, of which `bytes` may have zeros before it. */
export function integer(bytes) {
  const start = bytes.findIndex((byte) => byte !== 0);
  const number = start < 0 ? Uint8Array.of(0) : bytes.subarray(start);
  return element(INTEGER, ...(number[0] >= 0x80 ? [[0]] : []), number);
}
