// performance (High Resolution Time). The clock stands still while the worker computes; it moves with I/O.

import { defineHandler, EventTarget } from './event-target.js';
import { clearEntries, entryGetters, recordedEntries } from './performance-timeline.js';
import { clearResources, setLargest, useTarget } from './resource-timing.js';
import { mark, measure } from './user-timing.js';
import { exposeInterfaces, exposeReplaceable, illegalInvocation, kInternal, requireArguments } from './webidl.js';

const { monotonicNow, now } = native;

// 0 at start-up, where there is no time yet
let origin = 0;

export class Performance extends EventTarget {
  #brand;

  constructor(token = undefined) {
    if (token !== kInternal) throw new TypeError('Illegal constructor');
    super();
  }

  static #check(performance, how) {
    if (typeof performance !== 'object' || performance === null || !(#brand in performance)) throw illegalInvocation(how);
  }

  now() {
    Performance.#check(this, 'performance.now()');
    return monotonicNow();
  }

  get timeOrigin() {
    Performance.#check(this, 'performance.timeOrigin');
    if (origin === 0) origin = now() - monotonicNow();
    return origin;
  }

  toJSON() {
    Performance.#check(this, 'performance.toJSON()');
    return { timeOrigin: this.timeOrigin };
  }

  mark(markName, markOptions = undefined) {
    Performance.#check(this, 'performance.mark(…)');
    requireArguments(arguments.length, 1, 'mark');
    return mark(markName, markOptions);
  }

  clearMarks(markName = undefined) {
    Performance.#check(this, 'performance.clearMarks(…)');
    clearEntries('mark', markName === undefined ? undefined : `${markName}`);
  }

  measure(measureName, startOrMeasureOptions = undefined, endMark = undefined) {
    Performance.#check(this, 'performance.measure(…)');
    requireArguments(arguments.length, 1, 'measure');
    return measure(measureName, startOrMeasureOptions, endMark);
  }

  clearMeasures(measureName = undefined) {
    Performance.#check(this, 'performance.clearMeasures(…)');
    clearEntries('measure', measureName === undefined ? undefined : `${measureName}`);
  }

  clearResourceTimings() {
    Performance.#check(this, 'performance.clearResourceTimings()');
    clearResources();
  }

  setResourceTimingBufferSize(maxSize) {
    Performance.#check(this, 'performance.setResourceTimingBufferSize(…)');
    requireArguments(arguments.length, 1, 'setResourceTimingBufferSize');
    // WebIDL's unsigned long
    setLargest(maxSize >>> 0);
  }

  static {
    defineHandler(this.prototype, 'resourcetimingbufferfull');
    const entriesOf = (performance) => {
      Performance.#check(performance, 'performance.getEntries()');
      return recordedEntries();
    };
    Object.defineProperties(this.prototype, Object.getOwnPropertyDescriptors(entryGetters(entriesOf)));
  }
}

export function install() {
  exposeInterfaces({ Performance });
  const performance = new Performance(kInternal);
  useTarget(performance);
  exposeReplaceable('performance', performance);
}
