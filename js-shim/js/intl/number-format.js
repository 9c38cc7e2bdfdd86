// Intl.NumberFormat (ECMA-402, chapter 16).

import { addFormatMembers } from './format-members.js';
import { digitOptions, isNumberingSystem, shownDigits, toNumeric } from './number-options.js';
import { callable, canonicalizeLocaleList, coerceOptions, getMatcher, getOption, getTypeOption, resolveLocale, supportedLocalesOf, toParts } from './options.js';

const { currencyDigits, defaultNumbering, numberFormat } = native.intl;

/** Table 2 of ECMA-402. */
export const UNITS = [
  'acre', 'bit', 'byte', 'celsius', 'centimeter', 'day', 'degree', 'fahrenheit', 'fluid-ounce', 'foot', 'gallon', 'gigabit', 'gigabyte',
  'gram', 'hectare', 'hour', 'inch', 'kilobit', 'kilobyte', 'kilogram', 'kilometer', 'liter', 'megabit', 'megabyte', 'meter', 'microsecond',
  'mile', 'mile-scandinavian', 'milliliter', 'millimeter', 'millisecond', 'minute', 'month', 'nanosecond', 'ounce', 'percent', 'petabyte',
  'pound', 'second', 'stone', 'terabit', 'terabyte', 'week', 'yard', 'year',
];

/** Compound units that there are patterns for. */
const RATES = ['kilometer-per-hour', 'meter-per-second', 'mile-per-hour'];

function unitOptions(options) {
  const style = getOption(options, 'style', 'string', ['decimal', 'percent', 'currency', 'unit'], 'decimal');
  let currency = getOption(options, 'currency', 'string', undefined, undefined);
  if (currency === undefined) {
    if (style === 'currency') throw new TypeError('Currency code is required with currency style.');
  } else if (!/^[A-Za-z]{3}$/.test(currency)) {
    throw new RangeError(`Invalid currency code : ${currency}`);
  }
  const currencyDisplay = getOption(options, 'currencyDisplay', 'string', ['code', 'symbol', 'narrowSymbol', 'name'], 'symbol');
  const currencySign = getOption(options, 'currencySign', 'string', ['standard', 'accounting'], 'standard');
  const unit = getOption(options, 'unit', 'string', undefined, undefined);
  if (unit === undefined) {
    if (style === 'unit') throw new TypeError('Required unit is undefined.');
  } else if (!UNITS.includes(unit) && !RATES.includes(unit)) {
    throw new RangeError(`Invalid unit argument for Intl.NumberFormat() '${unit}'`);
  }
  const unitDisplay = getOption(options, 'unitDisplay', 'string', ['short', 'narrow', 'long'], 'short');
  if (style === 'currency') return { style, currency: currency.toUpperCase(), currencyDisplay, currencySign };
  return style === 'unit' ? { style, unit, unitDisplay } : { style };
}

function groupingOption(options, notation) {
  const fallback = notation === 'compact' ? 'min2' : 'auto';
  const value = options.useGrouping;
  if (value === undefined) return fallback;
  if (value === true) return 'always';
  if (value === false || !value) return false;
  const text = String(value);
  if (text === 'true' || text === 'false') return fallback;
  if (!['min2', 'auto', 'always'].includes(text)) throw new RangeError(`Value ${text} out of range for Intl.NumberFormat options property useGrouping`);
  return text;
}

function fractionDefaults(unit, notation) {
  if (unit.style === 'currency' && notation === 'standard') {
    const digits = currencyDigits(unit.currency);
    return [digits, digits];
  }
  return [0, unit.style === 'percent' ? 0 : 3];
}

class NumberFormat {
  #native;
  #resolved;

  constructor(locales = undefined, options = undefined) {
    const requested = canonicalizeLocaleList(locales);
    options = coerceOptions(options);
    getMatcher(options);
    const nu = getTypeOption(options, 'numberingSystem');
    const { locale, base, dataLocale, values } = resolveLocale(requested, { nu }, { nu: isNumberingSystem });
    const unit = unitOptions(options);
    const notation = getOption(options, 'notation', 'string', ['standard', 'scientific', 'engineering', 'compact'], 'standard');
    const digits = digitOptions(options, ...fractionDefaults(unit, notation), notation);
    const compactDisplay = getOption(options, 'compactDisplay', 'string', ['short', 'long'], 'short');
    const useGrouping = groupingOption(options, notation);
    const signDisplay = getOption(options, 'signDisplay', 'string', ['auto', 'never', 'always', 'exceptZero', 'negative'], 'auto');
    this.#native = numberFormat({
      ...unit, ...digits.digits, ...digits.rounding, dataLocale, notation, compactDisplay, grouping: String(useGrouping), signDisplay,
    });
    const { roundingIncrement, roundingMode, trailingZeroDisplay } = digits.rounding;
    this.#resolved = {
      locale, numberingSystem: () => values.nu ?? defaultNumbering(base), ...unit, ...shownDigits(digits), useGrouping, notation,
      ...(notation === 'compact' ? { compactDisplay } : {}), signDisplay, roundingIncrement, roundingMode,
      roundingPriority: digits.roundingPriority, trailingZeroDisplay,
    };
  }

  static {
    addFormatMembers(this.prototype, { nativeOf: (format) => format.#native, toValue: toNumeric, rangeOf: (format, start, end) => format.#range(start, end) });
  }

  /** Both ends in full, as ICU has it where currencies and units are not drawn together. */
  #range(start, end) {
    const formatter = this.#native;
    if (start === undefined || end === undefined) throw new TypeError('start or end is undefined');
    const [from, to] = [toNumeric(start), toNumeric(end)];
    if (Number.isNaN(from) || Number.isNaN(to)) throw new RangeError('Invalid number value');
    const [left, right] = [formatter.parts(from), formatter.parts(to)];
    if (left.join('') === right.join('')) {
      return [{ type: 'approximatelySign', value: '~', source: 'shared' }, ...toParts(left, { source: 'shared' })];
    }
    const separator = this.#resolved.style === 'decimal' || this.#resolved.style === 'percent' ? '–' : ' – ';
    return [...toParts(left, { source: 'startRange' }), { type: 'literal', value: separator, source: 'shared' }, ...toParts(right, { source: 'endRange' })];
  }

  resolvedOptions() {
    return { ...this.#resolved, numberingSystem: this.#resolved.numberingSystem() };
  }

  static supportedLocalesOf(locales, options = undefined) {
    return supportedLocalesOf(locales, options);
  }
}

const Constructor = callable('NumberFormat', NumberFormat);
export { Constructor as NumberFormat };
