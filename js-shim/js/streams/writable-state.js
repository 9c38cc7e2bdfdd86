// What a WritableStream holds, and the operations on it that writers and the controller share (section 5.4).

import { newDeferred, promiseOf, rejection, then } from './promises.js';
import { Queue } from './queue.js';

export const WRITABLE = 'writable';
export const ERRORING = 'erroring';
export const ERRORED = 'errored';
export const CLOSED = 'closed';

/** The state behind a WritableStream; `object` is what a worker sees of it. */
export class Writable {
  object = null;
  controller = null;
  state = WRITABLE;
  error = undefined;
  writer = null;
  backpressure = false;
  // promises of what was asked for: null or undefined for none
  writeRequests = new Queue();
  inFlightWrite = null;
  closeRequest = null;
  inFlightClose = null;
  pendingAbort = null;
  // takes over an unread body in place of a pipe (adopt.js)
  adopt = null;
}

/** The state of a WritableStream; undefined for anything else. Set by its class. */
export let writableOf;

export function onWritableOf(accessor) {
  writableOf = accessor;
}

export function closeQueuedOrInFlight(stream) {
  return stream.closeRequest !== null || stream.inFlightClose !== null;
}

function hasOperationInFlight(stream) {
  return stream.inFlightWrite !== null || stream.inFlightClose !== null;
}

export function abortWritable(stream, reason) {
  if (stream.state === CLOSED || stream.state === ERRORED) return promiseOf(undefined);
  stream.controller.abortSignal(reason);
  const { state } = stream;
  if (state === CLOSED || state === ERRORED) return promiseOf(undefined);
  if (stream.pendingAbort !== null) return stream.pendingAbort.deferred.promise;
  const wasErroring = state === ERRORING;
  const deferred = newDeferred();
  stream.pendingAbort = { deferred, reason: wasErroring ? undefined : reason, wasErroring };
  if (!wasErroring) startErroring(stream, reason);
  return deferred.promise;
}

export function closeWritable(stream) {
  const { state } = stream;
  if (state === CLOSED || state === ERRORED) return rejection(new TypeError(`The WritableStream is ${state}, so it cannot be closed.`));
  const deferred = newDeferred();
  stream.closeRequest = deferred;
  const { writer } = stream;
  if (writer !== null && stream.backpressure && state === WRITABLE) writer.ready.resolve();
  stream.controller.close();
  return deferred.promise;
}

export function startErroring(stream, reason) {
  stream.state = ERRORING;
  stream.error = reason;
  stream.writer?.ready.reject(reason);
  if (!hasOperationInFlight(stream) && stream.controller.started) finishErroring(stream);
}

/** The sink said that it failed. */
export function dealWithRejection(stream, error) {
  if (stream.state === WRITABLE) startErroring(stream, error);
  else finishErroring(stream);
}

export function finishErroring(stream) {
  stream.state = ERRORED;
  stream.controller.errorSteps();
  const { error } = stream;
  for (const request of stream.writeRequests.takeAll()) request.reject(error);
  const abort = stream.pendingAbort;
  if (abort === null) {
    rejectCloseAndClosed(stream);
    return;
  }
  stream.pendingAbort = null;
  if (abort.wasErroring) {
    abort.deferred.reject(error);
    rejectCloseAndClosed(stream);
    return;
  }
  then(stream.controller.abortSteps(abort.reason), () => {
    abort.deferred.resolve(undefined);
    rejectCloseAndClosed(stream);
  }, (reason) => {
    abort.deferred.reject(reason);
    rejectCloseAndClosed(stream);
  });
}

function rejectCloseAndClosed(stream) {
  if (stream.closeRequest !== null) {
    stream.closeRequest.reject(stream.error);
    stream.closeRequest = null;
  }
  stream.writer?.closed.reject(stream.error);
}

export function finishWrite(stream) {
  stream.inFlightWrite.resolve(undefined);
  stream.inFlightWrite = null;
}

export function failWrite(stream, error) {
  stream.inFlightWrite.reject(error);
  stream.inFlightWrite = null;
  dealWithRejection(stream, error);
}

export function finishClose(stream) {
  stream.inFlightClose.resolve(undefined);
  stream.inFlightClose = null;
  if (stream.state === ERRORING) {
    stream.error = undefined;
    if (stream.pendingAbort !== null) {
      stream.pendingAbort.deferred.resolve(undefined);
      stream.pendingAbort = null;
    }
  }
  stream.state = CLOSED;
  stream.writer?.closed.resolve();
}

export function failClose(stream, error) {
  stream.inFlightClose.reject(error);
  stream.inFlightClose = null;
  if (stream.pendingAbort !== null) {
    stream.pendingAbort.deferred.reject(error);
    stream.pendingAbort = null;
  }
  dealWithRejection(stream, error);
}

export function updateBackpressure(stream, backpressure) {
  const { writer } = stream;
  if (writer !== null && backpressure !== stream.backpressure) {
    if (backpressure) writer.ready.renew();
    else writer.ready.resolve();
  }
  stream.backpressure = backpressure;
}

/** A write that nobody holds a promise of. */
export class SilentWrite {
  isPending = true;
  #end = null;

  /** Fulfilled whatever becomes of the write, which is under way. */
  get ended() { return (this.#end ??= newDeferred()).promise; }

  resolve() {
    this.isPending = false;
    this.#end?.resolve(undefined);
  }

  reject() { this.resolve(); }
}
