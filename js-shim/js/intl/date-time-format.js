// Intl.DateTimeFormat (ECMA-402, chapter 11).

import { dateFields, resolvedFields, skeletonOf } from './date-options.js';
import { addFormatMembers } from './format-members.js';
import { isNumberingSystem } from './number-options.js';
import { callable, canonicalizeLocaleList, coerceOptions, getMatcher, getOption, getTypeOption, resolveLocale, supportedLocalesOf, toParts, withKeywords } from './options.js';

const { canonicalZone, dateFormat, defaultCalendar, defaultNumbering, maximizeLocale } = native.intl;

export const CALENDARS = [
  'buddhist', 'chinese', 'coptic', 'dangi', 'ethioaa', 'ethiopic', 'gregory', 'hebrew', 'indian', 'islamic-civil', 'islamic-tbla',
  'islamic-umalqura', 'iso8601', 'japanese', 'persian', 'roc',
];
const CYCLES = ['h11', 'h12', 'h23', 'h24'];

/** The zone's name as resolvedOptions() gives it. */
function timeZoneName(value) {
  if (value === undefined) return 'UTC';
  const text = String(value);
  const offset = /^([+-\u2212])([01]\d|2[0-3])(?::?([0-5]\d))?$/.exec(text);
  if (offset !== null) {
    const [, sign, hours, minutes = '00'] = offset;
    return `${sign === '+' || `${hours}${minutes}` === '0000' ? '+' : '-'}${hours}:${minutes}`;
  }
  const name = canonicalZone(text);
  if (name === undefined) throw new RangeError(`Invalid time zone specified: ${text}`);
  return name;
}

function canonicalCalendar(name) {
  if (name === 'islamic' || name === 'islamic-rgsa') return 'islamic-umalqura';
  if (name === 'islamicc') return 'islamic-civil';
  if (name === 'gregorian') return 'gregory';
  if (name === 'ethiopic-amete-alem') return 'ethioaa';
  return name;
}

/** `hour12` asks for one of the locale's two cycles. */
function cycleOf(hour12, base) {
  if (!hour12) return 'h23';
  return base.endsWith('-JP') || base === 'ja' ? 'h11' : 'h12';
}

let timeOf;
let makeFormat;

class DateTimeFormat {
  #native;
  #resolved;

  constructor(locales = undefined, options = undefined) {
    this.#init(locales, options, 'any', 'date');
  }

  #init(locales, options, required, defaults) {
    const requested = canonicalizeLocaleList(locales);
    options = coerceOptions(options);
    getMatcher(options);
    const ca = canonicalCalendar(getTypeOption(options, 'calendar'));
    const nu = getTypeOption(options, 'numberingSystem');
    const hour12 = getOption(options, 'hour12', 'boolean', undefined, undefined);
    const cycle = getOption(options, 'hourCycle', 'string', CYCLES, undefined);
    const hc = hour12 === undefined ? cycle : null;
    const { locale, base, values } = resolveLocale(requested, { ca, nu, hc }, {
      ca: (value) => CALENDARS.includes(canonicalCalendar(value)),
      nu: isNumberingSystem,
      hc: (value) => CYCLES.includes(value),
    });
    const timeZone = timeZoneName(options.timeZone);
    const { dateStyle, timeStyle, fields } = dateFields(options, required, defaults);
    const calendar = canonicalCalendar(values.ca) ?? defaultCalendar(maximizeLocale(base));
    const hourCycle = hour12 === undefined ? values.hc : cycleOf(hour12, base);
    const zoneStyle = { full: 'long', long: 'short' }[timeStyle] ?? fields.timeZoneName;
    const keywords = [['ca', calendar]];
    if (values.nu !== undefined) keywords.push(['nu', values.nu]);
    // ICU4X has no h24: it is h23 with another letter
    if (hourCycle !== undefined) keywords.push(['hc', hourCycle === 'h24' ? 'h23' : hourCycle]);
    this.#native = dateFormat({
      dataLocale: withKeywords(base, keywords), calendar, timeZone, timeZoneName: zoneStyle, hourCycle, dateStyle, timeStyle, skeleton: skeletonOf(fields),
    });
    this.#resolved = { locale, calendar, base, nu: values.nu, timeZone, dateStyle, timeStyle, zoneStyle };
  }

  static {
    timeOf = (date) => {
      const time = date === undefined ? Date.now() : Number(date);
      if (!(Math.abs(time) <= 8.64e15)) throw new RangeError('Invalid time value');
      return Math.trunc(time);
    };
    makeFormat = (locales, options, required, defaults) => {
      const format = new DateTimeFormat('en', { timeZone: 'UTC' });
      format.#init(locales, options, required, defaults);
      return format;
    };
    addFormatMembers(this.prototype, { nativeOf: (format) => format.#native, toValue: timeOf, rangeOf: (format, start, end) => format.#range(start, end) });
  }

  #range(start, end) {
    const formatter = this.#native;
    if (start === undefined || end === undefined) throw new TypeError('startDate or endDate cannot be undefined');
    const [from, to] = [timeOf(start), timeOf(end)];
    if (!formatter.isRange(from, to)) return toParts(formatter.parts(from), { source: 'shared' });
    const parts = [];
    for (const piece of formatter.rangePattern().split(/(\{[01]\})/)) {
      if (piece === '{0}') parts.push(...toParts(formatter.parts(from), { source: 'startRange' }));
      else if (piece === '{1}') parts.push(...toParts(formatter.parts(to), { source: 'endRange' }));
      else if (piece !== '') parts.push({ type: 'literal', value: piece, source: 'shared' });
    }
    return parts;
  }

  resolvedOptions() {
    const formatter = this.#native;
    const { locale, calendar, base, nu, timeZone, dateStyle, timeStyle, zoneStyle } = this.#resolved;
    const resolved = { locale, calendar, numberingSystem: nu ?? defaultNumbering(base), timeZone };
    const hourCycle = formatter.hourCycle();
    if (hourCycle !== undefined && hourCycle !== null) Object.assign(resolved, { hourCycle, hour12: hourCycle === 'h11' || hourCycle === 'h12' });
    if (dateStyle === undefined && timeStyle === undefined) return { ...resolved, ...resolvedFields(formatter.fields(), zoneStyle) };
    if (dateStyle !== undefined) resolved.dateStyle = dateStyle;
    if (timeStyle !== undefined) resolved.timeStyle = timeStyle;
    return resolved;
  }

  static supportedLocalesOf(locales, options = undefined) {
    return supportedLocalesOf(locales, options);
  }
}

const Constructor = callable('DateTimeFormat', DateTimeFormat);
export { Constructor as DateTimeFormat };

/** The format behind toLocaleString(), toLocaleDateString() and toLocaleTimeString(). */
export function dateFormatFor(locales, options, required, defaults) {
  return makeFormat(locales, options, required, defaults);
}
