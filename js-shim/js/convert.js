// WebIDL conversions of arguments (section 3.2).

/** USVString; a symbol is none. */
export function toUsvString(value) {
  return `${value}`.toWellFormed();
}

/** sequence<T>: every item is converted before the next one is asked for. `what` names the argument in errors. */
export function toSequence(value, toItem, what) {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  const method = isObject ? value[Symbol.iterator] : undefined;
  if (method === undefined || method === null) throw new TypeError(`${what} must be a list.`);
  return iterated(value, method, toItem, what);
}

/** The items of an object whose @@iterator `method` was looked up already, as sequences and records ask. */
export function iterated(value, method, toItem, what) {
  if (typeof method !== 'function') throw new TypeError(`${what} must be a list.`);
  const iterator = Reflect.apply(method, value, []);
  if ((typeof iterator !== 'object' || iterator === null) && typeof iterator !== 'function') throw new TypeError(`${what} must be a list.`);
  const { next } = iterator;
  const items = [];
  for (;;) {
    const step = Reflect.apply(next, iterator, []);
    if ((typeof step !== 'object' || step === null) && typeof step !== 'function') throw new TypeError(`${what} must be a list.`);
    if (step.done) return items;
    items.push(toItem(step.value));
  }
}

/** record<T, T>: the pairs of an object whose every step a worker can see, such as a proxy; Rust reads the others. */
export function recordPairs(object, convert) {
  const pairs = [];
  for (const key of Reflect.ownKeys(object)) {
    if (!Reflect.getOwnPropertyDescriptor(object, key)?.enumerable) continue;
    const name = convert(key);
    pairs.push([name, convert(object[key])]);
  }
  return pairs;
}

/** An enumeration's value; `what` names the member in errors. */
export function toEnum(value, allowed, what) {
  const text = String(value);
  if (!allowed.includes(text)) throw new TypeError(`${what} must be one of ${allowed.map((one) => `"${one}"`).join(', ')}, not "${text}".`);
  return text;
}

/** [Clamp] long long */
export function toClampedInteger(value) {
  const number = Number(value);
  if (Number.isNaN(number)) return 0;
  return Math.round(Math.min(Math.max(number, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER));
}

/** long long, which is exact up to 2^53 only. */
export function toLongLong(value) {
  const number = Number(value);
  return Number.isFinite(number) ? Math.trunc(number) + 0 : 0;
}
