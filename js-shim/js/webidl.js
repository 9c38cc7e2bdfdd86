// What WebIDL asks of every interface: where its members live and how they look to reflection.

/** First argument of a public constructor called by the prelude itself; a worker cannot get at it. */
export const kInternal = Symbol('internal');

function setEnumerable(object, except) {
  for (const key of Reflect.ownKeys(object)) {
    const descriptor = Object.getOwnPropertyDescriptor(object, key);
    if (typeof key === 'symbol' || except.includes(key) || !descriptor.configurable) continue;
    if (descriptor.value !== undefined && typeof descriptor.value !== 'function') continue;
    descriptor.enumerable = true;
    Object.defineProperty(object, key, descriptor);
  }
}

/** A property of the global object, hidden from enumeration as interfaces are. */
export function exposeValue(name, value) {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
}

const shaped = new Map();
const platformPrototypes = new WeakSet();

/** The interface of that name, be it global or not. */
export function interfaceNamed(name) {
  return shaped.get(name) ?? globalThis[name];
}

/** Whether a value is an object of one of our interfaces, whose state is not in its properties. */
export function isPlatformObject(value) {
  for (let prototype = Object.getPrototypeOf(value); prototype !== null; prototype = Object.getPrototypeOf(prototype)) {
    if (platformPrototypes.has(prototype)) return true;
  }
  return false;
}

/**
 * Gives a class the shape of a WebIDL interface without making it a global. The name is told, since the bundler
 * renames a class that has the name of a global.
 */
export function shapeInterface(name, Interface) {
  shaped.set(name, Interface);
  platformPrototypes.add(Interface.prototype);
  Object.defineProperty(Interface, 'name', { value: name, configurable: true });
  setEnumerable(Interface.prototype, ['constructor']);
  setEnumerable(Interface, ['length', 'name', 'prototype']);
  Object.defineProperty(Interface.prototype, Symbol.toStringTag, { value: name, configurable: true });
}

/** Makes classes global interfaces, each under the name of its key. */
export function exposeInterfaces(interfaces) {
  for (const [name, Interface] of Object.entries(interfaces)) {
    shapeInterface(name, Interface);
    exposeValue(name, Interface);
  }
}

// Where the global object's own operations and attributes are: the prototype of WorkerGlobalScope.
let members = globalThis;

/** Tells where `exposeFunctions` and the like put what they are given. */
export function exposeMembersOn(prototype) {
  members = prototype;
}

function defineMember(name, descriptor) {
  // the engine's own one, if it has any (QuickJS brings `performance` and some more), would hide it
  delete globalThis[name];
  Object.defineProperty(members, name, { ...descriptor, configurable: true, enumerable: true });
}

/** Throws unless `value`, the `this` of a global operation or attribute, stands for the global object. */
export function requireGlobal(value, what) {
  if (value !== undefined && value !== null && value !== globalThis) throw illegalInvocation(what);
}

/** Global operations, which WebIDL makes enumerable. */
export function exposeFunctions(functions) {
  for (const [name, value] of Object.entries(functions)) {
    Object.defineProperty(value, 'name', { value: name, configurable: true });
    defineMember(name, { value, writable: true });
  }
}

function globalGetter(name, read) {
  const { get } = Object.getOwnPropertyDescriptor({
    get [name]() {
      requireGlobal(this, name);
      return read();
    },
  }, name);
  return get;
}

/** A global attribute that cannot be assigned to, such as `self`. */
export function exposeAttribute(name, read) {
  defineMember(name, { get: globalGetter(name, read) });
}

/** A global attribute that a script may replace by assigning to it, such as `performance`. */
export function exposeReplaceable(name, value) {
  const { set } = Object.getOwnPropertyDescriptor({
    set [name](replacement) {
      requireGlobal(this, name);
      Object.defineProperty(globalThis, name, { value: replacement, writable: true, enumerable: true, configurable: true });
    },
  }, name);
  defineMember(name, { get: globalGetter(name, () => value), set });
}

