// Intl.Segmenter (ECMA-402, chapter 19).

import { canonicalizeLocaleList, getMatcher, getOption, requireOptions, resolveLocale, shapeService, supportedLocalesOf } from './options.js';

const { segmenter } = native.intl;

let makeSegments;

class Segments {
  #breaks;
  #isWord;
  #text;

  static {
    makeSegments = (breaks, isWord, text) => {
      const segments = new Segments();
      segments.#breaks = breaks;
      segments.#isWord = isWord;
      segments.#text = text;
      return segments;
    };
  }

  #segment(position) {
    const breaks = this.#breaks;
    const end = (place) => (this.#isWord ? breaks[place] >>> 1 : breaks[place]);
    const index = position === 0 ? 0 : end(position - 1);
    const data = { segment: this.#text.slice(index, end(position)), index, input: this.#text };
    if (this.#isWord) data.isWordLike = (breaks[position] & 1) === 1;
    return data;
  }

  containing(index) {
    const breaks = this.#breaks;
    const place = Math.trunc(Number(index)) || 0;
    if (place < 0 || place >= this.#text.length) return undefined;
    let [low, high] = [0, breaks.length - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#isWord ? breaks[middle] >>> 1 : breaks[middle]) > place) high = middle;
      else low = middle + 1;
    }
    return this.#segment(low);
  }

  [Symbol.iterator]() {
    const count = this.#breaks.length;
    return makeIterator(count, (position) => this.#segment(position));
  }
}

delete Segments.prototype.constructor;

let makeIterator;

class SegmentIterator {
  #position = 0;
  #count;
  #at;

  static {
    makeIterator = (count, at) => {
      const iterator = new SegmentIterator();
      iterator.#count = count;
      iterator.#at = at;
      return iterator;
    };
  }

  next() {
    if (this.#position >= this.#count) return { value: undefined, done: true };
    return { value: this.#at(this.#position++), done: false };
  }
}

delete SegmentIterator.prototype.constructor;
Object.setPrototypeOf(SegmentIterator.prototype, Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())));
Object.defineProperty(SegmentIterator.prototype, Symbol.toStringTag, { value: 'Segmenter String Iterator', configurable: true });

export class Segmenter {
  #native;
  #resolved;

  constructor(locales = undefined, options = undefined) {
    const requested = canonicalizeLocaleList(locales);
    options = requireOptions(options);
    getMatcher(options);
    const { locale } = resolveLocale(requested, {}, {});
    const granularity = getOption(options, 'granularity', 'string', ['grapheme', 'word', 'sentence'], 'grapheme');
    this.#native = segmenter(granularity);
    this.#resolved = { locale, granularity };
  }

  segment(text) {
    const breaks = this.#native;
    text = String(text);
    return makeSegments(text === '' ? [] : breaks.breaks(text), this.#resolved.granularity === 'word', text);
  }

  resolvedOptions() {
    return { ...this.#resolved };
  }

  static supportedLocalesOf(locales, options = undefined) {
    return supportedLocalesOf(locales, options);
  }
}

Object.defineProperty(Segmenter, 'length', { value: 0, configurable: true });
shapeService('Segmenter', Segmenter);
