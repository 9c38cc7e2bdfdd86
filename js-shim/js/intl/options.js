// Options and locales as every Intl constructor reads them (ECMA-402, chapter 9).

const { availableLocale, canonicalLocale } = native.intl;

/** What a worker without locales of its own gets. */
export const DEFAULT_LOCALE = 'en-US';

const TYPE = /^[a-z0-9]{3,8}(?:-[a-z0-9]{3,8})*$/i;

export function coerceOptions(options) {
  if (options === undefined) return Object.create(null);
  if (options === null) throw new TypeError('Cannot convert null to an object');
  return Object(options);
}

export function requireOptions(options) {
  if (options === undefined) return Object.create(null);
  if (typeof options !== 'object' && typeof options !== 'function' || options === null) throw new TypeError('Intl: options must be an object');
  return options;
}

/** A string or boolean option out of a list; `fallback` may be undefined. */
export function getOption(options, name, type, values, fallback) {
  let value = options[name];
  if (value === undefined) return fallback;
  value = type === 'boolean' ? Boolean(value) : String(value);
  if (values !== undefined && !values.includes(value)) throw new RangeError(`Value ${value} out of range for Intl options property ${name}`);
  return value;
}

/** An option that is a Unicode locale type, such as `numberingSystem`. */
export function getTypeOption(options, name) {
  const value = getOption(options, name, 'string', undefined, undefined);
  if (value !== undefined && !TYPE.test(value)) throw new RangeError(`Invalid ${name} : ${value}`);
  return value?.toLowerCase();
}

export function defaultNumber(value, minimum, maximum, fallback, name) {
  if (value === undefined) return fallback;
  const number = Number(value);
  if (!(number >= minimum && number <= maximum)) throw new RangeError(`${name} value is out of range.`);
  return Math.floor(number);
}

export function getNumberOption(options, name, minimum, maximum, fallback) {
  return defaultNumber(options[name], minimum, maximum, fallback, name);
}

function canonical(tag) {
  const found = canonicalLocale(tag);
  if (found === undefined) throw new RangeError(`Incorrect locale information provided: ${tag}`);
  return found;
}

let localeTag = () => undefined;

/** `Intl.Locale` says how to know its objects. */
export function setLocaleTag(read) {
  localeTag = read;
}

export function canonicalizeLocaleList(locales) {
  if (locales === undefined) return [];
  const list = typeof locales === 'string' || localeTag(locales) !== undefined ? [locales] : Object(locales);
  if (locales === null) throw new TypeError('Cannot convert null to an object');
  const seen = [];
  const length = Math.min(Math.max(Math.trunc(Number(list.length)) || 0, 0), Number.MAX_SAFE_INTEGER);
  for (let index = 0; index < length; index++) {
    if (!(index in list)) continue;
    const value = list[index];
    if (typeof value !== 'string' && (typeof value !== 'object' || value === null)) throw new TypeError('Incorrect locale information provided');
    const tag = localeTag(value) ?? canonical(String(value));
    if (!seen.includes(tag)) seen.push(tag);
  }
  return seen;
}

/** A canonical tag without its extensions, and the keywords of its `-u-` extension. */
export function splitTag(tag) {
  const parts = tag.split('-');
  let end = parts.findIndex((part, index) => index > 0 && part.length === 1);
  if (end < 0) end = parts.length;
  const keywords = new Map();
  let key = null;
  let inUnicode = false;
  for (const part of parts.slice(end)) {
    if (part.length === 1) {
      if (part === 'x') break;
      inUnicode = part === 'u';
      key = null;
    } else if (inUnicode && part.length === 2) {
      key = part;
      if (!keywords.has(key)) keywords.set(key, '');
    } else if (inUnicode && key !== null) {
      const value = keywords.get(key);
      keywords.set(key, value === '' ? part : `${value}-${part}`);
    }
  }
  return { base: parts.slice(0, end).join('-'), keywords };
}

/** The longest beginning of a locale that there is data for (BestAvailableLocale). */
function bestAvailable(base) {
  for (let candidate = base; ;) {
    if (availableLocale(candidate)) return candidate;
    const cut = candidate.lastIndexOf('-');
    if (cut < 0) return undefined;
    candidate = candidate.slice(0, cut);
  }
}

/**
 * ResolveLocale. `keys` names the keywords that count, each with a function that says whether a value is supported in the
 * locale found; `wanted` has the values that options give. What is found is a locale with the keywords that it got from
 * the request, and a locale for the data that has all of them.
 */
export function resolveLocale(requested, wanted, keys) {
  let found = DEFAULT_LOCALE;
  let given = new Map();
  for (const tag of requested) {
    const { base, keywords } = splitTag(tag);
    const available = bestAvailable(base);
    if (available !== undefined) {
      found = available;
      given = keywords;
      break;
    }
  }
  const values = {};
  const shown = [];
  const used = [];
  for (const [key, isSupported] of Object.entries(keys)) {
    let value;
    if (given.has(key)) {
      const text = given.get(key) === '' ? 'true' : given.get(key);
      if (isSupported(text, found)) {
        value = text;
        shown.push([key, text]);
      }
    }
    const option = wanted[key];
    if (option !== undefined && option !== value && (option === null || isSupported(option, found))) {
      if (shown.at(-1)?.[0] === key) shown.pop();
      value = option ?? undefined;
    }
    values[key] = value;
    if (value !== undefined) used.push([key, value]);
  }
  return { locale: withKeywords(found, shown), base: found, dataLocale: withKeywords(found, used), values };
}

/** A locale with keywords added. */
export function withKeywords(base, keywords) {
  if (keywords.length === 0) return base;
  const sorted = keywords.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `${base}-u-${sorted.map(([key, value]) => (value === 'true' ? key : `${key}-${value}`)).join('-')}`;
}

export function getMatcher(options) {
  return getOption(options, 'localeMatcher', 'string', ['lookup', 'best fit'], 'best fit');
}

export function supportedLocalesOf(locales, options) {
  const requested = canonicalizeLocaleList(locales);
  if (options !== undefined) getMatcher(coerceOptions(options));
  return requested.filter((tag) => bestAvailable(splitTag(tag).base) !== undefined);
}

/** `[kind, text, …]` of the natives as an array of part objects. */
export function toParts(flat, more = undefined) {
  const parts = [];
  for (let index = 0; index < flat.length; index += 2) parts.push({ type: flat[index], value: flat[index + 1], ...more });
  return parts;
}

/** Names and tags a class as ECMA-402 has it: methods stay hidden from enumeration. */
export function shapeService(name, Service) {
  Object.defineProperty(Service, 'name', { value: name, configurable: true });
  Object.defineProperty(Service, 'prototype', { writable: false });
  Object.defineProperty(Service.prototype, Symbol.toStringTag, { value: `Intl.${name}`, configurable: true });
  return Service;
}

/** The same for the three constructors that may be called without `new`. */
export function callable(name, Service) {
  const Constructor = function (...args) {
    return Reflect.construct(Service, args, new.target ?? Constructor);
  };
  Object.defineProperty(Constructor, 'prototype', { value: Service.prototype, writable: false });
  Object.defineProperty(Constructor, 'length', { value: 0, configurable: true });
  for (const key of ['supportedLocalesOf']) Object.defineProperty(Constructor, key, Object.getOwnPropertyDescriptor(Service, key));
  Object.defineProperty(Service.prototype, 'constructor', { value: Constructor, writable: true, configurable: true });
  return shapeService(name, Constructor);
}
