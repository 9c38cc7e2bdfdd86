// Text to bytes and back, by the engine's own code: a loop over bytes in JavaScript costs some hundred times as much.

import { coded, invalidArgType, invalidArgValue, outOfRange } from './errors.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const utf16 = new TextDecoder('utf-16le', { ignoreBOM: true });

const NAMES = new Map([
  ['utf8', 'utf8'], ['utf-8', 'utf8'], ['ucs2', 'utf16le'], ['ucs-2', 'utf16le'], ['utf16le', 'utf16le'], ['utf-16le', 'utf16le'],
  ['latin1', 'latin1'], ['binary', 'latin1'], ['base64', 'base64'], ['base64url', 'base64url'], ['hex', 'hex'], ['ascii', 'ascii'],
]);

/** The name that an encoding goes by; undefined for one that is not known. */
function encodingOf(name) {
  return NAMES.get(name) ?? NAMES.get(String(name).toLowerCase());
}

/** What Node.js takes from text that is meant to be base64, of either alphabet: up to the padding, without other characters. */
function lenientBase64(text) {
  const end = text.indexOf('=');
  let clean = (end === -1 ? text : text.slice(0, end)).replaceAll('-', '+').replaceAll('_', '/').replace(/[^A-Za-z0-9+/]/g, '');
  // one character alone says nothing
  if (clean.length % 4 === 1) clean = clean.slice(0, -1);
  return Uint8Array.fromBase64(clean, { lastChunkHandling: 'loose' });
}

function hexBytes(text) {
  let length = text.length & ~1;
  const bad = text.slice(0, length).search(/[^0-9a-fA-F]/);
  if (bad !== -1) length = bad & ~1;
  return Uint8Array.fromHex(text.slice(0, length));
}

function bytesOf(text, encoding) {
  switch (encoding) {
    case 'utf8': return encoder.encode(text);
    case 'base64':
    case 'base64url': return lenientBase64(text);
    case 'hex': return hexBytes(text);
    case 'utf16le': {
      const bytes = new Uint8Array(text.length * 2);
      for (let index = 0; index < text.length; index += 1) {
        const unit = text.charCodeAt(index);
        bytes[index * 2] = unit;
        bytes[index * 2 + 1] = unit >> 8;
      }
      return bytes;
    }
    default: {
      const bytes = new Uint8Array(text.length);
      for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index);
      return bytes;
    }
  }
}

const CHUNK = 4096;

function characters(bytes, mask) {
  let text = '';
  for (let start = 0; start < bytes.length; start += CHUNK) {
    const chunk = bytes.subarray(start, start + CHUNK);
    text += String.fromCharCode.apply(null, mask === 0xff ? chunk : chunk.map((byte) => byte & mask));
  }
  return text;
}

function textOf(bytes, encoding) {
  switch (encoding) {
    case 'utf8': return decoder.decode(bytes);
    case 'base64': return bytes.toBase64();
    case 'base64url': return bytes.toBase64({ alphabet: 'base64url', omitPadding: true });
    case 'hex': return bytes.toHex();
    case 'utf16le': {
      // lone surrogates are kept, which no decoder does
      const even = bytes.subarray(0, bytes.length & ~1);
      const text = utf16.decode(even);
      return text.includes('\ufffd') ? units(even) : text;
    }
    case 'ascii': return characters(bytes, 0x7f);
    default: return characters(bytes, 0xff);
  }
}

function units(bytes) {
  let text = '';
  for (let index = 0; index < bytes.length; index += 2) text += String.fromCharCode(bytes[index] | bytes[index + 1] << 8);
  return text;
}

function unknown(name) {
  return coded(TypeError, 'ERR_UNKNOWN_ENCODING', `Unknown encoding: ${name}`);
}

function plain(buffer, start, end) {
  return new Uint8Array(buffer.buffer, buffer.byteOffset + start, Math.max(0, end - start));
}

function clamp(value, length, otherwise) {
  if (value === undefined || value === null) return otherwise;
  const number = Math.trunc(Number(value));
  return number > 0 ? Math.min(number, length) : 0;
}

