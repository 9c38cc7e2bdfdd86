// FormData (XHR standard section 4), and its two forms on the wire.

import { blobBytes, File, isBlob, isFile, makeBlob } from './blob.js';
import { exposeInterfaces, pairIterable, requireArguments } from './webidl.js';

const { extractMime, ParamList, parseMultipart, randomBytes, utf8Decode, writeMultipart } = native;

let entriesOf;
let isFormData;

function toValue(value, filename) {
  if (!isBlob(value)) {
    if (filename !== undefined) throw new TypeError('FormData: a file name can only be given with a Blob or File.');
    return String(value).toWellFormed();
  }
  if (filename === undefined && isFile(value)) return value;
  const name = filename === undefined ? 'blob' : String(filename);
  const lastModified = isFile(value) ? value.lastModified : undefined;
  return new File([value], name, { type: value.type, lastModified });
}

export class FormData {
  #entries = [];

  constructor(form = undefined) {
    if (form !== undefined) throw new TypeError('FormData: there are no HTML forms here, so it takes no argument.');
  }

  append(name, value, filename = undefined) {
    requireArguments(arguments.length, 2, 'FormData.append');
    this.#entries.push([String(name).toWellFormed(), toValue(value, filename)]);
  }

  delete(name) {
    requireArguments(arguments.length, 1, 'FormData.delete');
    const wanted = String(name).toWellFormed();
    this.#entries = this.#entries.filter((entry) => entry[0] !== wanted);
  }

  get(name) {
    requireArguments(arguments.length, 1, 'FormData.get');
    const wanted = String(name).toWellFormed();
    const found = this.#entries.find((entry) => entry[0] === wanted);
    return found === undefined ? null : found[1];
  }

  getAll(name) {
    requireArguments(arguments.length, 1, 'FormData.getAll');
    const wanted = String(name).toWellFormed();
    return this.#entries.filter((entry) => entry[0] === wanted).map((entry) => entry[1]);
  }

  has(name) {
    requireArguments(arguments.length, 1, 'FormData.has');
    const wanted = String(name).toWellFormed();
    return this.#entries.some((entry) => entry[0] === wanted);
  }

  set(name, value, filename = undefined) {
    requireArguments(arguments.length, 2, 'FormData.set');
    const entry = [String(name).toWellFormed(), toValue(value, filename)];
    const first = this.#entries.findIndex((other) => other[0] === entry[0]);
    if (first === -1) {
      this.#entries.push(entry);
      return;
    }
    this.#entries[first] = entry;
    this.#entries = this.#entries.filter((other, index) => index <= first || other[0] !== entry[0]);
  }

  static {
    entriesOf = (form) => form.#entries;
    isFormData = (value) => typeof value === 'object' && value !== null && #entries in value;
    const pairAt = (form, index) => {
      const entry = form.#entries[index];
      return entry === undefined ? undefined : [entry[0], entry[1]];
    };
    pairIterable('FormData', FormData, { check: (form) => (form.#entries, form), pairAt });
  }
}

/** `{pieces, type}` of a form as multipart/form-data: Uint8Arrays that are not to be written to. */
export function serializeFormData(form) {
  const random = Array.from(new Uint8Array(randomBytes(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const boundary = `----glowplug-${random}`;
  const entries = entriesOf(form).map(([name, value]) => (
    typeof value === 'string'
      ? [name, value]
      : [name, blobBytes(value), value.name, value.type === '' ? 'application/octet-stream' : value.type]
  ));
  return { pieces: writeMultipart(entries, boundary), type: `multipart/form-data; boundary=${boundary}` };
}

function parseParams(bytes) {
  const form = new FormData();
  const list = new ParamList();
  list.parse(utf8Decode(bytes, false, true));
  for (let index = 0; index < list.size; index++) {
    const [name, value] = list.at(index);
    form.append(name, value);
  }
  return form;
}

function parseParts(bytes, boundary) {
  if (boundary === undefined) throw new TypeError('No boundary string in Content-Type header. The multipart/form-data MIME type requires a boundary parameter.');
  const form = new FormData();
  const entries = entriesOf(form);
  for (const [name, text, start, end, filename, type] of parseMultipart(bytes, boundary)) {
    // files share the body's memory
    entries.push([name, text ?? new File([makeBlob(bytes.subarray(start, end), '')], filename, { type })]);
  }
  return form;
}

/** A body as FormData, by its content type. */
export function parseFormData(bytes, contentType) {
  const [, essence, boundary] = extractMime(contentType) ?? [];
  if (essence === 'multipart/form-data') return parseParts(bytes, boundary);
  if (essence === 'application/x-www-form-urlencoded') return parseParams(bytes);
  throw new TypeError(`Unrecognized Content-Type header value. FormData can only parse multipart/form-data and application/x-www-form-urlencoded, not ${essence === undefined ? 'a body without a type' : `"${essence}"`}.`);
}

export { isFormData };

export function install() {
  exposeInterfaces({ FormData });
}
