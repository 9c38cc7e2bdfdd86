// Conversions of arguments that the JavaScript API shares.

/** [EnforceRange] unsigned long. */
export function unsignedLong(value, what) {
  const number = Number(value);
  if (Number.isNaN(number) || !Number.isFinite(number)) throw new TypeError(`${what} must be convertible to a valid number`);
  const integer = Math.trunc(number) + 0;
  if (integer < 0) throw new TypeError(`${what} must be non-negative`);
  if (integer > 0xffffffff) throw new TypeError(`${what} must be in the unsigned long range`);
  return integer;
}

/** An object argument that must be there. */
export function descriptorObject(value, what) {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) {
    throw new TypeError(`${what}: Argument 0 must be a descriptor`);
  }
  return value;
}

/** `initial` and `maximum` of a memory or table. */
export function limits(descriptor, what, largest) {
  let { initial } = descriptor;
  if (initial === undefined) throw new TypeError(`${what}: Property 'initial' is required`);
  initial = unsignedLong(initial, `${what}: Property 'initial'`);
  let { maximum } = descriptor;
  if (maximum !== undefined) maximum = unsignedLong(maximum, `${what}: Property 'maximum'`);
  if (initial > largest) throw new TypeError(`${what}: Property 'initial': value ${initial} is above the upper bound`);
  if (maximum !== undefined && maximum < initial) {
    throw new RangeError(`${what}: Property 'maximum': value ${maximum} is below the lower bound`);
  }
  return { initial, maximum };
}

/** A copy of the bytes of a BufferSource. */
export function copyBytes(source, what) {
  let bytes;
  if (ArrayBuffer.isView(source)) bytes = new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  else if (source instanceof ArrayBuffer || source instanceof SharedArrayBuffer) bytes = new Uint8Array(source);
  else throw new TypeError(`${what}: Argument 0 must be a buffer source`);
  return new Uint8Array(bytes);
}
