// TextEncoder, TextDecoder and their streams (Encoding standard section 7).

import { requireShareableBytes } from './bytes.js';
import { createTransform } from './streams/transform.js';
import { dictionary, exposeInterfaces, requireArguments } from './webidl.js';

const { Decoder, encodingForLabel, utf8Decode, utf8Encode, utf8EncodePrefix } = native;

const NO_BYTES = new Uint8Array(0);

export class TextEncoder {
  #brand;

  get encoding() { return (this.#brand, 'utf-8'); }

  encode(input = '') { return (this.#brand, utf8Encode(input)); }

  encodeInto(source, destination) {
    this.#brand;
    requireArguments(arguments.length, 2, 'TextEncoder.encodeInto');
    const text = `${source}`;
    if (!(destination instanceof Uint8Array)) throw new TypeError('TextEncoder.encodeInto: the destination must be a Uint8Array.');
    const [read, bytes] = utf8EncodePrefix(text, destination.byteLength);
    // a detached destination has no room
    if (bytes.byteLength > 0) destination.set(bytes);
    return { read, written: bytes.byteLength };
  }
}

/** The state of a decoder: what the constructors of TextDecoder and TextDecoderStream share. */
class Decoding {
  encoding;
  fatal;
  ignoreBOM;
  // keeps the state between chunks; null when a new text begins
  #decoder = null;

  constructor(label, options, name) {
    const wanted = `${label}`;
    const { fatal, ignoreBOM } = dictionary(options, `${name}: the options`);
    const encoding = encodingForLabel(wanted);
    if (encoding === undefined) throw new RangeError(`${name}: "${wanted}" is not an encoding label.`);
    this.encoding = encoding;
    this.fatal = Boolean(fatal);
    this.ignoreBOM = Boolean(ignoreBOM);
  }

  decode(bytes, stream) {
    if (this.#decoder === null && !stream && this.encoding === 'utf-8') return utf8Decode(bytes, this.fatal, this.ignoreBOM);
    const decoder = this.#decoder ?? new Decoder(this.encoding, this.fatal, this.ignoreBOM);
    // a decoder that has failed or finished is not used again
    this.#decoder = null;
    const text = decoder.decode(bytes, !stream);
    if (stream) this.#decoder = decoder;
    return text;
  }
}

export class TextDecoder {
  #decoding;

  constructor(label = 'utf-8', options = undefined) {
    this.#decoding = new Decoding(label, options, 'TextDecoder');
  }

  get encoding() { return this.#decoding.encoding; }
  get fatal() { return this.#decoding.fatal; }
  get ignoreBOM() { return this.#decoding.ignoreBOM; }

  decode(input = undefined, options = undefined) {
    const decoding = this.#decoding;
    const bytes = input === undefined ? NO_BYTES : requireShareableBytes(input, 'TextDecoder.decode: the input');
    const stream = options !== undefined && Boolean(dictionary(options, 'TextDecoder.decode: the options').stream);
    return decoding.decode(bytes, stream);
  }
}

function encoderTransform() {
  // a surrogate pair may be cut in two by the chunks
  let high = '';
  return createTransform({
    transform(chunk, controller) {
      let text = high + `${chunk}`;
      high = '';
      const last = text.charCodeAt(text.length - 1);
      if (last >= 0xd800 && last <= 0xdbff) {
        high = text[text.length - 1];
        text = text.slice(0, -1);
      }
      if (text !== '') controller.enqueue(utf8Encode(text));
    },
    flush(controller) {
      if (high !== '') controller.enqueue(utf8Encode(high));
    },
  });
}

export class TextEncoderStream {
  #transform = encoderTransform();

  get encoding() { return (this.#transform, 'utf-8'); }
  get readable() { return this.#transform.readable; }
  get writable() { return this.#transform.writable; }
}

function decoderTransform(decoding) {
  const give = (text, controller) => {
    if (text !== '') controller.enqueue(text);
  };
  return createTransform({
    transform(chunk, controller) { give(decoding.decode(requireShareableBytes(chunk, 'TextDecoderStream: a chunk'), true), controller); },
    flush(controller) { give(decoding.decode(NO_BYTES, false), controller); },
  });
}

export class TextDecoderStream {
  #decoding;
  #transform;

  constructor(label = 'utf-8', options = undefined) {
    this.#decoding = new Decoding(label, options, 'TextDecoderStream');
    this.#transform = decoderTransform(this.#decoding);
  }

  get encoding() { return this.#decoding.encoding; }
  get fatal() { return this.#decoding.fatal; }
  get ignoreBOM() { return this.#decoding.ignoreBOM; }
  get readable() { return this.#transform.readable; }
  get writable() { return this.#transform.writable; }
}

export function install() {
  exposeInterfaces({ TextEncoder, TextDecoder, TextEncoderStream, TextDecoderStream });
}
