// What DateTimeFormat and NumberFormat have alike (ECMA-402, sections 11.3 and 16.3).

import { toParts } from './options.js';

/**
 * Adds `format` and its kin to a prototype. `nativeOf(object)` gives the formatter, or throws for an object of another class;
 * `toValue` converts an argument; `rangeOf(object, start, end)` gives the parts of a range.
 */
export function addFormatMembers(prototype, { nativeOf, toValue, rangeOf }) {
  const bound = new WeakMap();
  const members = {
    get format() {
      const native = nativeOf(this);
      if (!bound.has(this)) bound.set(this, Object.defineProperty((value) => native.format(toValue(value)), 'name', { value: '' }));
      return bound.get(this);
    },
    formatToParts(value) { return toParts(nativeOf(this).parts(toValue(value))); },
    formatRange(start, end) { return rangeOf(this, start, end).map((part) => part.value).join(''); },
    formatRangeToParts(start, end) { return rangeOf(this, start, end); },
  };
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(members))) {
    Object.defineProperty(prototype, name, { ...descriptor, enumerable: false });
  }
}
