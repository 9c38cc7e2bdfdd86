// Transferring a stream (sections 4.2.6, 5.2.5 and 6.2.3). There is one agent, so the pipe that the standard lays between
// two message ports is a pipe here as well, which clones each chunk.

import { DOMException } from '../dom-exception.js';
import { kInternal } from '../webidl.js';
import { pipe } from './pipe.js';
import { handled } from './promises.js';
import { stateOf } from './readable-state.js';
import { createTransform, transformOf, TransformStream } from './transform.js';
import { writableOf } from './writable-state.js';

const PLAIN = { preventAbort: false, preventCancel: false, preventClose: false, signal: undefined };

function requireUnlocked(holder) {
  if (holder !== null) throw new DOMException('A locked stream could not be transferred.', 'DataCloneError');
}

function carrier(clone) {
  return createTransform({
    transform(chunk, transform) { transform.enqueue(clone(chunk)); },
    flush() {},
  });
}

function transferReadable(state, clone) {
  const { readable, writable } = carrier(clone);
  handled(pipe(state, writableOf(writable), PLAIN));
  return readable;
}

function transferWritable(state, clone) {
  const { readable, writable } = carrier(clone);
  handled(pipe(stateOf(readable), state, PLAIN));
  return writable;
}

/** Whether `transferStream` knows the value. */
export function isTransferableStream(value) {
  return stateOf(value) !== undefined || writableOf(value) !== undefined || transformOf(value) !== undefined;
}

/**
 * The stream that takes the place of one in a transfer list, which is locked from then on. `clone(chunk)` is
 * StructuredSerialize and StructuredDeserialize. Throws a DataCloneError for a locked stream.
 */
export function transferStream(value, clone) {
  const readable = stateOf(value);
  if (readable !== undefined) {
    requireUnlocked(readable.reader);
    return transferReadable(readable, clone);
  }
  const writable = writableOf(value);
  if (writable !== undefined) {
    requireUnlocked(writable.writer);
    return transferWritable(writable, clone);
  }
  const transform = transformOf(value);
  requireUnlocked(transform.readable.reader);
  requireUnlocked(writableOf(transform.writable).writer);
  return new TransformStream(kInternal, {
    readable: stateOf(transferReadable(transform.readable, clone)),
    writable: transferWritable(writableOf(transform.writable), clone),
  });
}