/** Characters of text that fit into `room` bytes: `write` does not split them. */
function fit(bytes, room, encoding) {
  if (bytes.length <= room) return bytes;
  let end = encoding === 'utf16le' ? room & ~1 : room;
  if (encoding === 'utf8') while (end > 0 && (bytes[end] & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
}

function write(buffer, text, offset, length, encoding) {
  const start = clamp(offset, buffer.length, 0);
  const room = Math.min(clamp(length, buffer.length, buffer.length), buffer.length - start);
  const bytes = fit(bytesOf(text, encoding), room, encoding);
  plain(buffer, start, buffer.length).set(bytes);
  return bytes.length;
}

/** Replaces the encodings of `Buffer`. */
export function installEncodings(Buffer) {
  const { from, byteLength } = Buffer;
  const { fill, write: writeAny } = Buffer.prototype;

  Buffer.isEncoding = (name) => typeof name === 'string' && encodingOf(name) !== undefined;

  Buffer.from = function (value, encodingOrOffset, length) {
    if (typeof value !== 'string') return from(value, encodingOrOffset, length);
    const encoding = typeof encodingOrOffset === 'string' && encodingOrOffset !== '' ? encodingOf(encodingOrOffset) : 'utf8';
    if (encoding === undefined) throw unknown(encodingOrOffset);
    return Object.setPrototypeOf(bytesOf(value, encoding), Buffer.prototype);
  };
  Object.defineProperty(Buffer.from, 'name', { value: 'from' });

  Buffer.byteLength = function (value, name = 'utf8') {
    if (typeof value !== 'string') return byteLength(value, name);
    const encoding = encodingOf(name) ?? 'utf8';
    switch (encoding) {
      case 'utf8': return encoder.encode(value).length;
      case 'utf16le': return value.length * 2;
      case 'hex': return value.length >>> 1;
      case 'base64':
      case 'base64url': {
        let count = value.length;
        while (count > value.length - 2 && value[count - 1] === '=') count -= 1;
        return count * 3 >>> 2;
      }
      default: return value.length;
    }
  };
  Object.defineProperty(Buffer.byteLength, 'name', { value: 'byteLength' });

  Object.assign(Buffer.prototype, {
    equals(other) {
      if (!(other instanceof Uint8Array)) throw invalidArgType('otherBuffer', 'an instance of Buffer or Uint8Array', other);
      return this === other || (this.length === other.length && Buffer.compare(this, other) === 0);
    },
    toString(name, start, end) {
      if (arguments.length === 0) return decoder.decode(this);
      const first = clamp(start, this.length, 0);
      const last = clamp(end, this.length, this.length);
      const encoding = name === undefined || name === null ? 'utf8' : encodingOf(name);
      if (last <= first) return '';
      if (encoding === undefined) throw unknown(name);
      return textOf(plain(this, first, last), encoding);
    },
    write(text, offset, length, name) {
      if (typeof text !== 'string') return Reflect.apply(writeAny, this, arguments);
      if (typeof offset === 'string') return this.write(text, 0, this.length, offset);
      if (typeof length === 'string') return this.write(text, offset, this.length, length);
      const encoding = name === undefined || name === null || name === '' ? 'utf8' : encodingOf(name);
      if (encoding === undefined) throw unknown(name);
      if (offset !== undefined && (offset < 0 || offset > this.length)) throw outOfRange('offset', `>= 0 && <= ${this.length}`, offset);
      return write(this, text, offset, length, encoding);
    },
    fill(value, offset, end, name) {
      if (typeof value !== 'string') return Reflect.apply(fill, this, arguments);
      if (typeof offset === 'string') return this.fill(value, 0, this.length, offset);
      if (typeof end === 'string') return this.fill(value, offset, this.length, end);
      const encoding = name === undefined ? 'utf8' : encodingOf(name);
      if (encoding === undefined) throw unknown(name);
      const bytes = value === '' ? Uint8Array.of(0) : bytesOf(value, encoding);
      if (bytes.length === 0) throw invalidArgValue('value', value);
      const target = plain(this, clamp(offset, this.length, 0), clamp(end, this.length, this.length));
      for (let at = 0; at < target.length; at += bytes.length) target.set(bytes.subarray(0, target.length - at), at);
      return this;
    },
  });
  Buffer.prototype.toLocaleString = Buffer.prototype.toString;
  for (const encoding of ['ascii', 'base64', 'base64url', 'hex', 'latin1', 'utf8']) {
    Buffer.prototype[`${encoding}Slice`] = function (start, end) { return this.toString(encoding, start, end); };
    Buffer.prototype[`${encoding}Write`] = function (text, offset, length) { return this.write(text, offset, length, encoding); };
  }
  Buffer.prototype.ucs2Slice = function (start, end) { return this.toString('utf16le', start, end); };
  Buffer.prototype.ucs2Write = function (text, offset, length) { return this.write(text, offset, length, 'utf16le'); };

  Buffer.of = function (...bytes) { return Buffer.from(bytes); };
  Buffer.copyBytesFrom = function (view, offset = 0, length = undefined) {
    const part = view.subarray(offset, length === undefined ? undefined : offset + length);
    return Buffer.from(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  };
}
