// Intl.RelativeTimeFormat (ECMA-402, chapter 18).

import { isNumberingSystem } from './number-options.js';
import { canonicalizeLocaleList, coerceOptions, getMatcher, getOption, getTypeOption, resolveLocale, shapeService, supportedLocalesOf } from './options.js';

const { defaultNumbering, relativeTimeFormat } = native.intl;

const UNITS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'];
const NUMBER_PARTS = ['integer', 'group', 'decimal', 'fraction'];

function unitName(unit) {
  const text = String(unit);
  const name = text.endsWith('s') ? text.slice(0, -1) : text;
  if (!UNITS.includes(name)) throw new RangeError(`Invalid unit argument for format() '${text}'`);
  return name;
}

function finite(value) {
  const number = Number(value);
  if (!Number.isFinite(number)) throw new RangeError('Invalid time value');
  return number;
}

export class RelativeTimeFormat {
  #native;
  #resolved;

  constructor(locales = undefined, options = undefined) {
    const requested = canonicalizeLocaleList(locales);
    options = coerceOptions(options);
    getMatcher(options);
    const nu = getTypeOption(options, 'numberingSystem');
    const { locale, base, dataLocale, values } = resolveLocale(requested, { nu }, { nu: isNumberingSystem });
    const style = getOption(options, 'style', 'string', ['long', 'short', 'narrow'], 'long');
    const numeric = getOption(options, 'numeric', 'string', ['always', 'auto'], 'always');
    this.#native = relativeTimeFormat({ dataLocale, maximumFractionDigits: 3 }, style, numeric);
    this.#resolved = { locale, style, numeric, numberingSystem: values.nu ?? defaultNumbering(base) };
  }

  format(value, unit) {
    const formatter = this.#native;
    const number = finite(value);
    return formatter.format(number, unitName(unit));
  }

  formatToParts(value, unit) {
    const formatter = this.#native;
    const number = finite(value);
    const name = unitName(unit);
    const flat = formatter.parts(number, name);
    const parts = [];
    for (let index = 0; index < flat.length; index += 2) {
      const part = { type: flat[index], value: flat[index + 1] };
      if (NUMBER_PARTS.includes(part.type)) part.unit = name;
      parts.push(part);
    }
    return parts;
  }

  resolvedOptions() {
    return { ...this.#resolved };
  }

  static supportedLocalesOf(locales, options = undefined) {
    return supportedLocalesOf(locales, options);
  }
}

Object.defineProperty(RelativeTimeFormat, 'length', { value: 0, configurable: true });
shapeService('RelativeTimeFormat', RelativeTimeFormat);
