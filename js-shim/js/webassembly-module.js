// WebAssembly.Module and Instance (JavaScript API, sections 5.1 to 5.3).

import { copyBytes } from './webassembly-arguments.js';
import { LinkError } from './webassembly-errors.js';
import { Global, Memory, Table, globalHandle, memoryHandle, objectOf, tableHandle } from './webassembly-objects.js';
import { kInternal, requireArguments, shapeInterface } from './webidl.js';

let wasm;

export class Module {
  #handle;

  constructor(bytes) {
    if (bytes === kInternal) {
      this.#handle = arguments[1];
      return;
    }
    requireArguments(arguments.length, 1, 'WebAssembly.Module()');
    wasm.mayCompile('WebAssembly.Module()');
    this.#handle = wasm.compile(copyBytes(bytes, 'WebAssembly.Module()'), 'WebAssembly.Module()');
  }

  static exports(module) {
    requireArguments(arguments.length, 1, 'WebAssembly.Module.exports()');
    return requireModule(module, 'WebAssembly.Module.exports()').exports().map(([name, kind]) => ({ name, kind }));
  }

  static imports(moduleObject) {
    requireArguments(arguments.length, 1, 'WebAssembly.Module.imports()');
    const imports = requireModule(moduleObject, 'WebAssembly.Module.imports()').imports();
    return imports.map(([module, name, kind]) => ({ module, name, kind }));
  }

  static customSections(moduleObject, sectionName) {
    requireArguments(arguments.length, 2, 'WebAssembly.Module.customSections()');
    const handle = requireModule(moduleObject, 'WebAssembly.Module.customSections()');
    const name = String(sectionName);
    // Names of sections are UTF-8, so none has a lone surrogate.
    return name.isWellFormed() ? handle.customSections(name) : [];
  }

  static handleOf(object) {
    return typeof object === 'object' && object !== null && #handle in object ? object.#handle : undefined;
  }
}

const { handleOf } = Module;
delete Module.handleOf;

export const isModule = (value) => handleOf(value) !== undefined;

export function requireModule(value, what) {
  const handle = handleOf(value);
  if (handle === undefined) throw new TypeError(`${what}: Argument 0 must be a WebAssembly.Module`);
  return handle;
}

export class Instance {
  #exports;

  constructor(module, importObject = undefined) {
    if (module === kInternal) {
      this.#exports = importObject;
      return;
    }
    requireArguments(arguments.length, 1, 'WebAssembly.Instance()');
    const handle = requireModule(module, 'WebAssembly.Instance()');
    this.#exports = exportsOf(handle, readImports(handle, importObject, 'WebAssembly.Instance()'), 'WebAssembly.Instance()');
  }

  get exports() { return this.#exports; }
}

/** The instance of a module whose imports were read. */
export function instanceOf(handle, imports, what) {
  return new Instance(kInternal, exportsOf(handle, imports, what));
}

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

/** JavaScript API, "read the imports": what the interpreter is given for each. */
export function readImports(handle, importObject, what) {
  if (importObject !== undefined && !isObject(importObject)) throw new TypeError(`${what}: Argument 1 must be an object`);
  const imports = handle.imports();
  if (imports.length > 0 && importObject === undefined) throw new TypeError(`${what}: Imports argument must be present and must be an object`);
  return imports.map(([module, name, kind, type], index) => {
    const where = `${what}: Import #${index} "${module}"`;
    const namespace = importObject[module];
    if (!isObject(namespace)) throw new TypeError(`${where}: module is not an object or function`);
    return importValue(namespace[name], kind, type, `${where} "${name}"`);
  });
}

function importValue(value, kind, type, where) {
  switch (kind) {
    case 'function':
      if (typeof value !== 'function') throw new LinkError(`${where}: function import requires a callable`);
      return value;
    case 'memory': {
      const handle = memoryHandle(value) ?? mismatch(`${where}: memory import must be a WebAssembly.Memory object`);
      if (handle instanceof wasm.WasmSharedMemory) mismatch(`${where}: mismatch in shared state of memory, declared = 0, imported = 1`);
      return handle;
    }
    case 'table':
      return tableHandle(value) ?? mismatch(`${where}: table import requires a WebAssembly.Table`);
    default:
      return globalHandle(value) ?? globalOf(value, type, where);
  }
}

function mismatch(message) {
  throw new LinkError(message);
}

/** A constant global of a value that is given itself. */
function globalOf(value, type, where) {
  if (type === 'v128') mismatch(`${where}: global import of type v128 must be a WebAssembly.Global object`);
  if (type === 'i64' && typeof value !== 'bigint') mismatch(`${where}: global import must be a BigInt`);
  if (['i32', 'f32', 'f64'].includes(type) && typeof value !== 'number') {
    mismatch(`${where}: global import must be a number, valid Wasm reference, or WebAssembly.Global object`);
  }
  try {
    return new wasm.WasmGlobal(type, false, value);
  } catch (error) {
    return mismatch(`${where}: ${error.message}`);
  }
}

const INTERFACES = { memory: Memory, table: Table, global: Global };

/** JavaScript API, "create an exports object". */
function exportsOf(handle, imports, what) {
  const exports = Object.create(null);
  for (const [name, kind, value] of wasm.instantiate(handle, imports, what)) {
    const object = kind === 'function' ? value : objectOf(INTERFACES[kind], value);
    Object.defineProperty(exports, name, { value: object, enumerable: true, writable: true, configurable: true });
  }
  return Object.freeze(exports);
}

export function install(native) {
  wasm = native;
  for (const [name, Interface] of Object.entries({ Module, Instance })) {
    shapeInterface(`WebAssembly.${name}`, Interface);
    Object.defineProperty(Interface, 'name', { value: name, configurable: true });
  }
}
