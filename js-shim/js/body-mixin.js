// What Request and Response take as a body, and the members they share (fetch standard section 5.3).

import { blobBytes, isBlob, makeBlob } from './blob.js';
import { Body, LOCKED, parseJson } from './body.js';
import { sourceOfPieces } from './body-pieces.js';
import { isBufferSource, toBytes } from './bytes.js';
import { isFormData, parseFormData, serializeFormData } from './form-data.js';
import { isDisturbed, isLocked, isReadableStream } from './streams.js';
import { isSearchParams } from './url.js';

const { extractMime } = native;

/** Turns a BodyInit into `[content, content type]`; the content is a string or a Body. */
export function extractBody(init) {
  if (typeof init === 'string') return [init, 'text/plain;charset=UTF-8'];
  if (typeof init === 'object') {
    if (isReadableStream(init)) {
      if (isDisturbed(init)) throw new TypeError('This ReadableStream is disturbed (has already been read from), and cannot be used as a body.');
      if (isLocked(init)) throw new TypeError(LOCKED);
      return [new Body(null, init), null];
    }
    if (isBufferSource(init)) return [new Body(toBytes(init).slice()), null];
    if (isSearchParams(init)) return [init.toString(), 'application/x-www-form-urlencoded;charset=UTF-8'];
    if (isBlob(init)) return [new Body(blobBytes(init)), init.type === '' ? null : init.type];
    if (isFormData(init)) {
      const { pieces, type } = serializeFormData(init);
      return [new Body(sourceOfPieces(pieces)), type];
    }
  }
  return [String(init), 'text/plain;charset=UTF-8'];
}

/**
 * Adds body, bodyUsed, text() and so on to a prototype. `bodyOf(object)` gives its Body or null and throws for
 * an object of another class; `typeOf(object)` gives its content type or an empty string.
 */
export function mixBody(prototype, bodyOf, typeOf) {
  const members = {
    get body() {
      const body = bodyOf(this);
      return body === null ? null : body.getStream();
    },
    get bodyUsed() {
      const body = bodyOf(this);
      return body !== null && body.disturbed;
    },
    arrayBuffer() {
      try {
        const body = bodyOf(this);
        return body === null ? Promise.resolve(new ArrayBuffer(0)) : body.arrayBuffer();
      } catch (error) {
        return Promise.reject(error);
      }
    },
    blob() {
      try {
        const body = bodyOf(this);
        const made = (bytes) => makeBlob(bytes, extractMime(typeOf(this))?.[0] ?? '');
        return body === null ? Promise.resolve(made(new Uint8Array(0))) : body.bytes().then(made);
      } catch (error) {
        return Promise.reject(error);
      }
    },
    bytes() {
      try {
        const body = bodyOf(this);
        return body === null ? Promise.resolve(new Uint8Array(0)) : body.bytes();
      } catch (error) {
        return Promise.reject(error);
      }
    },
    formData() {
      try {
        const body = bodyOf(this);
        const parsed = (bytes) => parseFormData(bytes, typeOf(this));
        return body === null ? Promise.resolve(parsed(new Uint8Array(0))) : body.bytes().then(parsed);
      } catch (error) {
        return Promise.reject(error);
      }
    },
    json() {
      try {
        const body = bodyOf(this);
        return body === null ? Promise.resolve('').then(parseJson) : body.json();
      } catch (error) {
        return Promise.reject(error);
      }
    },
    text() {
      try {
        const body = bodyOf(this);
        return body === null ? Promise.resolve('') : body.text();
      } catch (error) {
        return Promise.reject(error);
      }
    },
  };
  Object.defineProperties(prototype, Object.getOwnPropertyDescriptors(members));
}
