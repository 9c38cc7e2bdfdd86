// PerformanceResourceTiming (Resource Timing): an entry for each request that a worker's fetch() sent.
//
// To a worker every server is of another origin, so an entry has what is told of those: its beginning and its end; all else is 0
// or empty. It ends with the response's head, when the entry is made: a body may be passed on without being read here.

import { Event } from './events.js';
import { fire } from './event-target.js';
import { notifyObservers } from './performance-observer.js';
import { clearEntries, noteDropped, PerformanceEntry, recordEntry } from './performance-timeline.js';
import { queueTask } from './tasks.js';
import { exposeInterfaces, illegalInvocation, kInternal } from './webidl.js';

const { monotonicNow } = native;

/** Of a server that does not say `Timing-Allow-Origin`. */
const HIDDEN = {
  deliveryType: '', nextHopProtocol: '', workerStart: 0, redirectStart: 0, redirectEnd: 0, domainLookupStart: 0, domainLookupEnd: 0, connectStart: 0,
  connectEnd: 0, secureConnectionStart: 0, requestStart: 0, finalResponseHeadersStart: 0, firstInterimResponseStart: 0, responseStart: 0,
  transferSize: 0, encodedBodySize: 0, decodedBodySize: 0, responseStatus: 0, renderBlockingStatus: 'non-blocking', contentType: '',
};

let largest = 250;
let count = 0;
// entries for which there is no room, until `resourcetimingbufferfull` was fired
let waiting = [];
let target;

export class PerformanceResourceTiming extends PerformanceEntry {
  #initiatorType;

  constructor(token = undefined, entry = undefined, initiatorType = undefined) {
    super(token, entry);
    this.#initiatorType = initiatorType;
  }

  static #check(entry, how) {
    if (typeof entry !== 'object' || entry === null || !(#initiatorType in entry)) throw illegalInvocation(how);
  }

  get initiatorType() { return this.#initiatorType; }

  get fetchStart() {
    PerformanceResourceTiming.#check(this, 'entry.fetchStart');
    return this.startTime;
  }

  get responseEnd() {
    PerformanceResourceTiming.#check(this, 'entry.responseEnd');
    return this.startTime + this.duration;
  }

  toJSON() {
    PerformanceResourceTiming.#check(this, 'entry.toJSON()');
    const { initiatorType, fetchStart, responseEnd } = this;
    return { ...super.toJSON(), initiatorType, ...HIDDEN, fetchStart, responseEnd };
  }

  static {
    for (const [name, value] of Object.entries(HIDDEN)) {
      const { get } = Object.getOwnPropertyDescriptor({
        get [name]() {
          PerformanceResourceTiming.#check(this, `entry.${name}`);
          return value;
        },
      }, name);
      Object.defineProperty(PerformanceResourceTiming.prototype, name, { get, configurable: true, enumerable: true });
    }
  }
}

function keep(entry) {
  count += 1;
  recordEntry(entry);
}

/** Resource Timing, "fire a buffer full event". */
function tellFull() {
  while (waiting.length > 0) {
    const before = waiting.length;
    if (count >= largest) fire(target, new Event('resourcetimingbufferfull'));
    while (waiting.length > 0 && count < largest) keep(waiting.shift());
    if (waiting.length >= before) {
      noteDropped('resource', waiting.length);
      waiting = [];
    }
  }
}

/** Notes a request to `name` that began at `startTime` and has its answer now. */
export function recordResource(name, startTime) {
  const entry = new PerformanceResourceTiming(kInternal, { name, entryType: 'resource', startTime, duration: monotonicNow() - startTime }, 'fetch');
  if (waiting.length === 0 && count < largest) {
    keep(entry);
  } else {
    if (waiting.length === 0) queueTask(tellFull);
    waiting.push(entry);
  }
  notifyObservers(entry);
}

export function clearResources() {
  clearEntries('resource');
  count = 0;
}

export function setLargest(size) {
  largest = size;
}

/** Tells where `resourcetimingbufferfull` is fired. */
export function useTarget(performance) {
  target = performance;
}

export function install() {
  exposeInterfaces({ PerformanceResourceTiming });
}
