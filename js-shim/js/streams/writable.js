// WritableStream (section 5.2).

import { kInternal } from '../webidl.js';
import { apply, callAlgorithm, rejection, RESOLVED, resolvedWith } from './promises.js';
import { callback, extractMark, extractSize, readStrategy, requireObject } from './strategies.js';
import { SinkController } from './writable-controller.js';
import { abortWritable, closeQueuedOrInFlight, closeWritable, onWritableOf, Writable } from './writable-state.js';
import { WritableStreamDefaultWriter } from './writer.js';

const LOCKED = 'This WritableStream is currently locked to a writer.';

/** A WritableStream of the prelude's own; `algorithms` are those of SinkController. */
export function createWritable(algorithms, highWaterMark, size = null, started = RESOLVED) {
  const state = new Writable();
  const controller = new SinkController(state, highWaterMark);
  Object.assign(controller, algorithms, { size });
  controller.start(started);
  return new WritableStream(kInternal, state);
}

function setUp(state, sink, strategy) {
  const abort = callback(sink, 'abort', 'The underlying sink');
  const close = callback(sink, 'close', 'The underlying sink');
  const start = callback(sink, 'start', 'The underlying sink');
  const { type } = sink;
  const write = callback(sink, 'write', 'The underlying sink');
  if (type !== undefined) throw new RangeError('The underlying sink must have no type.');
  const size = extractSize(strategy);
  const controller = new SinkController(state, extractMark(strategy, 1));
  controller.size = size;
  if (write !== undefined) controller.write = (chunk) => callAlgorithm(write, sink, [chunk, controller.object]);
  if (close !== undefined) controller.closeSink = () => callAlgorithm(close, sink, []);
  if (abort !== undefined) controller.abort = (reason) => callAlgorithm(abort, sink, [reason]);
  return start === undefined ? undefined : () => apply(start, sink, [controller.object]);
}

export class WritableStream {
  #state;

  constructor(underlyingSink = undefined, strategy = undefined) {
    if (underlyingSink === kInternal) {
      this.#state = strategy;
      strategy.object = this;
      return;
    }
    const sink = requireObject(underlyingSink, 'WritableStream: the underlying sink');
    const state = new Writable();
    const start = setUp(state, sink, readStrategy(strategy, 'WritableStream'));
    this.#state = state;
    state.object = this;
    state.controller.start(resolvedWith(start?.()));
  }

  get locked() { return this.#state.writer !== null; }

  abort(reason = undefined) {
    try {
      const state = this.#state;
      if (state.writer !== null) throw new TypeError(LOCKED);
      return abortWritable(state, reason);
    } catch (error) {
      return rejection(error);
    }
  }

  close() {
    try {
      const state = this.#state;
      if (state.writer !== null) throw new TypeError(LOCKED);
      if (closeQueuedOrInFlight(state)) throw new TypeError('The WritableStream is closing already.');
      return closeWritable(state);
    } catch (error) {
      return rejection(error);
    }
  }

  getWriter() {
    return (this.#state, new WritableStreamDefaultWriter(this));
  }

  static {
    onWritableOf((value) => (typeof value === 'object' && value !== null && #state in value ? value.#state : undefined));
  }
}
