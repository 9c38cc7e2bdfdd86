// TransformStream and its controller (section 6).

import { kInternal } from '../webidl.js';
import { adoptInto } from './adopt.js';
import { apply, callAlgorithm, following, newDeferred, RESOLVED, then } from './promises.js';
import { createReadable, objectOf } from './readable.js';
import { ERRORED } from './readable-state.js';
import { callback, extractMark, extractSize, readStrategy, requireObject } from './strategies.js';
import { createWritable } from './writable.js';
import { ERRORING, writableOf } from './writable-state.js';

/**
 * What a TransformStream holds. The algorithms: `transform(chunk)` and `flush()` give promises, `cancel(reason)` too;
 * each may be null.
 */
export class Transform {
  readable = null;
  writable = null;
  // of the WritableStream
  sink = null;
  transform = null;
  flush = null;
  cancel = null;
  #backpressure = true;
  #change = null;
  #finish = null;
  #object = null;
  #onFailed = (error) => {
    this.error(error);
    throw error;
  };

  /** `begun` is a promise of the end of start. */
  constructor({ writableMark, writableSize, readableMark, readableSize }, begun) {
    const started = begun === RESOLVED ? RESOLVED : following(begun);
    this.writable = createWritable({
      write: (chunk) => this.#write(chunk),
      closeSink: () => this.#close(),
      abort: (reason) => this.#abort(reason),
    }, writableMark, writableSize, started);
    this.sink = writableOf(this.writable);
    this.readable = createReadable({
      pull: () => this.#pull(),
      cancel: (reason) => this.#cancelReadable(reason),
    }, readableMark, readableSize, started);
  }

  /** Chunks go through as they are; with `isPlain`, nobody is told of anything. */
  passOn(isPlain) {
    this.transform = (chunk) => callAlgorithm(this.enqueue, this, [chunk]);
    if (isPlain) this.sink.adopt = (source) => adoptInto(this.readable, this.sink, source);
  }

  get object() { return this.#object ??= new TransformStreamDefaultController(kInternal, this); }

  #setBackpressure(backpressure) {
    this.#change?.resolve(undefined);
    this.#change = null;
    this.#backpressure = backpressure;
  }

  get #changed() { return (this.#change ??= newDeferred()).promise; }

  enqueue(chunk) {
    const { readable } = this;
    const { controller } = readable;
    if (!controller.mayEnqueue) throw new TypeError('The readable side is closed or errored, so nothing can be enqueued.');
    try {
      controller.enqueue(chunk);
    } catch (error) {
      this.errorWritable(error);
      throw readable.error;
    }
    const { hasBackpressure } = controller;
    if (hasBackpressure !== this.#backpressure) this.#setBackpressure(true);
  }

  /** Enqueues what `pieces` gives one by one, as the reader takes them. */
  async enqueueAll(pieces) {
    for (let piece = pieces(); piece !== undefined; piece = pieces()) {
      if (this.#backpressure) await this.#changed;
      // nobody wants the rest
      if (!this.readable.controller.mayEnqueue) return;
      this.enqueue(piece);
    }
  }

  error(error) {
    this.readable.controller.error(error);
    this.errorWritable(error);
  }

  errorWritable(error) {
    this.#clearAlgorithms();
    this.sink.controller.errorIfNeeded(error);
    this.#unblockWrite();
  }

  #unblockWrite() {
    if (this.#backpressure) this.#setBackpressure(false);
  }

  terminate() {
    this.readable.controller.close();
    this.errorWritable(new TypeError('The TransformStream was terminated.'));
  }

  #clearAlgorithms() {
    this.transform = null;
    this.flush = null;
    this.cancel = null;
  }

  #perform(chunk) {
    if (this.transform === null) return RESOLVED;
    return then(this.transform(chunk), undefined, this.#onFailed);
  }

  #write(chunk) {
    if (!this.#backpressure) return this.#perform(chunk);
    return then(this.#changed, () => {
      if (this.sink.state === ERRORING) throw this.sink.error;
      return this.#perform(chunk);
    });
  }

  /** Runs what ends the stream, once; `fulfilled` may throw what it then failed with. */
  #end(algorithm, args, fulfilled, rejected) {
    if (this.#finish !== null) return this.#finish.promise;
    this.#finish = newDeferred();
    const { promise, resolve, reject } = this.#finish;
    const ended = algorithm === null ? RESOLVED : algorithm(...args);
    this.#clearAlgorithms();
    then(ended, () => {
      try {
        fulfilled();
        resolve(undefined);
      } catch (error) {
        reject(error);
      }
    }, (error) => {
      rejected(error);
      reject(error);
    });
    return promise;
  }

  #abort(reason) {
    const { readable } = this;
    return this.#end(this.cancel, [reason], () => {
      if (readable.state === ERRORED) throw readable.error;
      readable.controller.error(reason);
    }, (error) => readable.controller.error(error));
  }

  #close() {
    const { readable } = this;
    return this.#end(this.flush, [], () => {
      if (readable.state === ERRORED) throw readable.error;
      readable.controller.close();
    }, (error) => readable.controller.error(error));
  }

  #pull() {
    this.#setBackpressure(false);
    return this.#changed;
  }

  #cancelReadable(reason) {
    const { sink } = this;
    const fail = (error) => {
      sink.controller.errorIfNeeded(error);
      this.#unblockWrite();
    };
    return this.#end(this.cancel, [reason], () => {
      if (sink.state === ERRORED) throw sink.error;
      fail(reason);
    }, fail);
  }
}

