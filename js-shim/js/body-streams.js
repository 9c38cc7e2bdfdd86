// ReadableStreams for what a body holds, made only when a worker asks for `.body`.

import { abortable } from './abort.js';
import { markDisturbed, ReadableStream } from './streams.js';

const { utf8Encode } = native;

/** Streams made of an unread body, with what it holds: passing one on need not read it in JS, and keeps its length. */
const sources = new WeakMap();

/** The string, bytes or incoming body that `stream` was made of; undefined for any other stream. */
export function sourceOf(stream) {
  return sources.get(stream);
}

/** A byte stream over a BodyHandle. */
export function handleStream(handle, signal) {
  const pull = async (controller) => {
    const reading = handle.read();
    const chunk = await (signal === null ? reading : abortable(reading, signal));
    if (chunk === null) {
      controller.close();
      controller.byobRequest?.respond(0);
    } else if (chunk.byteLength > 0) {
      controller.enqueue(chunk);
    } else {
      await pull(controller);
    }
  };
  const stream = new ReadableStream({ type: 'bytes', pull, cancel() { handle.cancel(); } }, { highWaterMark: 0 });
  sources.set(stream, handle);
  return stream;
}

/** A byte stream of one chunk, which is asked for when somebody reads. */
export function lazyStream(getBytes) {
  return new ReadableStream({
    type: 'bytes',
    async pull(controller) {
      const bytes = await getBytes();
      if (bytes.byteLength > 0) controller.enqueue(bytes);
      controller.close();
      controller.byobRequest?.respond(0);
    },
  }, { highWaterMark: 0 });
}

/** A byte stream over a string or bytes, which are copied when somebody reads. */
export function contentStream(content) {
  const stream = lazyStream(() => (typeof content === 'string' ? utf8Encode(content) : content.slice()));
  sources.set(stream, content);
  return stream;
}

/** What `.body` gives when the body was read another way. */
export function spentStream() {
  const stream = new ReadableStream({ type: 'bytes', start(controller) { controller.close(); } });
  markDisturbed(stream);
  return stream;
}
