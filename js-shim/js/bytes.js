// BufferSource arguments.

/** The bytes of an ArrayBuffer or a view, not copied. */
export function toBytes(source) {
  if (source instanceof Uint8Array) return source;
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  return new Uint8Array(source);
}

export function isBufferSource(value) {
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value);
}

/** As `toBytes`, for an argument a worker gave. */
export function requireBytes(value, what) {
  if (!isBufferSource(value)) throw new TypeError(`${what} must be an ArrayBuffer or a view on one.`);
  return toBytes(value);
}
