// crypto.DigestStream of Workers: a WritableStream that digests what is written to it.

import { isBufferSource, toBytes } from '../bytes.js';
import { WritableStream } from '../streams.js';
import { requireArguments, shapeInterface } from '../webidl.js';
import { algorithmIdentifier, normalize } from './registry.js';

const { Digester } = native.crypto;
const { utf8Encode } = native;

function bytesOf(chunk) {
  if (typeof chunk === 'string') return utf8Encode(chunk);
  if (isBufferSource(chunk)) return toBytes(chunk);
  throw new TypeError('DigestStream is a byte stream but received an object of non-ArrayBuffer/ArrayBufferView/string type on its writable side.');
}

export class DigestStream extends WritableStream {
  #digest;
  #written = 0n;

  constructor(algorithm) {
    requireArguments(arguments.length, 1, 'DigestStream');
    const digester = new Digester(normalize('digest', algorithmIdentifier(algorithm)).name);
    const { promise, resolve, reject } = Promise.withResolvers();
    super({
      write: (chunk) => {
        try {
          const bytes = bytesOf(chunk);
          digester.update(bytes);
          this.#written += BigInt(bytes.byteLength);
        } catch (error) {
          reject(error);
          throw error;
        }
      },
      close() { resolve(digester.digest()); },
      abort(reason) { reject(reason); },
    });
    this.#digest = promise;
    // whoever writes hears of it as well
    promise.catch(() => {});
  }

  get digest() { return this.#digest; }
  get bytesWritten() { return this.#written; }
}

export function install() {
  shapeInterface('DigestStream', DigestStream);
}
