// ReadableStream (section 4.2).

import { dictionary, kInternal, requireArguments } from '../webidl.js';
import { adopt } from './adopt.js';
import { ByteController } from './byte-controller.js';
import { teeBytes } from './byte-tee.js';
import { DefaultController } from './default-controller.js';
import { readableFrom } from './from.js';
import { pipe, readPipeOptions } from './pipe.js';
import { apply, callAlgorithm, handled, rejection, RESOLVED, resolvedWith } from './promises.js';
import { cancelReadable, onStateOf, Readable, stateOf } from './readable-state.js';
import { ReadableStreamBYOBReader, ReadableStreamDefaultReader } from './readers.js';
import { callback, extractMark, extractSize, readStrategy, requireObject } from './strategies.js';
import { teeDefault } from './tee.js';
import { writableOf } from './writable-state.js';

const LOCKED = 'This ReadableStream is currently locked to a reader.';
const SOURCE = 'The underlying source';

/** The state of a new stream of the prelude's own; `algorithms` are those of DefaultController. */
export function createReadable(algorithms, highWaterMark, size = null, started = RESOLVED) {
  const state = new Readable();
  const controller = new DefaultController(state, highWaterMark);
  Object.assign(controller, algorithms, { size });
  controller.start(started);
  return state;
}

/** The same of bytes, with a highWaterMark of 0. It starts at once. */
export function createByteReadable(algorithms = undefined) {
  const state = new Readable();
  const controller = new ByteController(state, 0, undefined);
  Object.assign(controller, algorithms);
  controller.started = true;
  return state;
}

/** The ReadableStream of a state. */
export function objectOf(state) {
  return state.object ?? new ReadableStream(kInternal, state);
}

function autoAllocation(value) {
  if (value === undefined) return undefined;
  const size = Math.trunc(Number(value));
  if (!(size >= 0 && size <= Number.MAX_SAFE_INTEGER)) throw new TypeError(`${SOURCE}: autoAllocateChunkSize must be an integer from 1 to 2^53 - 1.`);
  return size;
}

function sourceType(value) {
  if (value === undefined) return undefined;
  const type = `${value}`;
  if (type !== 'bytes') throw new TypeError(`${SOURCE}: the type must be "bytes" or be left out, not "${type}".`);
  return type;
}

/** Gives what has to be called as start. */
function setUp(state, source, strategyValue) {
  const strategy = readStrategy(strategyValue, 'ReadableStream');
  const autoAllocate = autoAllocation(source.autoAllocateChunkSize);
  const cancel = callback(source, 'cancel', SOURCE);
  const pull = callback(source, 'pull', SOURCE);
  const start = callback(source, 'start', SOURCE);
  let controller;
  if (sourceType(source.type) === 'bytes') {
    if (strategy.size !== undefined) throw new RangeError('ReadableStream: the strategy of a byte stream must have no size().');
    const mark = extractMark(strategy, 0);
    if (autoAllocate === 0) throw new TypeError(`${SOURCE}: autoAllocateChunkSize must not be 0.`);
    controller = new ByteController(state, mark, autoAllocate);
  } else {
    const size = extractSize(strategy);
    controller = new DefaultController(state, extractMark(strategy, 1));
    controller.size = size;
  }
  if (pull !== undefined) controller.pull = () => callAlgorithm(pull, source, [controller.object]);
  if (cancel !== undefined) controller.cancel = (reason) => callAlgorithm(cancel, source, [reason]);
  return start === undefined ? undefined : () => apply(start, source, [controller.object]);
}

/** The two states a stream is split into. */
export function tee(state, clone = undefined) {
  return state.controller.isByte ? teeBytes(state) : teeDefault(state, clone);
}

function requireWritable(value, what) {
  const state = writableOf(value);
  if (state === undefined) throw new TypeError(`${what} must be a WritableStream.`);
  return state;
}

function readPair(value) {
  const pair = dictionary(value, 'ReadableStream.pipeThrough: the transform');
  const { readable } = pair;
  if (stateOf(readable) === undefined) throw new TypeError('ReadableStream.pipeThrough: the readable of the transform must be a ReadableStream.');
  return { readable, writable: requireWritable(pair.writable, 'ReadableStream.pipeThrough: the writable of the transform') };
}

export class ReadableStream {
  #state;

  constructor(underlyingSource = undefined, strategy = undefined) {
    if (underlyingSource === kInternal) {
      this.#state = strategy;
      strategy.object = this;
      return;
    }
    const source = requireObject(underlyingSource, 'ReadableStream: the underlying source');
    const state = new Readable();
    const start = setUp(state, source, strategy);
    this.#state = state;
    state.object = this;
    state.controller.start(resolvedWith(start?.()));
  }

  static from(asyncIterable) {
    requireArguments(arguments.length, 1, 'ReadableStream.from');
    return objectOf(readableFrom(asyncIterable));
  }

  get locked() { return this.#state.reader !== null; }

  cancel(reason = undefined) {
    try {
      const state = this.#state;
      if (state.reader !== null) throw new TypeError(LOCKED);
      return cancelReadable(state, reason);
    } catch (error) {
      return rejection(error);
    }
  }

  getReader(options = undefined) {
    const state = this.#state;
    const { mode } = dictionary(options, 'ReadableStream.getReader: the options');
    if (mode === undefined) return new ReadableStreamDefaultReader(state.object);
    const name = `${mode}`;
    if (name !== 'byob') throw new TypeError(`ReadableStream.getReader: the mode must be "byob" or be left out, not "${name}".`);
    return new ReadableStreamBYOBReader(state.object);
  }

  pipeThrough(transform, options = undefined) {
    const state = this.#state;
    requireArguments(arguments.length, 1, 'ReadableStream.pipeThrough');
    const { readable, writable } = readPair(transform);
    const checked = readPipeOptions(options, 'ReadableStream.pipeThrough');
    if (state.reader !== null) throw new TypeError(LOCKED);
    if (writable.writer !== null) throw new TypeError('ReadableStream.pipeThrough: the writable of the transform is locked to a writer.');
    if (!adopt(state, writable, checked)) handled(pipe(state, writable, checked));
    return readable;
  }

  pipeTo(destination, options = undefined) {
    try {
      const state = this.#state;
      requireArguments(arguments.length, 1, 'ReadableStream.pipeTo');
      const writable = requireWritable(destination, 'ReadableStream.pipeTo: the destination');
      const checked = readPipeOptions(options, 'ReadableStream.pipeTo');
      if (state.reader !== null) throw new TypeError(LOCKED);
      if (writable.writer !== null) throw new TypeError('ReadableStream.pipeTo: the destination is locked to a writer.');
      return pipe(state, writable, checked);
    } catch (error) {
      return rejection(error);
    }
  }

  tee() {
    const [first, second] = tee(this.#state);
    return [objectOf(first), objectOf(second)];
  }

  static {
    onStateOf((value) => (typeof value === 'object' && value !== null && #state in value ? value.#state : undefined));
  }
}
