// FileReader (File API section 6.2).

import { blobBytes, isBlob } from './blob.js';
import { DOMException } from './dom-exception.js';
import { defineHandler, EventTarget, fire } from './event-target.js';
import { began, settled } from './pending.js';
import { ProgressEvent } from './progress-event.js';
import { defineConstants, exposeInterfaces, requireArguments } from './webidl.js';

const { base64Encode, binaryString, decodeFile, disallow, setTimer } = native;

const EMPTY = 0;
const LOADING = 1;
const DONE = 2;

/** Runs each step as a task of its own, as the events of a read are. */
function inTasks(what, steps) {
  const entry = began(what);
  const next = (index) => {
    if (index === steps.length) settled(entry);
    else setTimer(0, false, () => { steps[index](); next(index + 1); });
  };
  next(0);
}

export class FileReader extends EventTarget {
  #state = EMPTY;
  #result = null;
  #error = null;
  // another object for every read: what a read that was aborted still has to do is nothing
  #read = null;

  #start(method, blob, packaged) {
    if (!isBlob(blob)) throw new TypeError(`FileReader.${method}: the argument must be a Blob.`);
    if (this.#state === LOADING) throw new DOMException('The FileReader is reading already.', 'InvalidStateError');
    disallow(`FileReader.${method}()`);
    this.#state = LOADING;
    this.#result = null;
    this.#error = null;
    const read = this.#read = {};
    const bytes = blobBytes(blob);
    const total = bytes.byteLength;
    const step = (act) => () => { if (this.#read === read) act(); };
    const steps = [step(() => this.#fire('loadstart', 0, 0))];
    if (total > 0) steps.push(step(() => this.#fire('progress', total, total)));
    steps.push(step(() => {
      this.#state = DONE;
      this.#result = packaged(bytes, blob.type);
      this.#fire('load', total, total);
    }));
    // unless a listener of `load` has begun another read
    steps.push(step(() => { if (this.#state !== LOADING) this.#fire('loadend', total, total); }));
    inTasks(`FileReader.${method}()`, steps);
  }

  #fire(type, loaded, total) {
    fire(this, new ProgressEvent(type, { lengthComputable: total > 0, loaded, total }));
  }

  readAsArrayBuffer(blob) {
    requireArguments(arguments.length, 1, 'FileReader.readAsArrayBuffer');
    this.#start('readAsArrayBuffer', blob, (bytes) => bytes.slice().buffer);
  }

  readAsBinaryString(blob) {
    requireArguments(arguments.length, 1, 'FileReader.readAsBinaryString');
    this.#start('readAsBinaryString', blob, binaryString);
  }

  readAsText(blob, encoding = undefined) {
    requireArguments(arguments.length, 1, 'FileReader.readAsText');
    const label = encoding === undefined ? '' : String(encoding);
    this.#start('readAsText', blob, (bytes, type) => decodeFile(bytes, label, type));
  }

  readAsDataURL(blob) {
    requireArguments(arguments.length, 1, 'FileReader.readAsDataURL');
    const packaged = (bytes, type) => `data:${type === '' ? 'application/octet-stream' : type};base64,${base64Encode(bytes)}`;
    this.#start('readAsDataURL', blob, packaged);
  }

  abort() {
    const state = this.#state;
    this.#result = null;
    if (state !== LOADING) return;
    this.#state = DONE;
    this.#read = null;
    this.#fire('abort', 0, 0);
    if (this.#state !== LOADING) this.#fire('loadend', 0, 0);
  }

  get readyState() { return this.#state; }
  get result() { return this.#result; }
  get error() { return this.#error; }
}

export function install() {
  for (const type of ['loadstart', 'progress', 'load', 'abort', 'error', 'loadend']) defineHandler(FileReader.prototype, type);
  exposeInterfaces({ FileReader });
  defineConstants(FileReader, { EMPTY, LOADING, DONE });
}