/** Constants stand on the interface and on its prototype. */
export function defineConstants(Interface, constants) {
  for (const [name, value] of Object.entries(constants)) {
    Object.defineProperty(Interface, name, { value, enumerable: true });
    Object.defineProperty(Interface.prototype, name, { value, enumerable: true });
  }
}

export function requireArguments(given, needed, what) {
  if (given < needed) {
    throw new TypeError(`${what} needs ${needed} argument${needed === 1 ? '' : 's'}, but got ${given}.`);
  }
}

/** For a method called on something else than its own object; `how` is how to call it. */
export function illegalInvocation(how) {
  return new TypeError(`Illegal invocation: function called with incorrect \`this\` reference. Call it as a method, ${how}, not as a function taken out of its object. See https://developers.cloudflare.com/workers/observability/errors/#illegal-invocation-errors for details.`);
}

/** Has not even what a worker gave to Object.prototype. */
const NO_MEMBERS = Object.freeze(Object.create(null));

/** A dictionary argument: undefined and null stand for an empty one. */
export function dictionary(value, what) {
  if (value === undefined || value === null) return NO_MEMBERS;
  if (typeof value !== 'object' && typeof value !== 'function') throw new TypeError(`${what} must be an object.`);
  return value;
}

/** WebIDL's `[EnforceRange] unsigned long long`: a whole number from 0, or a TypeError. */
export function enforceRange(value, what) {
  const number = Math.trunc(Number(value)) + 0;
  if (!(number >= 0 && number <= Number.MAX_SAFE_INTEGER)) throw new TypeError(`${what} must be a number from 0 to ${Number.MAX_SAFE_INTEGER}.`);
  return number;
}

/** WebIDL's `double`. */
export function toDouble(value, what) {
  const number = Number(value);
  if (!Number.isFinite(number)) throw new TypeError(`${what} must be a finite number.`);
  return number;
}

const IteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));

/**
 * Makes an interface a pair iterable (Headers, FormData, URLSearchParams). `check(object)` throws for an object of
 * another class and gives what `pairAt(target, index)` is asked with. The iterators are live: `pairAt` gives
 * `[key, value]`, or undefined at the end.
 */
export function pairIterable(name, Interface, { check, pairAt }) {
  class PairIterator {
    #target;
    #kind;
    #index = 0;
    constructor(target, kind) {
      this.#target = target;
      this.#kind = kind;
    }
    next() {
      const pair = pairAt(this.#target, this.#index);
      if (pair === undefined) return { value: undefined, done: true };
      this.#index += 1;
      return { value: this.#kind === 2 ? pair : pair[this.#kind], done: false };
    }
  }
  delete PairIterator.prototype.constructor;
  Object.setPrototypeOf(PairIterator.prototype, IteratorPrototype);
  Object.defineProperty(PairIterator.prototype, 'next', { enumerable: true });
  Object.defineProperty(PairIterator.prototype, Symbol.toStringTag, { value: `${name} Iterator`, configurable: true });

  const members = {
    entries() { return new PairIterator(check(this), 2); },
    keys() { return new PairIterator(check(this), 0); },
    values() { return new PairIterator(check(this), 1); },
    forEach(callback, thisArg = undefined) {
      const target = check(this);
      if (typeof callback !== 'function') throw new TypeError(`${name}.forEach: the callback must be a function.`);
      for (let index = 0; ; index++) {
        const pair = pairAt(target, index);
        if (pair === undefined) return;
        Reflect.apply(callback, thisArg, [pair[1], pair[0], this]);
      }
    },
  };
  for (const [key, value] of Object.entries(members)) {
    Object.defineProperty(Interface.prototype, key, { value, writable: true, enumerable: true, configurable: true });
  }
  const { value } = Object.getOwnPropertyDescriptor(Interface.prototype, 'entries');
  Object.defineProperty(Interface.prototype, Symbol.iterator, { value, writable: true, enumerable: false, configurable: true });
}
