// node:stream.

import stream from 'readable-stream/lib/stream.js';

import { fromWebReadable, fromWebWritable, toWebReadable, toWebWritable } from './internal/web-streams.js';

const { Duplex, Readable, Writable } = stream;

Readable.fromWeb = fromWebReadable;
Readable.toWeb = toWebReadable;
Writable.fromWeb = fromWebWritable;
Writable.toWeb = toWebWritable;
Duplex.fromWeb = ({ readable, writable }, options = undefined) => Duplex.from({ readable: fromWebReadable(readable, options), writable: fromWebWritable(writable, options) });
Duplex.toWeb = (duplex) => ({ readable: toWebReadable(duplex), writable: toWebWritable(duplex) });

/** Two ends, what is written to the one being read from the other. */
export function duplexPair(options = undefined) {
  let waiting = [null, null];
  const end = (mine, other) => new Duplex({
    ...options,
    read() {
      const callback = waiting[mine];
      waiting[mine] = null;
      callback?.();
    },
    write(chunk, encoding, callback) {
      if (chunk.length === 0) {
        queueMicrotask(callback);
        return;
      }
      ends[other].push(chunk);
      waiting[other] = callback;
    },
    final(callback) {
      ends[other].on('end', callback);
      ends[other].push(null);
    },
  });
  const ends = [end(0, 1), end(1, 0)];
  return ends;
}
stream.duplexPair = duplexPair;

export const {
  _isUint8Array, _uint8ArrayToBuffer, addAbortSignal, compose, destroy, finished, getDefaultHighWaterMark, isDestroyed, isDisturbed,
  isErrored, isReadable, isWritable, PassThrough, pipeline, promises, setDefaultHighWaterMark, Stream, Transform,
} = stream;
export { Duplex, Readable, Writable };
export default stream;
