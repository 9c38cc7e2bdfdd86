// Marks and measures (User Timing Level 3).

import { DOMException } from './dom-exception.js';
import { notifyObservers } from './performance-observer.js';
import { findMark, PerformanceEntry, recordEntry } from './performance-timeline.js';
import { cloneValue } from './structured-clone.js';
import { dictionary, exposeInterfaces, kInternal, requireArguments, toDouble } from './webidl.js';

const { monotonicNow } = native;

function copyDetail(detail) {
  return detail === undefined || detail === null ? null : cloneValue(detail);
}

export class PerformanceMark extends PerformanceEntry {
  #detail;

  constructor(markName, markOptions = undefined) {
    requireArguments(arguments.length, 1, 'PerformanceMark');
    const name = `${markName}`;
    const { detail, startTime } = dictionary(markOptions, 'mark: the options');
    const start = startTime === undefined ? monotonicNow() : toDouble(startTime, 'mark: startTime');
    if (start < 0) throw new TypeError('mark: startTime must not be negative.');
    super(kInternal, { name, entryType: 'mark', startTime: start, duration: 0 });
    this.#detail = copyDetail(detail);
  }

  get detail() { return this.#detail; }
}

export class PerformanceMeasure extends PerformanceEntry {
  #detail;

  constructor(token = undefined, entry = undefined, detail = undefined) {
    super(token, entry);
    this.#detail = copyDetail(detail);
  }

  get detail() { return this.#detail; }
}

function record(entry) {
  recordEntry(entry);
  notifyObservers(entry);
  return entry;
}

export function mark(...args) {
  return record(new PerformanceMark(...args));
}

/** WebIDL's `(DOMString or DOMHighResTimeStamp)`. */
function toMark(value, what) {
  return typeof value === 'number' ? toDouble(value, what) : `${value}`;
}

function timeOf(mark) {
  if (typeof mark === 'number') {
    if (mark < 0) throw new TypeError('measure: a time must not be negative.');
    return mark;
  }
  const found = findMark(mark);
  if (found === undefined) throw new DOMException(`measure: there is no mark named "${mark}".`, 'SyntaxError');
  return found.startTime;
}

function toMeasureOptions(value) {
  const { detail, duration, end, start } = dictionary(value, 'measure: the options');
  return {
    detail,
    duration: duration === undefined ? undefined : toDouble(duration, 'measure: duration'),
    end: end === undefined ? undefined : toMark(end, 'measure: end'),
    start: start === undefined ? undefined : toMark(start, 'measure: start'),
  };
}

function checkMeasureOptions({ detail, duration, end, start }, endMark) {
  if (detail === undefined && duration === undefined && end === undefined && start === undefined) return;
  if (endMark !== undefined) throw new TypeError('measure: an end mark cannot be given with options.');
  if (start === undefined && end === undefined) throw new TypeError('measure: the options must have `start` or `end`.');
  if (start !== undefined && end !== undefined && duration !== undefined) throw new TypeError('measure: the options must not have all of `start`, `end` and `duration`.');
}

export function measure(measureName, startOrOptions = undefined, endMark = undefined) {
  const name = `${measureName}`;
  const isDictionary = startOrOptions === undefined || startOrOptions === null || typeof startOrOptions === 'object' || typeof startOrOptions === 'function';
  const options = toMeasureOptions(isDictionary ? startOrOptions : undefined);
  const startMark = isDictionary ? options.start : `${startOrOptions}`;
  const lastMark = endMark === undefined ? undefined : `${endMark}`;
  checkMeasureOptions(options, lastMark);

  const { detail, duration, end } = options;
  let endTime;
  if (lastMark !== undefined) endTime = timeOf(lastMark);
  else if (end !== undefined) endTime = timeOf(end);
  else if (options.start !== undefined && duration !== undefined) endTime = timeOf(options.start) + duration;
  else endTime = monotonicNow();
  let startTime = 0;
  if (startMark !== undefined) startTime = timeOf(startMark);
  else if (duration !== undefined && end !== undefined) startTime = timeOf(end) - duration;
  return record(new PerformanceMeasure(kInternal, { name, entryType: 'measure', startTime, duration: endTime - startTime }, detail));
}

export function install() {
  exposeInterfaces({ PerformanceEntry, PerformanceMark, PerformanceMeasure });
}
