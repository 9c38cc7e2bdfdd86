// Intl.PluralRules (ECMA-402, chapter 17).

import { digitOptions, shownDigits, toNumeric } from './number-options.js';
import { canonicalizeLocaleList, coerceOptions, getMatcher, getOption, resolveLocale, shapeService, supportedLocalesOf } from './options.js';

const { pluralRules } = native.intl;

export class PluralRules {
  #native;
  #resolved;

  constructor(locales = undefined, options = undefined) {
    const requested = canonicalizeLocaleList(locales);
    options = coerceOptions(options);
    getMatcher(options);
    const type = getOption(options, 'type', 'string', ['cardinal', 'ordinal'], 'cardinal');
    const digits = digitOptions(options, 0, 3, 'standard');
    const { locale, dataLocale } = resolveLocale(requested, {}, {});
    this.#native = pluralRules({ dataLocale, type, ...digits.digits, ...digits.rounding });
    const { roundingIncrement, roundingMode, trailingZeroDisplay } = digits.rounding;
    this.#resolved = { locale, type, ...shownDigits(digits), roundingIncrement, roundingMode, roundingPriority: digits.roundingPriority, trailingZeroDisplay };
  }

  select(value) {
    return this.#native.select(Number(value));
  }

  selectRange(start, end) {
    const rules = this.#native;
    if (start === undefined || end === undefined) throw new TypeError('start or end is undefined');
    const [from, to] = [Number(start), Number(end)];
    if (Number.isNaN(from) || Number.isNaN(to)) throw new RangeError('Invalid number value');
    return rules.selectRange(from, to);
  }

  resolvedOptions() {
    const { locale, type, roundingIncrement, roundingMode, roundingPriority, trailingZeroDisplay, ...digits } = this.#resolved;
    const order = ['few', 'many', 'one', 'two', 'zero', 'other'];
    const categories = this.#native.categories();
    const pluralCategories = order.filter((category) => categories.includes(category));
    return { locale, type, ...digits, pluralCategories, roundingIncrement, roundingMode, roundingPriority, trailingZeroDisplay };
  }

  static supportedLocalesOf(locales, options = undefined) {
    return supportedLocalesOf(locales, options);
  }
}

Object.defineProperty(PluralRules, 'length', { value: 0, configurable: true });
shapeService('PluralRules', PluralRules);
