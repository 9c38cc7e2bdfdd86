// What the flag nodejs_compat makes global.

import { Buffer } from './buffer.js';
import process from './process.js';
import { clearImmediate, setImmediate } from './timers.js';

const globals = { Buffer, clearImmediate, global: globalThis, process, setImmediate };
for (const [name, value] of Object.entries(globals)) {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
}
