// ReadableByteStreamTee (section 4.9.1): one branch may be read into a buffer while the other takes chunks.

import { later, RESOLVED, then } from './promises.js';
import { createByteReadable } from './readable.js';
import { cancelReadable } from './readable-state.js';
import { Reader } from './readers.js';
import { TeeCancel } from './tee.js';

function cloneView(chunk) {
  return new Uint8Array(chunk.buffer.slice(chunk.byteOffset, chunk.byteOffset + chunk.byteLength));
}

class ByteTee {
  #stream;
  #reader;
  #cancel;
  #reading = false;
  #readAgain = [false, false];
  branches = [];

  constructor(stream) {
    this.#stream = stream;
    this.#reader = new Reader(stream, false);
    this.#cancel = new TeeCancel(stream);
    for (const index of [0, 1]) {
      this.branches.push(createByteReadable({
        pull: () => this.#pull(index),
        cancel: (reason) => this.#cancel.cancel(index, reason),
      }));
    }
    this.#watch();
  }

  #watch() {
    const reader = this.#reader;
    then(reader.closed.promise, undefined, (error) => {
      if (this.#reader !== reader) return;
      for (const { controller } of this.branches) controller.error(error);
      if (!this.#cancel.both) this.#cancel.finish();
    });
  }

  #useReader(isByob) {
    if (this.#reader.isByob === isByob) return;
    this.#reader.release();
    this.#reader = new Reader(this.#stream, isByob);
    this.#watch();
  }

  #pull(index) {
    if (this.#reading) {
      this.#readAgain[index] = true;
      return RESOLVED;
    }
    this.#reading = true;
    const view = this.branches[index].controller.wantedView;
    if (view === null) this.#pullChunk();
    else this.#pullInto(view, index);
    return RESOLVED;
  }

  #pullAgain() {
    this.#reading = false;
    if (this.#readAgain[0]) this.#pull(0);
    else if (this.#readAgain[1]) this.#pull(1);
  }

  /** The chunk cannot be given to both: all ends here. */
  #fail(error) {
    for (const { controller } of this.branches) controller.error(error);
    this.#cancel.finish(cancelReadable(this.#stream, error));
  }

  #pullChunk() {
    this.#useReader(false);
    const { canceled } = this.#cancel;
    this.#reader.read({
      chunk: (chunk) => later(() => {
        this.#readAgain = [false, false];
        let second = chunk;
        if (!canceled[0] && !canceled[1]) {
          try {
            second = cloneView(chunk);
          } catch (error) {
            this.#fail(error);
            return;
          }
        }
        if (!canceled[0]) this.branches[0].controller.enqueue(chunk);
        if (!canceled[1]) this.branches[1].controller.enqueue(second);
        this.#pullAgain();
      }),
      close: () => {
        this.#reading = false;
        this.branches.forEach(({ controller }, index) => {
          if (!canceled[index]) controller.close();
          if (controller.pending.length > 0) controller.respond(0);
        });
        if (!this.#cancel.both) this.#cancel.finish();
      },
      error: () => { this.#reading = false; },
    });
  }

  #pullInto(view, index) {
    this.#useReader(true);
    const { canceled } = this.#cancel;
    const byob = this.branches[index].controller;
    const other = this.branches[1 - index].controller;
    this.#reader.readInto(view, 1, {
      chunk: (chunk) => later(() => {
        this.#readAgain = [false, false];
        const byobCanceled = canceled[index];
        if (!canceled[1 - index]) {
          let clone;
          try {
            clone = cloneView(chunk);
          } catch (error) {
            this.#fail(error);
            return;
          }
          if (!byobCanceled) byob.respondWithNewView(chunk);
          other.enqueue(clone);
        } else if (!byobCanceled) {
          byob.respondWithNewView(chunk);
        }
        this.#pullAgain();
      }),
      close: (chunk) => {
        this.#reading = false;
        const byobCanceled = canceled[index];
        const otherCanceled = canceled[1 - index];
        if (!byobCanceled) byob.close();
        if (!otherCanceled) other.close();
        if (chunk !== undefined) {
          if (!byobCanceled) byob.respondWithNewView(chunk);
          if (!otherCanceled && other.pending.length > 0) other.respond(0);
        }
        if (!byobCanceled || !otherCanceled) this.#cancel.finish();
      },
      error: () => { this.#reading = false; },
    });
  }
}

export function teeBytes(stream) {
  return new ByteTee(stream).branches;
}