/** The `{ readable, writable }` of a TransformStream; undefined for anything else. */
export let transformOf;

const TRANSFORMER = 'The transformer';

export class TransformStream {
  #state;

  constructor(transformer = undefined, writableStrategy = undefined, readableStrategy = undefined) {
    if (transformer === kInternal) {
      this.#state = writableStrategy;
      return;
    }
    const object = requireObject(transformer, 'TransformStream: the transformer');
    const ofWritable = readStrategy(writableStrategy, 'TransformStream');
    const ofReadable = readStrategy(readableStrategy, 'TransformStream');
    const cancel = callback(object, 'cancel', TRANSFORMER);
    const flush = callback(object, 'flush', TRANSFORMER);
    const { readableType } = object;
    const start = callback(object, 'start', TRANSFORMER);
    const transform = callback(object, 'transform', TRANSFORMER);
    if (readableType !== undefined) throw new RangeError('The transformer must have no readableType.');
    if (object.writableType !== undefined) throw new RangeError('The transformer must have no writableType.');
    const readableMark = extractMark(ofReadable, 0);
    const readableSize = extractSize(ofReadable);
    const writableMark = extractMark(ofWritable, 1);
    const started = newDeferred();
    const state = new Transform({ writableMark, writableSize: extractSize(ofWritable), readableMark, readableSize }, started.promise);
    this.#state = state;
    if (transform === undefined) state.passOn(readableMark === 0 && start === undefined && flush === undefined && cancel === undefined);
    else state.transform = (chunk) => callAlgorithm(transform, object, [chunk, state.object]);
    if (flush !== undefined) state.flush = () => callAlgorithm(flush, object, [state.object]);
    if (cancel !== undefined) state.cancel = (reason) => callAlgorithm(cancel, object, [reason]);
    started.resolve(start === undefined ? undefined : apply(start, object, [state.object]));
  }

  get readable() { return objectOf(this.#state.readable); }
  get writable() { return this.#state.writable; }

  static {
    transformOf = (value) => (typeof value === 'object' && value !== null && #state in value ? value.#state : undefined);
  }
}

/**
 * A TransformStream of the prelude's own: only `readable` and `writable` of it are given out. `adopting(source)` gives the
 * source of what it makes of an unread body.
 */
export function createTransform({ transform, flush, adopting = null }, readableMark = 0) {
  const state = new Transform({ writableMark: 1, writableSize: null, readableMark, readableSize: null }, RESOLVED);
  state.transform = (chunk) => callAlgorithm(transform, undefined, [chunk, state]);
  state.flush = () => callAlgorithm(flush, undefined, [state]);
  if (adopting !== null) state.sink.adopt = (source) => adoptInto(state.readable, state.sink, adopting(source));
  return { get readable() { return objectOf(state.readable); }, writable: state.writable };
}

export class TransformStreamDefaultController {
  #transform;

  constructor(token = undefined, transform = undefined) {
    if (token !== kInternal) throw new TypeError('Illegal constructor');
    this.#transform = transform;
  }

  get desiredSize() { return this.#transform.readable.controller.desiredSize; }
  enqueue(chunk = undefined) { this.#transform.enqueue(chunk); }
  error(reason = undefined) { this.#transform.error(reason); }
  terminate() { this.#transform.terminate(); }
}
