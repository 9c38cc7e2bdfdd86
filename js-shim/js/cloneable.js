// What the standards call serializable and transferable objects: interfaces tell here how theirs are copied and moved.

const serializable = [];
const transferable = [];

/**
 * `is(value)` is the brand check; `clone(value, cloneInner)` gives the copy, parts of it made with `cloneInner`. An
 * interface comes after those it inherits from, and is looked for before them.
 */
export function registerSerializable(is, clone) {
  serializable.unshift({ is, clone });
}

/**
 * `isDetached(value)`: it was transferred before. `begin(value)` gives `{ object, commit }`: what will have it, and a
 * function that moves it there, called when nothing can fail any more.
 */
export function registerTransferable(is, { isDetached, begin }) {
  transferable.push({ is, isDetached, begin });
}

export function serializableKind(value) {
  return serializable.find((kind) => kind.is(value));
}

export function transferableKind(value) {
  return transferable.find((kind) => kind.is(value));
}
