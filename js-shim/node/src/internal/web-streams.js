// Node.js streams as web streams, and the other way.

import stream from 'readable-stream/lib/stream.js';
import { Buffer } from '../buffer.js';

const { destroy, finished, Readable, Writable } = stream;

export function fromWebReadable(source, options = {}) {
  const reader = source.getReader();
  let closed = false;
  const readable = new Readable({
    ...options,
    read() {
      reader.read().then(({ done, value }) => {
        if (done) {
          closed = true;
          this.push(null);
        } else {
          this.push(this.readableObjectMode || typeof value === 'string' ? value : Buffer.from(value.buffer ?? value, value.byteOffset, value.byteLength));
        }
      }, (error) => {
        closed = true;
        this.destroy(error);
      });
    },
    destroy(error, callback) {
      if (closed) {
        callback(error);
        return;
      }
      closed = true;
      reader.cancel(error ?? undefined).then(() => callback(error), (reason) => callback(error ?? reason));
    },
  });
  return readable;
}

export function toWebReadable(readable, options = {}) {
  const { readableObjectMode: objects } = readable;
  const strategy = options.strategy ?? (objects
    ? new CountQueuingStrategy({ highWaterMark: readable.readableHighWaterMark })
    : new ByteLengthQueuingStrategy({ highWaterMark: readable.readableHighWaterMark }));
  readable.pause();
  let ended = false;
  return new ReadableStream({
    start(controller) {
      finished(readable, { writable: false }, (error) => {
        if (ended) return;
        ended = true;
        if (error) controller.error(error);
        else controller.close();
      });
      readable.on('data', (chunk) => {
        if (ended) return;
        controller.enqueue(objects || typeof chunk === 'string' ? chunk : new Uint8Array(chunk));
        if (controller.desiredSize <= 0) readable.pause();
      });
      readable.pause();
    },
    pull() { readable.resume(); },
    cancel(reason) {
      ended = true;
      destroy(readable, reason);
    },
  }, strategy);
}

export function fromWebWritable(target, options = {}) {
  const writer = target.getWriter();
  let closed = false;
  const settle = (promise, callback) => { promise.then(() => callback(), (error) => callback(error)); };
  return new Writable({
    ...options,
    write(chunk, encoding, callback) {
      settle(writer.ready.then(() => writer.write(chunk)), callback);
    },
    final(callback) {
      closed = true;
      settle(writer.close(), callback);
    },
    destroy(error, callback) {
      if (closed) {
        callback(error);
        return;
      }
      closed = true;
      const ending = error === null ? writer.close() : writer.abort(error);
      ending.then(() => callback(error), () => callback(error));
    },
  });
}

export function toWebWritable(writable) {
  let closing = null;
  let ended = false;
  return new WritableStream({
    start(controller) {
      finished(writable, { readable: false }, (error) => {
        ended = true;
        if (closing !== null) {
          if (error) closing.reject(error);
          else closing.resolve();
        } else {
          controller.error(error ?? new DOMException('The stream was closed.', 'AbortError'));
        }
      });
    },
    write(chunk) {
      if (writable.writableNeedDrain || !writable.write(chunk)) {
        return new Promise((resolve) => { writable.once('drain', resolve); });
      }
      return undefined;
    },
    abort(reason) { destroy(writable, reason); },
    close() {
      if (ended) return undefined;
      closing = Promise.withResolvers();
      writable.end();
      return closing.promise;
    },
  }, { highWaterMark: writable.writableHighWaterMark });
}
