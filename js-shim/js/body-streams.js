// ReadableStreams for what a body holds, made only when a worker asks for `.body`.

import { abortable, addAlgorithm, removeAlgorithm } from './abort.js';
import { markDisturbed } from './streams.js';
import { RESOLVED, then } from './streams/promises.js';
import { createByteReadable, objectOf } from './streams/readable.js';
import { stateOf } from './streams/readable-state.js';
import { Reader } from './streams/readers.js';

const { utf8Encode } = native;
const NativePromise = Promise;

/**
 * The string, bytes or incoming body that `stream` was made of, as long as nobody read from it: passing it on need not
 * read it in JS, and keeps its length. Undefined for any other stream.
 */
export function sourceOf(stream) {
  return stateOf(stream).source?.content;
}

/** What a stream of an unread body reads; another stream that is read in its place can take it over. */
class BodySource {
  // what reads it now
  state = null;

  /** `content`: a string, bytes, a BodyHandle, or undefined if only `next` can tell. */
  constructor(content, next, cancel) {
    this.content = content;
    this.next = next;
    this.cancel = cancel;
  }

  /** Its bytes, as far as that is known without counting. */
  get length() {
    const { content } = this;
    if (content instanceof Uint8Array) return content.byteLength;
    return typeof content === 'object' && content.contentLength >= 0 ? content.contentLength : undefined;
  }

  /** The source of what `next` makes of this one's bytes. */
  mapped(next) { return new BodySource(undefined, next, () => this.cancel()); }

  /** Makes `state` give what this source has. `next()` gives bytes, null at the end, or a promise of either. */
  attach(state) {
    const { controller } = state;
    const take = (bytes) => {
      if (bytes === null) end(controller);
      else if (bytes.byteLength === 0) return controller.pull?.();
      else if (controller.isByte) controller.enqueueBuffer(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      else controller.enqueue(bytes);
      return undefined;
    };
    controller.pull = () => {
      const given = this.next();
      if (given instanceof NativePromise) return then(given, take);
      take(given);
      return RESOLVED;
    };
    controller.cancel = () => {
      this.cancel();
      return RESOLVED;
    };
    state.source = this;
    this.state = state;
  }
}

function end(controller) {
  controller.close();
  if (controller.isByte && controller.pending.length > 0) controller.respond(0);
}

function streamOf(source) {
  const state = createByteReadable();
  source.attach(state);
  return objectOf(state);
}

/** A byte stream over a BodyHandle; `signal` breaks it off. */
export function handleStream(handle, signal) {
  if (signal === null) return streamOf(new BodySource(handle, () => handle.read(), () => handle.cancel()));
  const abort = (reason) => {
    handle.cancel();
    source.state.controller.error(reason);
  };
  const next = async () => {
    const chunk = await abortable(handle.read(), signal);
    if (chunk === null) removeAlgorithm(signal, abort);
    return chunk;
  };
  const source = new BodySource(handle, next, () => {
    removeAlgorithm(signal, abort);
    handle.cancel();
  });
  const stream = streamOf(source);
  if (signal.aborted) abort(signal.reason);
  else addAlgorithm(signal, abort);
  return stream;
}

/** A byte stream of one chunk, which is asked for when somebody reads. */
export function lazyStream(getBytes) {
  let given = false;
  const next = async () => {
    if (given) return null;
    given = true;
    const bytes = await getBytes();
    return bytes.byteLength === 0 ? null : bytes;
  };
  return streamOf(new BodySource(undefined, next, () => {}));
}

// a stream of a large blob must not need its memory twice
const CHUNK = 65536;

/** A byte stream over a string or bytes, which are copied when somebody reads. */
export function contentStream(content) {
  let bytes = null;
  let offset = 0;
  const next = () => {
    bytes ??= typeof content === 'string' ? utf8Encode(content) : content;
    if (offset >= bytes.byteLength) return null;
    const chunk = bytes.slice(offset, offset + CHUNK);
    offset += chunk.byteLength;
    return chunk;
  };
  return streamOf(new BodySource(content, next, () => {}));
}

/** A byte stream over Uint8Arrays that nobody writes to. */
export function piecesStream(pieces) {
  let index = 0;
  let offset = 0;
  const next = () => {
    while (index < pieces.length && offset >= pieces[index].byteLength) {
      index += 1;
      offset = 0;
    }
    if (index === pieces.length) return null;
    const chunk = pieces[index].slice(offset, offset + CHUNK);
    offset += chunk.byteLength;
    return chunk;
  };
  const stream = streamOf(new BodySource(undefined, next, () => {}));
  stateOf(stream).expectedLength = pieces.reduce((length, piece) => length + piece.byteLength, 0);
  return stream;
}

/** A stream whose content was read without it stays locked, as by the reader that the standard would have used. */
export function seal(stream) {
  const state = stateOf(stream);
  if (state.reader === null) new Reader(state, false);
}

/** What `.body` gives when the body was read another way. */
export function spentStream() {
  const state = createByteReadable();
  state.controller.close();
  const stream = objectOf(state);
  markDisturbed(stream);
  seal(stream);
  return stream;
}
