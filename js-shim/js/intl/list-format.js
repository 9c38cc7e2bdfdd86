// Intl.ListFormat (ECMA-402, chapter 14).

import { canonicalizeLocaleList, getMatcher, getOption, requireOptions, resolveLocale, shapeService, supportedLocalesOf, toParts } from './options.js';

const { listFormat } = native.intl;

function stringList(iterable) {
  if (iterable === undefined) return [];
  const items = [];
  for (const item of iterable) {
    if (typeof item !== 'string') throw new TypeError('Iterable yielded a value that is not a string');
    items.push(item);
  }
  return items;
}

export class ListFormat {
  #native;
  #resolved;

  constructor(locales = undefined, options = undefined) {
    const requested = canonicalizeLocaleList(locales);
    options = requireOptions(options);
    getMatcher(options);
    const { locale, dataLocale } = resolveLocale(requested, {}, {});
    const type = getOption(options, 'type', 'string', ['conjunction', 'disjunction', 'unit'], 'conjunction');
    const style = getOption(options, 'style', 'string', ['long', 'short', 'narrow'], 'long');
    this.#native = listFormat(dataLocale, type, style);
    this.#resolved = { locale, type, style };
  }

  format(list) {
    return this.#native.parts(stringList(list)).filter((_, index) => index % 2 === 1).join('');
  }

  formatToParts(list) {
    return toParts(this.#native.parts(stringList(list)));
  }

  resolvedOptions() {
    return { ...this.#resolved };
  }

  static supportedLocalesOf(locales, options = undefined) {
    return supportedLocalesOf(locales, options);
  }
}

Object.defineProperty(ListFormat, 'length', { value: 0, configurable: true });
shapeService('ListFormat', ListFormat);
