// BufferSource arguments.

const NO_BYTES = new Uint8Array(0);

/** The bytes of an ArrayBuffer or a view, not copied; none if it is detached. */
export function toBytes(source) {
  if (source instanceof Uint8Array) return source;
  if ((source.buffer ?? source).detached) return NO_BYTES;
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  return new Uint8Array(source);
}

export function isBufferSource(value) {
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value);
}

/** As `toBytes`, for an argument a worker gave. */
export function requireBytes(value, what) {
  if (!isBufferSource(value) || value.buffer instanceof SharedArrayBuffer) throw new TypeError(`${what} must be an ArrayBuffer or a view on one.`);
  return toBytes(value);
}

/** As `requireBytes`, but the memory may be shared (WebIDL's `[AllowShared]`). */
export function requireShareableBytes(value, what) {
  if (!isBufferSource(value) && !(value instanceof SharedArrayBuffer)) throw new TypeError(`${what} must be an ArrayBuffer or a view on one.`);
  return toBytes(value);
}

/** For an argument that must be a view on an ArrayBuffer of fixed length (WebIDL's ArrayBufferView). */
export function requireView(value, what) {
  if (!ArrayBuffer.isView(value) || value.buffer instanceof SharedArrayBuffer) throw new TypeError(`${what} must be a view on an ArrayBuffer.`);
  if (value.buffer.resizable) throw new TypeError(`${what} must not be on a resizable ArrayBuffer.`);
}

/** Buffers that are somebody's memory, which nobody may take away; null as long as there are none. */
let pinned = null;

/** Keeps a buffer from being transferred: that of a WebAssembly.Memory. */
export function pinBuffer(buffer) {
  (pinned ??= new WeakSet()).add(buffer);
  return buffer;
}

export function isPinned(buffer) {
  return pinned !== null && pinned.has(buffer);
}
