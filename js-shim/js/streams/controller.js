// What both controllers of a ReadableStream do: asking the source for more, and forgetting it.

import { then } from './promises.js';
import { ERRORED, READABLE } from './readable-state.js';

/**
 * The algorithms: `pull()` gives a promise, or is null; `cancel(reason)` gives a promise, or is null. Those who inherit
 * have `queue`, `wantsMore()` and `error()`.
 */
export class Controller {
  stream;
  highWaterMark;
  started = false;
  closeRequested = false;
  pulling = false;
  pullAgain = false;
  pull = null;
  cancel = null;
  #onPulled = null;
  #onPullFailed = null;

  constructor(stream, highWaterMark) {
    this.stream = stream;
    this.highWaterMark = highWaterMark;
    stream.controller = this;
  }

  /** `started` is the promise of what the start algorithm gave. */
  start(started) {
    then(started, () => {
      this.started = true;
      this.pullIfNeeded();
    }, (error) => this.error(error));
  }

  get desiredSize() {
    const { state } = this.stream;
    if (state === READABLE) return this.highWaterMark - this.queue.total;
    return state === ERRORED ? null : 0;
  }

  pullIfNeeded() {
    if (!this.wantsMore()) return;
    if (this.pulling) {
      this.pullAgain = true;
      return;
    }
    if (this.pull === null) return;
    this.pulling = true;
    this.#onPulled ??= () => {
      this.pulling = false;
      if (!this.pullAgain) return;
      this.pullAgain = false;
      this.pullIfNeeded();
    };
    this.#onPullFailed ??= (error) => this.error(error);
    then(this.pull(), this.#onPulled, this.#onPullFailed);
  }

  clearAlgorithms() {
    this.pull = null;
    this.cancel = null;
  }
}
