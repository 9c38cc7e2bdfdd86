// The Intl object (ECMA-402, chapter 8).

import { Collator } from './collator.js';
import { CALENDARS, DateTimeFormat } from './date-time-format.js';
import { ListFormat } from './list-format.js';
import { Locale } from './locale.js';
import { NumberFormat, UNITS } from './number-format.js';
import { canonicalizeLocaleList } from './options.js';
import { PluralRules } from './plural-rules.js';
import { RelativeTimeFormat } from './relative-time-format.js';
import { Segmenter } from './segmenter.js';
import { replaceLocaleMethods } from './to-locale.js';

const { intlList } = native.intl;

const FUNCTIONS = {
  getCanonicalLocales(locales) { return canonicalizeLocaleList(locales); },
  supportedValuesOf(key) {
    const name = String(key);
    switch (name) {
      case 'calendar': return [...CALENDARS];
      case 'collation': return ['emoji', 'eor', 'phonebk', 'pinyin', 'stroke', 'trad'];
      case 'currency': return intlList('currencies');
      case 'numberingSystem': return intlList('numberingSystems');
      case 'timeZone': return intlList('zones').filter((zone) => zone === 'UTC' || (zone.includes('/') && !zone.startsWith('Etc/')));
      case 'unit': return [...UNITS];
      default: throw new RangeError(`Invalid key : ${name}`);
    }
  },
};

export function install() {
  const Intl = {};
  const services = { Collator, DateTimeFormat, ListFormat, Locale, NumberFormat, PluralRules, RelativeTimeFormat, Segmenter };
  for (const [name, value] of Object.entries({ ...FUNCTIONS, ...services })) {
    Object.defineProperty(Intl, name, { value, writable: true, enumerable: false, configurable: true });
  }
  Object.defineProperty(Intl, Symbol.toStringTag, { value: 'Intl', configurable: true });
  Object.defineProperty(globalThis, 'Intl', { value: Intl, writable: true, enumerable: false, configurable: true });
  replaceLocaleMethods();
}
