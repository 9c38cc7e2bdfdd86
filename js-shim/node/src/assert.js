// node:assert.
import assert from 'assert';

const {
  AssertionError, deepEqual, deepStrictEqual, doesNotMatch, doesNotReject, doesNotThrow, equal, fail, ifError, match,
  notDeepEqual, notDeepStrictEqual, notEqual, notStrictEqual, ok, rejects, strict, strictEqual, throws,
} = assert;

function includes(actual, expected) {
  if (typeof expected !== 'object' || expected === null) return Object.is(actual, expected);
  if (typeof actual !== 'object' || actual === null || Object.getPrototypeOf(actual) !== Object.getPrototypeOf(expected)) return false;
  if (expected instanceof Map) return actual instanceof Map && [...expected].every(([key, value]) => actual.has(key) && includes(actual.get(key), value));
  if (expected instanceof Set) return [...expected].every((value) => [...actual].some((other) => includes(other, value)));
  if (Array.isArray(expected)) {
    // each expected element in the order of the array, others between them
    let at = 0;
    return expected.every((value) => {
      while (at < actual.length && !includes(actual[at], value)) at += 1;
      at += 1;
      return at <= actual.length;
    });
  }
  if (Reflect.ownKeys(expected).length === 0) return isEqual(actual, expected);
  return Reflect.ownKeys(expected).every((key) => Object.hasOwn(actual, key) && includes(actual[key], expected[key]));
}

function isEqual(actual, expected) {
  try {
    deepStrictEqual(actual, expected);
    return true;
  } catch {
    return false;
  }
}

export function partialDeepStrictEqual(actual, expected, message = undefined) {
  if (includes(actual, expected)) return;
  if (message instanceof Error) throw message;
  throw new AssertionError({ actual, expected, message: message ?? 'Expected values to be partially and strictly deep-equal', operator: 'partialDeepStrictEqual', stackStartFn: partialDeepStrictEqual });
}
assert.partialDeepStrictEqual = partialDeepStrictEqual;
strict.partialDeepStrictEqual = partialDeepStrictEqual;

export {
  AssertionError, deepEqual, deepStrictEqual, doesNotMatch, doesNotReject, doesNotThrow, equal, fail, ifError, match,
  notDeepEqual, notDeepStrictEqual, notEqual, notStrictEqual, ok, rejects, strict, strictEqual, throws,
};
export default assert;
