// What a ReadableStream holds, and the operations on it that readers and controllers share (section 4.9).

import { noop, promiseOf, rejection, then } from './promises.js';

export const READABLE = 'readable';
export const CLOSED = 'closed';
export const ERRORED = 'errored';

/** The state behind a ReadableStream; `object` is what a worker sees of it. */
export class Readable {
  object = null;
  controller = null;
  disturbed = false;
  reader = null;
  state = READABLE;
  error = undefined;
  // what it reads when that can be read another way, too: the body of body-streams.js
  source = undefined;
  // how many bytes it will give, if that is known
  expectedLength = undefined;
}

/** The state of a ReadableStream; undefined for anything else. Set by its class. */
export let stateOf;

export function onStateOf(accessor) {
  stateOf = accessor;
}

/** How many reads wait for a chunk. */
export function waitingReads(stream) {
  return stream.reader === null ? 0 : stream.reader.requests.length;
}

export function hasDefaultReader(stream) {
  return stream.reader !== null && !stream.reader.isByob;
}

export function hasByobReader(stream) {
  return stream.reader !== null && stream.reader.isByob;
}

export function closeReadable(stream) {
  stream.state = CLOSED;
  const { reader } = stream;
  if (reader === null) return;
  reader.closed.resolve();
  if (reader.isByob) return;
  const { requests } = reader;
  reader.requests = [];
  for (const request of requests) request.close();
}

export function errorReadable(stream, error) {
  stream.state = ERRORED;
  stream.error = error;
  const { reader } = stream;
  if (reader === null) return;
  reader.closed.reject(error);
  reader.failRequests(error);
}

export function cancelReadable(stream, reason) {
  stream.disturbed = true;
  if (stream.state === CLOSED) return promiseOf(undefined);
  if (stream.state === ERRORED) return rejection(stream.error);
  closeReadable(stream);
  const { reader } = stream;
  if (reader !== null && reader.isByob) {
    const { requests } = reader;
    reader.requests = [];
    for (const request of requests) request.close(undefined);
  }
  return then(stream.controller.cancelSteps(reason), noop);
}
