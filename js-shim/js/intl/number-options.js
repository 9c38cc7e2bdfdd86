// Digits and numbering systems, which several services read the same way (ECMA-402, 16.1.2).

import { defaultNumber, getNumberOption, getOption } from './options.js';

const { intlList } = native.intl;

let numberingSystems = null;

export function isNumberingSystem(name) {
  numberingSystems ??= intlList('numberingSystems');
  return numberingSystems.includes(name);
}

const INCREMENTS = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 2500, 5000];
const MODES = ['ceil', 'floor', 'expand', 'trunc', 'halfCeil', 'halfFloor', 'halfExpand', 'halfTrunc', 'halfEven'];

/** SetNumberFormatDigitOptions. */
export function digitOptions(options, minimumDefault, maximumDefault, notation) {
  const minimumIntegerDigits = getNumberOption(options, 'minimumIntegerDigits', 1, 21, 1);
  let minimumFraction = options.minimumFractionDigits;
  let maximumFraction = options.maximumFractionDigits;
  let minimumSignificant = options.minimumSignificantDigits;
  let maximumSignificant = options.maximumSignificantDigits;
  const roundingIncrement = getNumberOption(options, 'roundingIncrement', 1, 5000, 1);
  if (!INCREMENTS.includes(roundingIncrement)) throw new RangeError('roundingIncrement value is out of range.');
  const roundingMode = getOption(options, 'roundingMode', 'string', MODES, 'halfExpand');
  const roundingPriority = getOption(options, 'roundingPriority', 'string', ['auto', 'morePrecision', 'lessPrecision'], 'auto');
  const trailingZeroDisplay = getOption(options, 'trailingZeroDisplay', 'string', ['auto', 'stripIfInteger'], 'auto');
  if (roundingIncrement !== 1) maximumDefault = minimumDefault;

  const hasSignificant = minimumSignificant !== undefined || maximumSignificant !== undefined;
  const hasFraction = minimumFraction !== undefined || maximumFraction !== undefined;
  const needsSignificant = roundingPriority !== 'auto' || hasSignificant;
  const needsFraction = roundingPriority !== 'auto' || (!hasSignificant && (hasFraction || notation !== 'compact'));
  const digits = { minimumIntegerDigits };
  if (needsSignificant) {
    if (hasSignificant) {
      minimumSignificant = defaultNumber(minimumSignificant, 1, 21, 1, 'minimumSignificantDigits');
      maximumSignificant = defaultNumber(maximumSignificant, minimumSignificant, 21, 21, 'maximumSignificantDigits');
    } else {
      [minimumSignificant, maximumSignificant] = [1, 21];
    }
    digits.minimumSignificantDigits = minimumSignificant;
    digits.maximumSignificantDigits = maximumSignificant;
  }
  if (needsFraction) {
    if (hasFraction) {
      minimumFraction = defaultNumber(minimumFraction, 0, 100, undefined, 'minimumFractionDigits');
      maximumFraction = defaultNumber(maximumFraction, 0, 100, undefined, 'maximumFractionDigits');
      if (minimumFraction === undefined) minimumFraction = Math.min(minimumDefault, maximumFraction);
      else if (maximumFraction === undefined) maximumFraction = Math.max(maximumDefault, minimumFraction);
      else if (minimumFraction > maximumFraction) throw new RangeError('maximumFractionDigits value is out of range.');
    } else {
      [minimumFraction, maximumFraction] = [minimumDefault, maximumDefault];
    }
    digits.minimumFractionDigits = minimumFraction;
    digits.maximumFractionDigits = maximumFraction;
  }
  let roundingType;
  if (!needsSignificant && !needsFraction) {
    Object.assign(digits, { minimumFractionDigits: 0, maximumFractionDigits: 0, minimumSignificantDigits: 1, maximumSignificantDigits: 2 });
    roundingType = 'morePrecision';
  } else if (roundingPriority !== 'auto') {
    roundingType = roundingPriority;
  } else {
    roundingType = hasSignificant ? 'significantDigits' : 'fractionDigits';
  }
  if (roundingIncrement !== 1) {
    if (roundingType !== 'fractionDigits') throw new TypeError('roundingIncrement value is invalid.');
    if (digits.maximumFractionDigits !== digits.minimumFractionDigits) throw new RangeError('roundingIncrement value is out of range.');
  }
  const shown = roundingType === 'morePrecision' && !needsSignificant ? 'morePrecision' : roundingPriority;
  return { digits, rounding: { roundingIncrement, roundingMode, roundingType, trailingZeroDisplay }, roundingPriority: shown };
}

/** The digits that resolvedOptions() shows, in its order. */
export function shownDigits({ digits }) {
  const { minimumIntegerDigits, minimumFractionDigits, maximumFractionDigits, minimumSignificantDigits, maximumSignificantDigits } = digits;
  const shown = { minimumIntegerDigits };
  if (minimumFractionDigits !== undefined) Object.assign(shown, { minimumFractionDigits, maximumFractionDigits });
  if (minimumSignificantDigits !== undefined) Object.assign(shown, { minimumSignificantDigits, maximumSignificantDigits });
  return shown;
}

/** A value as the natives take it: a number, or the digits of a bigint or a string (ToIntlMathematicalValue). */
export function toNumeric(value) {
  const primitive = typeof value === 'object' || typeof value === 'function' ? toPrimitive(value) : value;
  if (typeof primitive === 'bigint') return String(primitive);
  if (typeof primitive === 'string') return decimalText(primitive);
  return Number(primitive);
}

function toPrimitive(value) {
  if (value === null) return null;
  const convert = value[Symbol.toPrimitive];
  if (convert !== undefined && convert !== null) {
    const result = convert.call(value, 'number');
    if (typeof result === 'object' && result !== null) throw new TypeError('Cannot convert object to primitive value');
    return result;
  }
  for (const name of ['valueOf', 'toString']) {
    if (typeof value[name] !== 'function') continue;
    const result = value[name]();
    if (typeof result !== 'object' || result === null) return result;
  }
  throw new TypeError('Cannot convert object to primitive value');
}

/** Strings keep all their digits, which a number would lose. */
function decimalText(text) {
  const trimmed = text.trim();
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,4}))?$/i.exec(trimmed);
  if (match === null || (match[2] === '' && (match[3] ?? '') === '')) return Number(text);
  const sign = match[1] === '-' ? '-' : '';
  const exponent = match[4] === undefined ? '' : `e${Number(match[4])}`;
  return `${sign}${match[2] || '0'}${match[3] ? `.${match[3]}` : ''}${exponent}`;
}
