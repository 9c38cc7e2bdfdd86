// ReadableStreams for what a body holds, made only when a worker asks for `.body`.

import { abortable } from './abort.js';
import { markDisturbed, ReadableStream } from './streams.js';

/** Streams made for an unread incoming body, so that passing one on need not read it in JS. */
const handles = new WeakMap();

/** The incoming body that `stream` was made for; undefined for any other stream. */
export function handleOf(stream) {
  return handles.get(stream);
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
  handles.set(stream, handle);
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

export function bytesStream(bytes) {
  return lazyStream(() => bytes);
}

/** What `.body` gives when the body was read another way. */
export function spentStream() {
  const stream = new ReadableStream({ type: 'bytes', start(controller) { controller.close(); } });
  markDisturbed(stream);
  return stream;
}
