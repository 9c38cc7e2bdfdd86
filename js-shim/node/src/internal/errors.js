// Errors with codes, as Node.js throws them.

function coded(Base, code, message) {
  const error = new Base(message);
  error.code = code;
  // shown by `stack` and `toString` of Node.js's own errors
  Object.defineProperty(error, 'name', { value: Base.name, writable: true, configurable: true });
  return error;
}

function received(value) {
  if (value === null || value === undefined) return ` Received ${value}`;
  if (typeof value === 'function') return ` Received function ${value.name}`;
  if (typeof value === 'object') {
    return value.constructor?.name ? ` Received an instance of ${value.constructor.name}` : ' Received an object';
  }
  const text = String(value);
  const shown = text.length > 25 ? `${text.slice(0, 25)}...` : text;
  return ` Received type ${typeof value} (${typeof value === 'string' ? `'${shown}'` : shown})`;
}

/** `expected` is text, or names of types and classes as Node.js's own errors are made with. */
export function invalidArgType(name, expected, value) {
  if (Array.isArray(expected) || !expected.includes(' ')) {
    const names = [expected].flat();
    return invalidArgType(name, `an instance of ${names.join(' or ')}`, value);
  }
  const what = name.includes('.') ? 'property' : 'argument';
  return coded(TypeError, 'ERR_INVALID_ARG_TYPE', `The "${name}" ${what} must be ${expected}.${received(value)}`);
}

export function invalidArgValue(name, value, reason = 'is invalid') {
  const what = name.includes('.') ? 'property' : 'argument';
  return coded(TypeError, 'ERR_INVALID_ARG_VALUE', `The ${what} '${name}' ${reason}. Received ${typeof value === 'string' ? `'${value}'` : String(value)}`);
}

export function outOfRange(name, range, value) {
  return coded(RangeError, 'ERR_OUT_OF_RANGE', `The value of "${name}" is out of range. It must be ${range}. Received ${value}`);
}

/** An `error` event that nobody listens for, with something that is no Error. */
export function unhandledError(text) {
  return coded(Error, 'ERR_UNHANDLED_ERROR', `Unhandled error. (${text})`);
}

/** What Node.js has and a worker cannot. */
export function notImplemented(name) {
  return coded(Error, 'ERR_METHOD_NOT_IMPLEMENTED', `The ${name} method is not implemented`);
}

/** Of what a method does in Node.js, what it does not here. */
export function notSupported(what) {
  return coded(TypeError, 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM', `${what} not supported`);
}

export { coded };

export function requireFunction(name, value) {
  if (typeof value !== 'function') throw invalidArgType(name, 'of type function', value);
}

export function requireString(name, value) {
  if (typeof value !== 'string') throw invalidArgType(name, 'of type string', value);
}

export function requireObject(name, value) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalidArgType(name, 'of type object', value);
}

export function requireOneOf(name, value, allowed) {
  const shown = allowed.map((item) => (typeof item === 'string' ? `'${item}'` : String(item))).join(', ');
  if (!allowed.includes(value)) throw invalidArgValue(name, value, `must be one of: ${shown}`);
}

export function requireInteger(name, value, least, most = 2 ** 31 - 1) {
  if (typeof value !== 'number') throw invalidArgType(name, 'of type number', value);
  if (!Number.isInteger(value)) throw outOfRange(name, 'an integer', value);
  if (value < least || value > most) throw outOfRange(name, `>= ${least} && <= ${most}`, value);
}

/** The stack as Node.js has it, beginning with name and message. */
export function withHeader(error, stack) {
  let header;
  try {
    header = Error.prototype.toString.call(error);
  } catch {
    return stack;
  }
  return stack.startsWith(header) ? stack : `${header}\n${stack.trimEnd()}`;
}
