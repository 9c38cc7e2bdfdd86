// PerformanceEntry and the list of them all (Performance Timeline).

import { illegalInvocation, kInternal, requireArguments } from './webidl.js';

// every entry of this run, in the order they were made
let entries = [];
// how many there was no room for, by type
const dropped = new Map();
let lastId = 0;

export class PerformanceEntry {
  #name;
  #entryType;
  #startTime;
  #duration;
  #id = (lastId += 1);

  constructor(token = undefined, { name, entryType, startTime, duration } = {}) {
    if (token !== kInternal) throw new TypeError('Illegal constructor');
    this.#name = name;
    this.#entryType = entryType;
    this.#startTime = startTime;
    this.#duration = duration;
  }

  get id() { return this.#id; }
  get name() { return this.#name; }
  get entryType() { return this.#entryType; }
  get startTime() { return this.#startTime; }
  get duration() { return this.#duration; }
  // there is no navigation here
  get navigationId() { return (this.#id, 0); }

  toJSON() {
    if (!(#id in this)) throw illegalInvocation('entry.toJSON()');
    return { id: this.#id, name: this.#name, entryType: this.#entryType, startTime: this.#startTime, duration: this.#duration, navigationId: 0 };
  }
}

/** Those of `list` with that name and type, if given, by their start times. */
export function selectEntries(list, name, type) {
  const selected = list.filter((entry) => (name === undefined || entry.name === name) && (type === undefined || entry.entryType === type));
  return selected.sort((a, b) => a.startTime - b.startTime);
}

export function recordEntry(entry) {
  entries.push(entry);
}

export function noteDropped(type, count) {
  dropped.set(type, droppedEntries([type]) + count);
}

/** How many entries of these types there was no room for. */
export function droppedEntries(types) {
  let sum = 0;
  for (const type of types) sum += dropped.get(type) ?? 0;
  return sum;
}

export function recordedEntries() {
  return entries;
}

export function clearEntries(type, name) {
  entries = entries.filter((entry) => entry.entryType !== type || (name !== undefined && entry.name !== name));
}

/** The newest mark of that name, or undefined. */
export function findMark(name) {
  return entries.findLast((entry) => entry.entryType === 'mark' && entry.name === name);
}

/** `getEntriesBy…` of an interface; `listOf(this)` gives the entries, or throws for the wrong `this`. */
export function entryGetters(listOf) {
  return {
    getEntries() { return selectEntries(listOf(this)); },
    getEntriesByType(type) {
      const list = listOf(this);
      requireArguments(arguments.length, 1, 'getEntriesByType');
      return selectEntries(list, undefined, `${type}`);
    },
    getEntriesByName(name, type = undefined) {
      const list = listOf(this);
      requireArguments(arguments.length, 1, 'getEntriesByName');
      return selectEntries(list, `${name}`, type === undefined ? undefined : `${type}`);
    },
  };
}
