// What the package `assert` asks of node:util, without the rest of it.

import { inspect } from 'node-inspect-extracted';

import types from '../util/types.js';

export { inspect, types };

export function inherits(constructor, superConstructor) {
  Object.setPrototypeOf(constructor.prototype, superConstructor.prototype);
}
