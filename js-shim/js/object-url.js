// URL.createObjectURL() and what fetch() finds behind a blob: URL (File API section 8). The store lives as long as the
// request.

import { origin } from './base-url.js';
import { isBlob } from './blob.js';
import { URL } from './url.js';
import { requireArguments } from './webidl.js';

const { disallow, parseUrl, randomBytes } = native;

const store = new Map();

function uuid() {
  const bytes = new Uint8Array(randomBytes(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The blob of a serialised blob: URL; undefined when there is none. */
export function blobOf(url) {
  const hash = url.indexOf('#');
  return store.get(hash === -1 ? url : url.slice(0, hash));
}

const statics = {
  createObjectURL(obj) {
    requireArguments(arguments.length, 1, 'URL.createObjectURL');
    if (!isBlob(obj)) throw new TypeError('URL.createObjectURL: the argument must be a Blob.');
    disallow('URL.createObjectURL()');
    const url = `blob:${origin()}/${uuid()}`;
    store.set(url, obj);
    return url;
  },
  revokeObjectURL(url) {
    requireArguments(arguments.length, 1, 'URL.revokeObjectURL');
    const record = parseUrl(String(url));
    // one with a fragment names what is in it, not the entry
    if (record !== undefined && record.hash() === '') store.delete(record.href());
  },
};

export function install() {
  Object.defineProperties(URL, Object.getOwnPropertyDescriptors(statics));
}
