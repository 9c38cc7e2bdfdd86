// WebAssembly.Tag and Exception. The interpreter has no exception handling: modules with tags do not compile, so these are for
// code that makes and looks at exceptions in JavaScript.

import { descriptorObject, unsignedLong } from './webassembly-arguments.js';
import { kInternal, requireArguments, shapeInterface } from './webidl.js';

const VALUE_TYPES = ['i32', 'i64', 'f32', 'f64', 'v128', 'externref', 'anyfunc'];

let isExportedFunction;

export class Tag {
  #parameters;

  constructor(type) {
    if (type === kInternal) {
      this.#parameters = arguments[1];
      return;
    }
    requireArguments(arguments.length, 1, 'WebAssembly.Tag()');
    const { parameters } = descriptorObject(type, 'WebAssembly.Tag()');
    if (parameters === undefined) throw new TypeError("WebAssembly.Tag(): Argument 0 must be a tag type with 'parameters'");
    this.#parameters = Array.from(iterable(parameters, 'WebAssembly.Tag()'), (parameter) => {
      const name = String(parameter);
      if (!VALUE_TYPES.includes(name)) throw new TypeError(`WebAssembly.Tag(): '${name}' is not a value type`);
      return name;
    });
  }

  static parametersOf(object) {
    return typeof object === 'object' && object !== null && #parameters in object ? object.#parameters : undefined;
  }
}

const { parametersOf } = Tag;
delete Tag.parametersOf;

export const JSTag = new Tag(kInternal, ['externref']);

function requireTag(value, what) {
  const parameters = parametersOf(value);
  if (parameters === undefined) throw new TypeError(`${what}: Argument 0 must be a WebAssembly tag`);
  return parameters;
}

function iterable(value, what) {
  if (value === null || typeof value !== 'object' || typeof value[Symbol.iterator] !== 'function') {
    throw new TypeError(`${what}: a list is expected`);
  }
  return value;
}

export class Exception {
  #tag;
  #payload;

  constructor(exceptionTag, payload, options = undefined) {
    requireArguments(arguments.length, 2, 'WebAssembly.Exception()');
    const parameters = requireTag(exceptionTag, 'WebAssembly.Exception()');
    if (exceptionTag === JSTag) throw new TypeError('WebAssembly.Exception(): Argument 0 must not be the JavaScript tag');
    const values = [...iterable(payload, 'WebAssembly.Exception()')];
    if (values.length !== parameters.length) {
      throw new TypeError('WebAssembly.Exception(): Number of exception values does not match signature length');
    }
    this.#tag = exceptionTag;
    this.#payload = values.map((value, index) => convert(value, parameters[index]));
    if (options !== undefined && options !== null && options.traceStack) {
      Object.defineProperty(this, 'stack', { value: new Error().stack, writable: true, configurable: true });
    } else {
      Object.defineProperty(this, 'stack', { value: undefined, writable: true, configurable: true });
    }
  }

  is(exceptionTag) {
    const tag = this.#tag;
    requireArguments(arguments.length, 1, 'WebAssembly.Exception.is()');
    requireTag(exceptionTag, 'WebAssembly.Exception.is()');
    return tag === exceptionTag;
  }

  getArg(exceptionTag, index) {
    const [tag, payload] = [this.#tag, this.#payload];
    requireArguments(arguments.length, 2, 'WebAssembly.Exception.getArg()');
    requireTag(exceptionTag, 'WebAssembly.Exception.getArg()');
    const at = unsignedLong(index, 'WebAssembly.Exception.getArg(): Index');
    if (tag !== exceptionTag) throw new TypeError('WebAssembly.Exception.getArg(): First argument does not match the exception tag');
    if (at >= payload.length) throw new RangeError('WebAssembly.Exception.getArg(): Index must be convertible to a valid number');
    return payload[at];
  }
}

/** ToWebAssemblyValue and back. */
function convert(value, type) {
  switch (type) {
    case 'i32': return value | 0;
    case 'i64': return BigInt.asIntN(64, value);
    case 'f32': return Math.fround(value);
    case 'f64': return +value;
    case 'externref': return value;
    case 'anyfunc':
      if (value !== null && !(typeof value === 'function' && isExportedFunction(value))) {
        throw new TypeError('WebAssembly.Exception(): function-typed object expected');
      }
      return value;
    default: throw new TypeError(`WebAssembly.Exception(): values of type ${type} cannot be passed`);
  }
}

export function install(native) {
  ({ isExportedFunction } = native);
  for (const [name, Interface] of Object.entries({ Tag, Exception })) {
    shapeInterface(`WebAssembly.${name}`, Interface);
    Object.defineProperty(Interface, 'name', { value: name, configurable: true });
  }
}
