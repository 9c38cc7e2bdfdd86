// PerformanceObserver (Performance Timeline section 4).

import { toSequence } from './convert.js';
import { DOMException } from './dom-exception.js';
import { droppedEntries, entryGetters, recordedEntries } from './performance-timeline.js';
import { reportException } from './report.js';
import { queueTask } from './tasks.js';
import { dictionary, exposeInterfaces, kInternal, requireArguments } from './webidl.js';

const SUPPORTED = Object.freeze(['mark', 'measure', 'resource']);

// those that observe something, in the order they began to
const observers = new Set();
let isTaskQueued = false;

let listOf;
let offer;
let deliver;

export class PerformanceObserverEntryList {
  #entries;

  constructor(token = undefined, entries = undefined) {
    if (token !== kInternal) throw new TypeError('Illegal constructor');
    this.#entries = entries;
  }

  static {
    listOf = (list) => list.#entries;
    Object.defineProperties(this.prototype, Object.getOwnPropertyDescriptors(entryGetters(listOf)));
  }
}

export class PerformanceObserver {
  #callback;
  #buffer = [];
  #types = new Set();
  // the kind of observe() that was called first: with `type`, or with `entryTypes`
  #mode = null;
  // whether the number of dropped entries is to be told
  #tellsDropped = true;

  constructor(callback) {
    requireArguments(arguments.length, 1, 'PerformanceObserver');
    if (typeof callback !== 'function') throw new TypeError('PerformanceObserver: the callback must be a function.');
    this.#callback = callback;
  }

  static get supportedEntryTypes() { return SUPPORTED; }

  observe(options = undefined) {
    // the brand comes first
    this.#types;
    const { buffered, entryTypes, type } = dictionary(options, 'observe: the options');
    const wanted = entryTypes === undefined ? null : toSequence(entryTypes, String, 'observe: entryTypes');
    if (wanted === null && type === undefined) throw new TypeError('observe: either `type` or `entryTypes` must be given.');
    if (wanted !== null && type !== undefined) throw new TypeError('observe: `type` and `entryTypes` cannot both be given.');
    const mode = wanted === null ? 'single' : 'multiple';
    if (this.#mode !== null && this.#mode !== mode) throw new DOMException('observe: `type` and `entryTypes` cannot both be used by one observer.', 'InvalidModificationError');
    this.#mode = mode;
    const types = (wanted ?? [`${type}`]).filter((item) => SUPPORTED.includes(item));
    if (types.length === 0) return;
    if (wanted !== null) this.#types.clear();
    for (const item of types) this.#types.add(item);
    observers.add(this);
    this.#tellsDropped = true;
    if (buffered && wanted === null) {
      const past = recordedEntries().filter((entry) => entry.entryType === types[0]);
      this.#buffer.push(...past);
      if (past.length > 0) queueDelivery();
    }
  }

  disconnect() {
    this.#types.clear();
    this.#buffer = [];
    observers.delete(this);
  }

  takeRecords() {
    const records = this.#buffer;
    this.#buffer = [];
    return records;
  }

  static {
    offer = (observer, entry) => {
      if (!observer.#types.has(entry.entryType)) return false;
      observer.#buffer.push(entry);
      return true;
    };
    deliver = (observer) => {
      const entries = observer.#buffer;
      if (entries.length === 0) return;
      observer.#buffer = [];
      const options = observer.#tellsDropped ? { droppedEntriesCount: droppedEntries(observer.#types) } : {};
      observer.#tellsDropped = false;
      try {
        Reflect.apply(observer.#callback, observer, [new PerformanceObserverEntryList(kInternal, entries), observer, options]);
      } catch (error) {
        reportException(error);
      }
    };
  }
}

function queueDelivery() {
  if (isTaskQueued) return;
  isTaskQueued = true;
  queueTask(() => {
    isTaskQueued = false;
    for (const observer of [...observers]) deliver(observer);
  });
}

/** Tells the observers of a new entry. */
export function notifyObservers(entry) {
  let isWanted = false;
  for (const observer of observers) if (offer(observer, entry)) isWanted = true;
  if (isWanted) queueDelivery();
}

export function install() {
  exposeInterfaces({ PerformanceObserver, PerformanceObserverEntryList });
}
