// Intl.Locale (ECMA-402, chapter 15).

import { coerceOptions, getOption, setLocaleTag, shapeService, splitTag } from './options.js';

const { canonicalLocale, maximizeLocale, minimizeLocale } = native.intl;

const TYPE = '[a-z0-9]{3,8}(?:-[a-z0-9]{3,8})*';
const KEYWORDS = [
  ['calendar', 'ca', TYPE],
  ['collation', 'co', TYPE],
  ['hourCycle', 'hc', 'h11|h12|h23|h24'],
  ['caseFirst', 'kf', 'upper|lower|false'],
  ['numeric', 'kn', null],
  ['numberingSystem', 'nu', TYPE],
];

function subtagOption(options, name, pattern) {
  const value = getOption(options, name, 'string', undefined, undefined);
  if (value !== undefined && !new RegExp(`^(?:${pattern})$`, 'i').test(value)) throw new RangeError(`Incorrect locale information provided: ${value}`);
  return value;
}

/** Language, script, region and variants of a tag without extensions. */
function subtags(base) {
  const [language, ...rest] = base.split('-');
  const script = /^[a-z]{4}$/i.test(rest[0] ?? '') ? rest.shift() : undefined;
  const region = /^(?:[a-z]{2}|\d{3})$/i.test(rest[0] ?? '') ? rest.shift() : undefined;
  return { language, script, region, variants: rest };
}

function withSubtags(tag, options) {
  const { base } = splitTag(tag);
  const extensions = tag.slice(base.length);
  const parts = subtags(base);
  parts.language = subtagOption(options, 'language', '[a-z]{2,3}|[a-z]{5,8}') ?? parts.language;
  parts.script = subtagOption(options, 'script', '[a-z]{4}') ?? parts.script;
  parts.region = subtagOption(options, 'region', '[a-z]{2}|[0-9]{3}') ?? parts.region;
  const all = [parts.language, parts.script, parts.region, ...parts.variants];
  return all.filter((part) => part !== undefined).join('-') + extensions;
}

/** A canonical tag with keywords of its `-u-` extension replaced. */
function replaceKeywords(tag, wanted) {
  const { base, keywords } = splitTag(tag);
  for (const [key, value] of wanted) keywords.set(key, value === 'true' ? '' : value);
  // other extensions and attributes of `-u-` stay as they are
  const others = tag.slice(base.length).replace(/-u(?:-[a-z0-9]{2,8})+/i, '');
  const sorted = [...keywords].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const unicode = sorted.map(([key, value]) => (value === '' ? `-${key}` : `-${key}-${value}`)).join('');
  const found = canonicalLocale(`${base}${unicode === '' ? '' : `-u${unicode}`}${others}`);
  if (found === undefined) throw new RangeError(`Incorrect locale information provided: ${tag}`);
  return found;
}

export class Locale {
  #tag;

  constructor(tag, options = undefined) {
    if (typeof tag !== 'string' && (typeof tag !== 'object' || tag === null)) throw new TypeError('First argument to Intl.Locale constructor can\'t be empty or missing');
    const text = typeof tag === 'object' && #tag in tag ? tag.#tag : String(tag);
    options = coerceOptions(options);
    const canonical = canonicalLocale(text);
    if (canonical === undefined) throw new RangeError('Incorrect locale information provided');
    const merged = canonicalLocale(withSubtags(canonical, options));
    if (merged === undefined) throw new RangeError('Incorrect locale information provided');
    const wanted = [];
    for (const [name, key, pattern] of KEYWORDS) {
      const value = pattern === null ? getOption(options, name, 'boolean', undefined, undefined) : subtagOption(options, name, pattern);
      if (value !== undefined) wanted.push([key, String(value)]);
    }
    this.#tag = wanted.length === 0 ? merged : replaceKeywords(merged, wanted);
  }

  static #of(tag) {
    return new Locale(tag);
  }

  static {
    setLocaleTag((value) => (typeof value === 'object' && value !== null && #tag in value ? value.#tag : undefined));
  }

  #keyword(key) {
    return splitTag(this.#tag).keywords.get(key);
  }

  maximize() { return Locale.#of(maximizeLocale(this.#tag)); }
  minimize() { return Locale.#of(minimizeLocale(this.#tag)); }
  toString() { return this.#tag; }

  get baseName() { return splitTag(this.#tag).base; }
  get language() { return subtags(splitTag(this.#tag).base).language; }
  get script() { return subtags(splitTag(this.#tag).base).script; }
  get region() { return subtags(splitTag(this.#tag).base).region; }
  get calendar() { return this.#keyword('ca'); }
  get collation() { return this.#keyword('co'); }
  get hourCycle() { return this.#keyword('hc'); }
  get caseFirst() { return this.#keyword('kf'); }
  get numeric() { const value = this.#keyword('kn'); return value !== undefined && (value === '' || value === 'true'); }
  get numberingSystem() { return this.#keyword('nu'); }
}

Object.defineProperty(Locale, 'length', { value: 1, configurable: true });
shapeService('Locale', Locale);
