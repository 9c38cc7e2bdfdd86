// CountQueuingStrategy and ByteLengthQueuingStrategy (section 7), and what becomes of a strategy somebody gave.

import { dictionary, requireArguments } from '../webidl.js';
import { apply } from './promises.js';

const { count, byteLength } = {
  count: { size: () => 1 }.size,
  byteLength: { size: (chunk) => chunk.byteLength }.size,
};

/** What an argument that was left out has: not even what a worker gave to Object.prototype. */
const NOTHING = Object.freeze(Object.create(null));

function readInit(given, init, name) {
  requireArguments(given, 1, name);
  const { highWaterMark } = dictionary(init, `${name}: the init`);
  if (highWaterMark === undefined) throw new TypeError(`${name}: the init must have a highWaterMark.`);
  return Number(highWaterMark);
}

export class CountQueuingStrategy {
  #highWaterMark;

  constructor(init) { this.#highWaterMark = readInit(arguments.length, init, 'CountQueuingStrategy'); }

  get highWaterMark() { return this.#highWaterMark; }
  get size() { return (this.#highWaterMark, count); }
}

export class ByteLengthQueuingStrategy {
  #highWaterMark;

  constructor(init) { this.#highWaterMark = readInit(arguments.length, init, 'ByteLengthQueuingStrategy'); }

  get highWaterMark() { return this.#highWaterMark; }
  get size() { return (this.#highWaterMark, byteLength); }
}

/** The strategy argument of a constructor: `{ highWaterMark, size }`, each undefined if absent. */
export function readStrategy(value, what) {
  if (value === undefined) return NOTHING;
  const { highWaterMark, size } = dictionary(value, `${what}: the strategy`);
  const mark = highWaterMark === undefined ? undefined : Number(highWaterMark);
  if (size !== undefined && typeof size !== 'function') throw new TypeError(`${what}: the strategy's size must be a function.`);
  return { highWaterMark: mark, size };
}

/** "Extract high water mark" */
export function extractMark({ highWaterMark }, standard) {
  if (highWaterMark === undefined) return standard;
  if (!(highWaterMark >= 0)) throw new RangeError(`A highWaterMark must be a non-negative number, but it is ${highWaterMark}.`);
  return highWaterMark;
}

/** "Extract size algorithm"; null stands for the one that gives 1. */
export function extractSize({ size }) {
  return size === undefined || size === count ? null : (chunk) => Number(apply(size, undefined, [chunk]));
}

/** An underlying source, sink or transformer as an argument: an object, of which undefined stands for an empty one. */
export function requireObject(value, what) {
  if (value === undefined) return NOTHING;
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) throw new TypeError(`${what} must be an object.`);
  return value;
}

/** A callback of an underlying source, sink or transformer; undefined if absent. */
export function callback(object, name, what) {
  const value = object[name];
  if (value !== undefined && typeof value !== 'function') throw new TypeError(`${what}: ${name} must be a function.`);
  return value;
}
