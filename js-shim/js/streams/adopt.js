// The short way through a stream that passes chunks on as they are: an unread body that is piped through it is read at
// the other end directly, or is not read in JavaScript at all.

import { READABLE } from './readable-state.js';
import { Reader } from './readers.js';
import { closeQueuedOrInFlight, WRITABLE } from './writable-state.js';
import { Writer } from './writer.js';

/** Makes `readable` give what `source` has, if nobody used it or `sink` before; false if somebody did. */
export function adoptInto(readable, sink, source) {
  if (readable.state !== READABLE || readable.disturbed || readable.reader !== null) return false;
  if (sink.state !== WRITABLE || closeQueuedOrInFlight(sink) || sink.controller.queue.length > 0) return false;
  source.attach(readable);
  return true;
}

/**
 * Pipes `source`, a Readable, to `sink` the short way. False if that would differ from a pipe; else both stay locked: what
 * is left of them is an empty stream.
 */
export function adopt(source, sink, { preventAbort, preventCancel, preventClose, signal }) {
  if (source.source === undefined || source.disturbed || sink.adopt === null) return false;
  if (preventAbort || preventCancel || preventClose || signal !== undefined) return false;
  if (!sink.adopt(source.source)) return false;
  source.disturbed = true;
  new Reader(source, false);
  new Writer(sink);
  return true;
}
