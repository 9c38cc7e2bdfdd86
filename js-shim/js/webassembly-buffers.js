// The buffers of WebAssembly memories: they can be detached by nobody but their memory (JavaScript API, [[ArrayBufferDetachKey]]).

import { isPinned } from './bytes.js';

/** Replaces the built-in functions that detach. */
export function guardTransfers() {
  for (const name of ['transfer', 'transferToFixedLength', 'transferToImmutable']) {
    const descriptor = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, name);
    if (descriptor === undefined) continue;
    const original = descriptor.value;
    const guarded = {
      [name](...args) {
        if (isPinned(this)) throw new TypeError('Cannot perform ArrayBuffer.prototype.transfer on a WebAssembly memory');
        return Reflect.apply(original, this, args);
      },
    }[name];
    Object.defineProperty(guarded, 'length', { value: original.length, configurable: true });
    Object.defineProperty(ArrayBuffer.prototype, name, { ...descriptor, value: guarded });
  }
}
