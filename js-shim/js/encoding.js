// TextEncoder, TextDecoder and their streams (Encoding standard section 7).

import { requireBytes } from './bytes.js';
import { TransformStream } from './streams.js';
import { dictionary, exposeInterfaces } from './webidl.js';

const { Decoder, encodingForLabel, utf8Decode, utf8Encode, utf8EncodePrefix } = native;

const NO_BYTES = new Uint8Array(0);

export class TextEncoder {
  #brand;

  get encoding() { return (this.#brand, 'utf-8'); }

  encode(input = '') { return (this.#brand, utf8Encode(input)); }

  encodeInto(source, destination) {
    if (!(destination instanceof Uint8Array)) throw new TypeError('TextEncoder.encodeInto: the destination must be a Uint8Array.');
    const [read, bytes] = utf8EncodePrefix(source, destination.byteLength);
    destination.set(bytes);
    return { read, written: bytes.byteLength };
  }
}

export class TextDecoder {
  #encoding;
  #fatal;
  #ignoreBOM;
  // keeps the state between chunks; null when a new text begins
  #decoder = null;

  constructor(label = 'utf-8', options = undefined) {
    const encoding = encodingForLabel(label);
    if (encoding === undefined) throw new RangeError(`TextDecoder: "${label}" is not an encoding label.`);
    const { fatal, ignoreBOM } = dictionary(options, 'TextDecoder: the options');
    this.#encoding = encoding;
    this.#fatal = Boolean(fatal);
    this.#ignoreBOM = Boolean(ignoreBOM);
  }

  get encoding() { return this.#encoding; }
  get fatal() { return this.#fatal; }
  get ignoreBOM() { return this.#ignoreBOM; }

  decode(input = undefined, options = undefined) {
    const bytes = input === undefined ? NO_BYTES : requireBytes(input, 'TextDecoder.decode: the input');
    const stream = options !== undefined && options !== null && Boolean(options.stream);
    if (this.#decoder === null && !stream && this.#encoding === 'utf-8') return utf8Decode(bytes, this.#fatal, this.#ignoreBOM);
    const decoder = this.#decoder ?? new Decoder(this.#encoding, this.#fatal, this.#ignoreBOM);
    // a decoder that has failed or finished is not used again
    this.#decoder = null;
    const text = decoder.decode(bytes, !stream);
    if (stream) this.#decoder = decoder;
    return text;
  }
}

export class TextEncoderStream {
  #transform;

  constructor() {
    // a surrogate pair may be cut in two by the chunks
    let high = '';
    this.#transform = new TransformStream({
      transform(chunk, controller) {
        let text = high + String(chunk);
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

  get encoding() { return (this.#transform, 'utf-8'); }
  get readable() { return this.#transform.readable; }
  get writable() { return this.#transform.writable; }
}

export class TextDecoderStream {
  #decoder;
  #transform;

  constructor(label = 'utf-8', options = undefined) {
    const decoder = new TextDecoder(label, options);
    const give = (text, controller) => {
      if (text !== '') controller.enqueue(text);
    };
    this.#decoder = decoder;
    this.#transform = new TransformStream({
      transform(chunk, controller) { give(decoder.decode(chunk, { stream: true }), controller); },
      flush(controller) { give(decoder.decode(), controller); },
    });
  }

  get encoding() { return this.#decoder.encoding; }
  get fatal() { return this.#decoder.fatal; }
  get ignoreBOM() { return this.#decoder.ignoreBOM; }
  get readable() { return this.#transform.readable; }
  get writable() { return this.#transform.writable; }
}

export function install() {
  exposeInterfaces({ TextEncoder, TextDecoder, TextEncoderStream, TextDecoderStream });
}
