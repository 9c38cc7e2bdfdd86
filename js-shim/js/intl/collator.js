// Intl.Collator (ECMA-402, chapter 10).

import { callable, canonicalizeLocaleList, coerceOptions, getMatcher, getOption, getTypeOption, resolveLocale, supportedLocalesOf, withKeywords } from './options.js';

const { collator, maximizeLocale } = native.intl;

/** The orders that are in the data, by language; `emoji` and `eor` are there for all. */
const COLLATIONS = { de: ['phonebk'], es: ['trad'], sv: ['trad'], fi: ['trad'], bn: ['trad'], kn: ['trad'], vi: ['trad'], zh: ['pinyin', 'stroke'], hr: [], si: ['dict'] };

function isCollation(name, locale) {
  const [language] = locale.split('-');
  return name === 'emoji' || name === 'eor' || (COLLATIONS[language] ?? []).includes(name);
}

/** Chinese is never in the root's order, which goes by radicals. */
function hanOrder(base) {
  const full = maximizeLocale(base);
  if (!full.startsWith('zh-')) return undefined;
  return full.startsWith('zh-Hant') ? 'stroke' : 'pinyin';
}

class Collator {
  #native;
  #resolved;
  #compare;

  constructor(locales = undefined, options = undefined) {
    const requested = canonicalizeLocaleList(locales);
    options = coerceOptions(options);
    const usage = getOption(options, 'usage', 'string', ['sort', 'search'], 'sort');
    getMatcher(options);
    const co = getTypeOption(options, 'collation');
    const numeric = getOption(options, 'numeric', 'boolean', undefined, undefined);
    const kf = getOption(options, 'caseFirst', 'string', ['upper', 'lower', 'false'], undefined);
    const kn = numeric === undefined ? undefined : String(numeric);
    const { locale, base, values } = resolveLocale(requested, { co, kn, kf }, {
      co: isCollation,
      kn: (value) => value === 'true' || value === 'false',
      kf: (value) => ['upper', 'lower', 'false'].includes(value),
    });
    const sensitivity = getOption(options, 'sensitivity', 'string', ['base', 'accent', 'case', 'variant'], 'variant');
    const ignorePunctuation = getOption(options, 'ignorePunctuation', 'boolean', undefined, base === 'th' || base.startsWith('th-'));
    const order = values.co ?? hanOrder(base);
    const keywords = Object.entries({ ...values, co: order }).filter(([, value]) => value !== undefined);
    this.#native = collator(withKeywords(base, keywords), sensitivity, ignorePunctuation);
    this.#resolved = {
      locale, usage, sensitivity, ignorePunctuation, collation: values.co ?? 'default', numeric: values.kn === 'true', caseFirst: values.kf ?? 'false',
    };
  }

  get compare() {
    const compare = this.#native;
    this.#compare ??= Object.defineProperty((left, right) => compare.compare(String(left), String(right)), 'name', { value: '' });
    return this.#compare;
  }

  resolvedOptions() {
    return { ...this.#resolved };
  }

  static supportedLocalesOf(locales, options = undefined) {
    return supportedLocalesOf(locales, options);
  }
}

const Constructor = callable('Collator', Collator);
export { Constructor as Collator };
