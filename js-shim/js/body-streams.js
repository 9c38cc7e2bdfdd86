// ReadableStreams for what a body holds, made only when a worker asks for `.body`.

import { abortable } from './abort.js';
import { markDisturbed } from './streams.js';
import { RESOLVED, then } from './streams/promises.js';
import { createByteReadable, objectOf } from './streams/readable.js';
import { stateOf } from './streams/readable-state.js';

const { utf8Encode } = native;

/**
 * The string, bytes or incoming body that `stream` was made of, as long as nobody read from it: passing it on need not
 * read it in JS, and keeps its length. Undefined for any other stream.
 */
export function sourceOf(stream) {
  return stateOf(stream).source?.content;
}

/** What a stream of an unread body reads; another stream that is read in its place can take it over. */
class BodySource {
  /** `content`: a string, bytes, a BodyHandle, or undefined if only `next` can tell. */
  constructor(content, next, cancel) {
    this.content = content;
    this.next = next;
    this.cancel = cancel;
  }

  /** Makes `state` give what this source has. `next()` gives a promise of bytes, or of null at the end. */
  attach(state) {
    const { controller } = state;
    const take = (bytes) => {
      if (bytes === null) end(controller);
      else if (bytes.byteLength === 0) return controller.pull?.();
      else if (controller.isByte) controller.enqueueBuffer(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      else controller.enqueue(bytes);
      return undefined;
    };
    controller.pull = () => then(this.next(), take);
    controller.cancel = () => {
      this.cancel();
      return RESOLVED;
    };
    state.source = this;
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

/** A byte stream over a BodyHandle. */
export function handleStream(handle, signal) {
  const next = signal === null ? () => handle.read() : () => abortable(handle.read(), signal);
  return streamOf(new BodySource(handle, next, () => handle.cancel()));
}

function onceSource(content, getBytes) {
  let given = false;
  const next = async () => {
    if (given) return null;
    given = true;
    const bytes = await getBytes();
    return bytes.byteLength === 0 ? null : bytes;
  };
  return new BodySource(content, next, () => {});
}

/** A byte stream of one chunk, which is asked for when somebody reads. */
export function lazyStream(getBytes) {
  return streamOf(onceSource(undefined, getBytes));
}

// a stream of a large blob must not need its memory twice
const CHUNK = 65536;

/** A byte stream over a string or bytes, which are copied when somebody reads. */
export function contentStream(content) {
  let bytes = null;
  let offset = 0;
  const next = async () => {
    bytes ??= typeof content === 'string' ? utf8Encode(content) : content;
    if (offset >= bytes.byteLength) return null;
    const chunk = bytes.slice(offset, offset + CHUNK);
    offset += chunk.byteLength;
    return chunk;
  };
  return streamOf(new BodySource(content, next, () => {}));
}

/** What `.body` gives when the body was read another way. */
export function spentStream() {
  const state = createByteReadable();
  state.controller.close();
  const stream = objectOf(state);
  markDisturbed(stream);
  return stream;
}
