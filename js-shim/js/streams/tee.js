// ReadableStreamDefaultTee (section 4.9.1).

import { later, newDeferred, RESOLVED, then } from './promises.js';
import { createReadable } from './readable.js';
import { cancelReadable } from './readable-state.js';
import { Reader } from './readers.js';

/** What the two branches of a tee share: the stream is cancelled when both are. */
export class TeeCancel {
  #stream;
  #end = newDeferred();
  #reasons = [undefined, undefined];
  canceled = [false, false];

  constructor(stream) { this.#stream = stream; }

  get both() { return this.canceled[0] && this.canceled[1]; }

  cancel(index, reason) {
    this.canceled[index] = true;
    this.#reasons[index] = reason;
    if (this.canceled[1 - index]) this.finish(cancelReadable(this.#stream, this.#reasons));
    return this.#end.promise;
  }

  finish(result = undefined) { this.#end.resolve(result); }
}

/** `clone` makes what the second branch gets of a chunk. */
export function teeDefault(stream, clone = (chunk) => chunk) {
  const reader = new Reader(stream, false);
  const cancel = new TeeCancel(stream);
  const branches = [];
  let reading = false;
  let readAgain = false;

  const request = {
    chunk(chunk) {
      // a microtask, so that the error of the source comes before what was read
      later(() => {
        readAgain = false;
        let second;
        try {
          if (!cancel.canceled[1]) second = clone(chunk);
        } catch (error) {
          for (const { controller } of branches) controller.error(error);
          cancel.finish(cancelReadable(stream, error));
          return;
        }
        if (!cancel.canceled[0]) branches[0].controller.enqueue(chunk);
        if (!cancel.canceled[1]) branches[1].controller.enqueue(second);
        reading = false;
        if (readAgain) pull();
      });
    },
    close() {
      reading = false;
      branches.forEach(({ controller }, index) => {
        if (!cancel.canceled[index]) controller.close();
      });
      if (!cancel.both) cancel.finish();
    },
    error() { reading = false; },
  };

  const pull = () => {
    if (reading) {
      readAgain = true;
    } else {
      reading = true;
      reader.read(request);
    }
    return RESOLVED;
  };

  for (const index of [0, 1]) branches.push(createReadable({ pull, cancel: (reason) => cancel.cancel(index, reason) }, 1));
  then(reader.closed.promise, undefined, (error) => {
    for (const { controller } of branches) controller.error(error);
    if (!cancel.both) cancel.finish();
  });
  return branches;
}
