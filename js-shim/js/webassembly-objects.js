// WebAssembly.Memory, Table and Global (JavaScript API, sections 5.4 to 5.6).
//
// What is in the interpreter is reached through a handle. One thing in the interpreter has one object, so an export
// that two modules share is the same object in both.

import { pinBuffer } from './bytes.js';
import { descriptorObject, limits, unsignedLong } from './webassembly-arguments.js';
import { kInternal, requireArguments, shapeInterface } from './webidl.js';

const MAX_PAGES = 65536;
const VALUE_TYPES = ['i32', 'i64', 'f32', 'f64', 'v128', 'externref', 'anyfunc'];
const REFERENCE_TYPES = ['anyfunc', 'externref'];

let wasm;

/** The object of each handle's key, by interface. */
const known = { Memory: new Map(), Table: new Map(), Global: new Map() };

/** The object of a handle, made when there is none yet. */
export function objectOf(Interface, handle) {
  const objects = known[Interface.name];
  let object = objects.get(handle.key());
  if (object === undefined) {
    object = new Interface(kInternal, handle);
    objects.set(handle.key(), object);
  }
  return object;
}

export class Memory {
  #handle;
  /** The buffer of a shared memory, until it grows. */
  #shared;

  constructor(descriptor) {
    if (descriptor === kInternal) {
      this.#handle = arguments[1];
      return;
    }
    requireArguments(arguments.length, 1, 'WebAssembly.Memory()');
    const { initial, maximum, shared } = memoryLimits(descriptorObject(descriptor, 'WebAssembly.Memory()'));
    if (shared) {
      this.#handle = new wasm.WasmSharedMemory(initial, maximum);
      this.#shared = Object.freeze(this.#handle.buffer());
      return;
    }
    this.#handle = new wasm.WasmMemory(initial, maximum);
    known.Memory.set(this.#handle.key(), this);
  }

  get buffer() {
    return this.#shared ?? pinBuffer(this.#handle.buffer());
  }

  grow(delta) {
    const handle = this.#handle;
    requireArguments(arguments.length, 1, 'WebAssembly.Memory.grow()');
    const before = handle.grow(unsignedLong(delta, 'WebAssembly.Memory.grow(): Argument 0'));
    if (before === undefined || before === null) throw new RangeError('WebAssembly.Memory.grow(): Maximum memory size exceeded');
    if (this.#shared !== undefined) this.#shared = Object.freeze(handle.buffer());
    return before;
  }

  static handleOf(object) {
    return typeof object === 'object' && object !== null && #handle in object ? object.#handle : undefined;
  }
}

function memoryLimits(descriptor) {
  const { initial, maximum } = limits(descriptor, 'WebAssembly.Memory()', MAX_PAGES);
  if (maximum !== undefined && maximum > MAX_PAGES) {
    throw new TypeError(`WebAssembly.Memory(): Property 'maximum': value ${maximum} is above the upper bound`);
  }
  const shared = Boolean(descriptor.shared);
  if (shared && maximum === undefined) throw new TypeError("WebAssembly.Memory(): If shared is true, maximum property should be specified.");
  return { initial, maximum, shared };
}

export class Table {
  #handle;

  constructor(descriptor, value = undefined) {
    if (descriptor === kInternal) {
      this.#handle = value;
      return;
    }
    requireArguments(arguments.length, 1, 'WebAssembly.Table()');
    const given = descriptorObject(descriptor, 'WebAssembly.Table()');
    const element = String(given.element);
    if (!REFERENCE_TYPES.includes(element)) {
      throw new TypeError("WebAssembly.Table(): Descriptor property 'element' must be a WebAssembly reference type");
    }
    const { initial, maximum } = limits(given, 'WebAssembly.Table()', 0xffffffff);
    const filling = value === undefined && element === 'anyfunc' ? null : value;
    this.#handle = new wasm.WasmTable(element, initial, maximum, filling);
    known.Table.set(this.#handle.key(), this);
  }

  get length() { return this.#handle.length(); }

  get(index) {
    const handle = this.#handle;
    requireArguments(arguments.length, 1, 'WebAssembly.Table.get()');
    return handle.get(unsignedLong(index, 'WebAssembly.Table.get(): Argument 0'));
  }

  set(index, value = undefined) {
    const handle = this.#handle;
    requireArguments(arguments.length, 1, 'WebAssembly.Table.set()');
    const at = unsignedLong(index, 'WebAssembly.Table.set(): Argument 0');
    if (at >= handle.length()) throw new RangeError(`WebAssembly.Table.set(): invalid address ${at} in table of size ${handle.length()}`);
    handle.set(at, arguments.length < 2 ? defaultValue(handle.element()) : value);
  }

  grow(delta, value = undefined) {
    const handle = this.#handle;
    requireArguments(arguments.length, 1, 'WebAssembly.Table.grow()');
    const by = unsignedLong(delta, 'WebAssembly.Table.grow(): Argument 0');
    return handle.grow(by, arguments.length < 2 ? defaultValue(handle.element()) : value);
  }

  static handleOf(object) {
    return typeof object === 'object' && object !== null && #handle in object ? object.#handle : undefined;
  }
}

export class Global {
  #handle;

  constructor(descriptor, v = undefined) {
    if (descriptor === kInternal) {
      this.#handle = v;
      return;
    }
    requireArguments(arguments.length, 1, 'WebAssembly.Global()');
    const given = descriptorObject(descriptor, 'WebAssembly.Global()');
    const mutable = Boolean(given.mutable);
    const type = String(given.value);
    if (!VALUE_TYPES.includes(type)) {
      throw new TypeError("WebAssembly.Global(): Descriptor property 'value' must be a WebAssembly type");
    }
    this.#handle = new wasm.WasmGlobal(type, mutable, v === undefined ? defaultValue(type) : v);
    known.Global.set(this.#handle.key(), this);
  }

  get value() { return this.#handle.get(); }

  set value(value) {
    requireArguments(arguments.length, 1, 'set WebAssembly.Global.value');
    if (!this.#handle.mutable()) {
      throw new TypeError("set WebAssembly.Global.value: Can't set the value of an immutable global.");
    }
    this.#handle.set(value);
  }

  valueOf() { return this.#handle.get(); }

  static handleOf(object) {
    return typeof object === 'object' && object !== null && #handle in object ? object.#handle : undefined;
  }
}

/** JavaScript API, "DefaultValue". */
function defaultValue(type) {
  if (type === 'i64') return 0n;
  if (type === 'externref') return undefined;
  return type === 'anyfunc' ? null : 0;
}

/** Takes a static helper of a class off it, so that workers do not see it. */
function takeHandleOf(Interface) {
  const { handleOf } = Interface;
  delete Interface.handleOf;
  return handleOf;
}

export const memoryHandle = takeHandleOf(Memory);
export const tableHandle = takeHandleOf(Table);
export const globalHandle = takeHandleOf(Global);

export function install(native) {
  wasm = native;
  for (const [name, Interface] of Object.entries({ Memory, Table, Global })) {
    shapeInterface(`WebAssembly.${name}`, Interface);
    Object.defineProperty(Interface, 'name', { value: name, configurable: true });
  }
}
