// ReadableStreamPipeTo (section 4.9.1): moves chunks from a reader to a writer, and ends of one side to the other.

import { addAlgorithm, isAbortSignal, removeAlgorithm } from '../abort.js';
import { dictionary } from '../webidl.js';
import { handled, later, newDeferred, noop, promiseOf, RESOLVED, then } from './promises.js';
import { cancelReadable, CLOSED, ERRORED, READABLE } from './readable-state.js';
import { Reader } from './readers.js';
import { abortWritable, closeQueuedOrInFlight, SilentWrite, WRITABLE } from './writable-state.js';
import * as sink from './writable-state.js';
import { Writer } from './writer.js';

/** The StreamPipeOptions of pipeTo() and pipeThrough(). */
export function readPipeOptions(value, what) {
  const options = dictionary(value, `${what}: the options`);
  const preventAbort = Boolean(options.preventAbort);
  const preventCancel = Boolean(options.preventCancel);
  const preventClose = Boolean(options.preventClose);
  const { signal } = options;
  if (signal !== undefined && !isAbortSignal(signal)) throw new TypeError(`${what}: the signal must be an AbortSignal.`);
  return { preventAbort, preventCancel, preventClose, signal };
}

class Pipe {
  #source;
  #destination;
  #options;
  #reader;
  #writer;
  #end = newDeferred();
  #shuttingDown = false;
  #reading = false;
  #lastWrite = null;
  #onAbort = null;
  #chunk = undefined;
  #next = () => this.#move();
  #write = () => {
    const chunk = this.#chunk;
    this.#chunk = undefined;
    this.#reading = false;
    // the destination may have failed meanwhile
    if (this.#writer.stream !== null) this.#writer.write(chunk, this.#lastWrite);
    this.#move();
  };

  constructor(source, destination, options) {
    this.#source = source;
    this.#destination = destination;
    this.#options = options;
    this.#reader = new Reader(source, false);
    this.#writer = new Writer(destination);
    source.disturbed = true;
  }

  start() {
    if (this.#watchSignal()) return this.#end.promise;
    this.#watchEnds();
    this.#move();
    return this.#end.promise;
  }

  #watchSignal() {
    const { signal } = this.#options;
    if (signal === undefined) return false;
    this.#onAbort = () => this.#abort(signal.reason);
    if (signal.aborted) {
      this.#onAbort();
      return true;
    }
    addAlgorithm(signal, this.#onAbort);
    return false;
  }

  #abort(error) {
    const source = this.#source;
    const destination = this.#destination;
    const { preventAbort, preventCancel } = this.#options;
    this.#shutDown(() => {
      const actions = [];
      if (!preventAbort) actions.push(destination.state === WRITABLE ? abortWritable(destination, error) : promiseOf(undefined));
      if (!preventCancel) actions.push(source.state === READABLE ? cancelReadable(source, error) : promiseOf(undefined));
      return all(actions);
    }, { error });
  }

  #watchEnds() {
    const source = this.#source;
    const destination = this.#destination;
    const { preventAbort, preventCancel, preventClose } = this.#options;

    const sourceErrored = (error) => {
      if (preventAbort) this.#shutDown(null, { error });
      else this.#shutDown(() => abortWritable(destination, error), { error });
    };
    if (source.state === ERRORED) sourceErrored(source.error);
    else handled(then(this.#reader.closed.promise, undefined, sourceErrored));

    const destinationErrored = (error) => {
      if (preventCancel) this.#shutDown(null, { error });
      else this.#shutDown(() => cancelReadable(source, error), { error });
    };
    if (destination.state === sink.ERRORED) destinationErrored(destination.error);
    else handled(then(this.#writer.closed.promise, undefined, destinationErrored));

    const sourceClosed = () => {
      if (preventClose) this.#shutDown(null, null);
      else this.#shutDown(() => this.#writer.closePropagating(), null);
    };
    if (source.state === CLOSED) sourceClosed();
    else then(this.#reader.closed.promise, sourceClosed, noop);

    if (closeQueuedOrInFlight(destination) || destination.state === sink.CLOSED) {
      const error = new TypeError('The WritableStream is closed or closing, so nothing can be piped to it.');
      if (preventCancel) this.#shutDown(null, { error });
      else this.#shutDown(() => cancelReadable(source, error), { error });
    }
  }

  /** Reads as long as the destination wants chunks and the source has them. */
  #move() {
    while (!this.#shuttingDown && !this.#reading) {
      const { desiredSize } = this.#writer;
      if (desiredSize === null) return;
      if (desiredSize <= 0) {
        then(this.#writer.ready.promise, this.#next, noop);
        return;
      }
      this.#reading = true;
      this.#reader.read(this);
    }
  }

  // what the read gives (Reader.read)

  chunk(chunk) {
    this.#chunk = chunk;
    this.#lastWrite = new SilentWrite();
    // enqueue() must not run the sink's write
    later(this.#write);
  }

  close() {}
  error() {}

  /** Waits until what was read is written. */
  #written() {
    const write = this.#lastWrite;
    if (write === null || !write.isPending) return RESOLVED;
    return then(write.ended, () => this.#written());
  }

  /** Ends the pipe after `action`, which gives a promise; with `failure`, by an error. */
  #shutDown(action, failure) {
    if (this.#shuttingDown) return;
    this.#shuttingDown = true;
    const act = () => {
      if (action === null) {
        this.#finish(failure);
        return;
      }
      then(action(), () => this.#finish(failure), (error) => this.#finish({ error }));
    };
    const destination = this.#destination;
    if (destination.state === WRITABLE && !closeQueuedOrInFlight(destination)) then(this.#written(), act);
    else act();
  }

  #finish(failure) {
    this.#writer.release();
    this.#reader.release();
    if (this.#onAbort !== null && this.#options.signal !== undefined) removeAlgorithm(this.#options.signal, this.#onAbort);
    if (failure === null) this.#end.resolve(undefined);
    else this.#end.reject(failure.error);
  }
}

/** Fulfilled when all are; rejected with the reason of the first that is. */
function all(promises) {
  const { promise, resolve, reject } = newDeferred();
  let left = promises.length;
  if (left === 0) resolve(undefined);
  for (const each of promises) {
    then(each, () => {
      left -= 1;
      if (left === 0) resolve(undefined);
    }, reject);
  }
  return promise;
}

/** Pipes a Readable to a Writable, both unlocked, and gives a promise of the end. */
export function pipe(source, destination, options) {
  return new Pipe(source, destination, options).start();
}
