// toLocaleString() and its kin on the built-in objects (ECMA-402, chapter 20).

import { Collator } from './collator.js';
import { dateFormatFor } from './date-time-format.js';
import { NumberFormat } from './number-format.js';
import { canonicalizeLocaleList, DEFAULT_LOCALE, splitTag } from './options.js';

const { convertCase } = native.intl;

const { valueOf: numberValue } = Number.prototype;
const { valueOf: bigintValue } = BigInt.prototype;
const { getTime } = Date.prototype;

/** Digits in groups of three, as the default locale has them. */
function grouped(text) {
  const sign = text[0] === '-' ? '-' : '';
  const [integer, fraction] = text.slice(sign.length).split('.');
  let result = integer.slice(-3);
  for (let end = integer.length - 3; end > 0; end -= 3) result = `${integer.slice(Math.max(end - 3, 0), end)},${result}`;
  return sign + result + (fraction === undefined ? '' : `.${fraction}`);
}

const isPlain = (locales, options) => options === undefined && (locales === undefined || locales === 'en' || locales === DEFAULT_LOCALE);

// The plain cases are done without the data: workers that do nothing else never load it.
const SIMPLE_NUMBER = /^-?\d+(?:\.\d{1,3})?$/;
const SIMPLE_TEXT = /^[a-z0-9]*$/;

let collator = null;

function compare(left, right, locales, options) {
  if (locales === undefined && options === undefined) {
    if (left === right) return 0;
    // letters of one case come in the order of their codes
    if (SIMPLE_TEXT.test(left) && SIMPLE_TEXT.test(right)) return left < right ? -1 : 1;
    collator ??= new Collator().compare;
    return collator(left, right);
  }
  return new Collator(locales, options).compare(left, right);
}

/** Only these languages have rules of their own; `und` is for all others. */
function caseLanguage(locales) {
  const [tag] = canonicalizeLocaleList(locales);
  const language = tag === undefined ? 'und' : splitTag(tag).base.split('-')[0];
  return ['tr', 'az', 'lt', 'el', 'hy'].includes(language) ? language : 'und';
}

function thisText(value, name) {
  if (value === undefined || value === null) throw new TypeError(`String.prototype.${name} called on null or undefined`);
  return String(value);
}

const NUMBER = {
  toLocaleString(locales = undefined, options = undefined) {
    const number = numberValue.call(this);
    if (isPlain(locales, options)) {
      const text = Object.is(number, -0) ? '-0' : String(number);
      if (SIMPLE_NUMBER.test(text)) return grouped(text);
    }
    return new NumberFormat(locales, options).format(number);
  },
};

const BIGINT = {
  toLocaleString(locales = undefined, options = undefined) {
    const bigint = bigintValue.call(this);
    return isPlain(locales, options) ? grouped(String(bigint)) : new NumberFormat(locales, options).format(bigint);
  },
};

function formatDate(date, locales, options, required, defaults) {
  const time = getTime.call(date);
  return Number.isNaN(time) ? 'Invalid Date' : dateFormatFor(locales, options, required, defaults).format(time);
}

const DATE = {
  toLocaleString(locales = undefined, options = undefined) { return formatDate(this, locales, options, 'any', 'all'); },
  toLocaleDateString(locales = undefined, options = undefined) { return formatDate(this, locales, options, 'date', 'date'); },
  toLocaleTimeString(locales = undefined, options = undefined) { return formatDate(this, locales, options, 'time', 'time'); },
};

const STRING = {
  localeCompare(that, locales = undefined, options = undefined) {
    return compare(thisText(this, 'localeCompare'), String(that), locales, options);
  },
  toLocaleUpperCase(locales = undefined) {
    const text = thisText(this, 'toLocaleUpperCase');
    const language = locales === undefined ? 'und' : caseLanguage(locales);
    return language === 'und' ? text.toUpperCase() : convertCase(text, language, true);
  },
  toLocaleLowerCase(locales = undefined) {
    const text = thisText(this, 'toLocaleLowerCase');
    const language = locales === undefined ? 'und' : caseLanguage(locales);
    return language === 'und' ? text.toLowerCase() : convertCase(text, language, false);
  },
};

function joinElements(array, length, locales, options) {
  let result = '';
  for (let index = 0; index < length; index++) {
    if (index > 0) result += ',';
    const element = array[index];
    if (element !== undefined && element !== null) result += String(element.toLocaleString(locales, options));
  }
  return result;
}

const ARRAY = {
  toLocaleString(locales = undefined, options = undefined) {
    const array = Object(this);
    return joinElements(array, Math.min(Math.max(Math.trunc(Number(array.length)) || 0, 0), Number.MAX_SAFE_INTEGER), locales, options);
  },
};

const TypedArray = Object.getPrototypeOf(Uint8Array);
const { get: typedLength } = Object.getOwnPropertyDescriptor(TypedArray.prototype, 'length');
const TYPED_ARRAY = {
  toLocaleString(locales = undefined, options = undefined) {
    return joinElements(this, typedLength.call(this), locales, options);
  },
};

function replaceMethods(prototype, methods) {
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(value, 'length', { value: name === 'localeCompare' ? 1 : 0, configurable: true });
    Object.defineProperty(prototype, name, { value, writable: true, enumerable: false, configurable: true });
  }
}

export function replaceLocaleMethods() {
  replaceMethods(Number.prototype, NUMBER);
  replaceMethods(BigInt.prototype, BIGINT);
  replaceMethods(Date.prototype, DATE);
  replaceMethods(String.prototype, STRING);
  replaceMethods(Array.prototype, ARRAY);
  replaceMethods(TypedArray.prototype, TYPED_ARRAY);
}
