// What fields a date format has, from its options (ECMA-402, 11.1.2).

import { getNumberOption, getOption } from './options.js';

const TEXT = ['narrow', 'short', 'long'];
const NUMERIC = ['2-digit', 'numeric'];

/** Table 16 of ECMA-402: option, values, and the letter and widths of UTS 35. */
const FIELDS = [
  ['weekday', TEXT, 'E', { narrow: 5, short: 1, long: 4 }],
  ['era', TEXT, 'G', { narrow: 5, short: 1, long: 4 }],
  ['year', NUMERIC, 'y', { '2-digit': 2, numeric: 1 }],
  ['month', [...NUMERIC, ...TEXT], 'M', { '2-digit': 2, numeric: 1, narrow: 5, short: 3, long: 4 }],
  ['day', NUMERIC, 'd', { '2-digit': 2, numeric: 1 }],
  ['dayPeriod', TEXT, 'B', { narrow: 5, short: 1, long: 4 }],
  ['hour', NUMERIC, 'j', { '2-digit': 2, numeric: 1 }],
  ['minute', NUMERIC, 'm', { '2-digit': 2, numeric: 1 }],
  ['second', NUMERIC, 's', { '2-digit': 2, numeric: 1 }],
];
const ZONE_NAMES = ['short', 'long', 'shortOffset', 'longOffset', 'shortGeneric', 'longGeneric'];
const STYLES = ['full', 'long', 'medium', 'short'];

const DATE = ['weekday', 'year', 'month', 'day'];
const TIME = ['dayPeriod', 'hour', 'minute', 'second', 'fractionalSecondDigits'];

/** Reads fields and styles. `required` and `defaults` are what toLocaleDateString() and its kin ask for. */
export function dateFields(options, required, defaults) {
  const fields = {};
  for (const [name, values] of FIELDS) {
    fields[name] = getOption(options, name, 'string', values, undefined);
    if (name === 'second') fields.fractionalSecondDigits = getNumberOption(options, 'fractionalSecondDigits', 1, 3, undefined);
  }
  fields.timeZoneName = getOption(options, 'timeZoneName', 'string', ZONE_NAMES, undefined);
  const isExplicit = Object.values(fields).some((value) => value !== undefined);
  getOption(options, 'formatMatcher', 'string', ['basic', 'best fit'], 'best fit');
  const dateStyle = getOption(options, 'dateStyle', 'string', STYLES, undefined);
  const timeStyle = getOption(options, 'timeStyle', 'string', STYLES, undefined);
  if (dateStyle !== undefined || timeStyle !== undefined) {
    if (isExplicit) throw new TypeError(`Can't set option ${Object.keys(fields).find((name) => fields[name] !== undefined)} when ${dateStyle === undefined ? 'timeStyle' : 'dateStyle'} is used`);
    if (required === 'date' && timeStyle !== undefined) throw new TypeError("Invalid option : timeStyle");
    if (required === 'time' && dateStyle !== undefined) throw new TypeError("Invalid option : dateStyle");
    return { dateStyle, timeStyle, fields };
  }
  const relevant = required === 'date' ? DATE : required === 'time' ? TIME : [...DATE, ...TIME];
  if (relevant.every((name) => fields[name] === undefined)) {
    if (defaults !== 'time') Object.assign(fields, { year: 'numeric', month: 'numeric', day: 'numeric' });
    if (defaults !== 'date') Object.assign(fields, { hour: 'numeric', minute: 'numeric', second: 'numeric' });
  }
  return { fields };
}

/** The fields as a skeleton of UTS 35. */
export function skeletonOf(fields) {
  let skeleton = '';
  for (const [name, , letter, widths] of FIELDS) {
    if (fields[name] !== undefined) skeleton += letter.repeat(widths[fields[name]]);
  }
  if (fields.fractionalSecondDigits !== undefined) skeleton += 'S'.repeat(fields.fractionalSecondDigits);
  return skeleton;
}

const NAMES = { E: 'weekday', c: 'weekday', e: 'weekday', G: 'era', y: 'year', r: 'year', U: 'year', M: 'month', L: 'month', d: 'day', B: 'dayPeriod', h: 'hour', H: 'hour', K: 'hour', k: 'hour', m: 'minute', s: 'second' };

/** The fields that a pattern shows, with their widths, as resolvedOptions() gives them. */
export function resolvedFields(pattern, timeZoneName) {
  const found = {};
  for (const field of pattern) {
    const [letter] = field;
    const width = field.length;
    if (letter === 'S') found.fractionalSecondDigits = width;
    const name = NAMES[letter];
    if (name === undefined) continue;
    const isText = ['weekday', 'era', 'dayPeriod'].includes(name) || (name === 'month' && width >= 3);
    found[name] = isText ? { 4: 'long', 5: 'narrow' }[width] ?? 'short' : width === 2 ? '2-digit' : 'numeric';
  }
  if (timeZoneName !== undefined) found.timeZoneName = timeZoneName;
  const ordered = {};
  for (const name of [...FIELDS.map(([name]) => name), 'fractionalSecondDigits', 'timeZoneName']) {
    if (found[name] !== undefined) ordered[name] = found[name];
  }
  return ordered;
}
