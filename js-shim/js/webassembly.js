// The WebAssembly namespace (JavaScript API, section 5; Web API).
//
// A worker gets its modules by importing `.wasm` files. Compiling at run time is refused, as on Workers.

import { copyBytes } from './webassembly-arguments.js';
import { guardTransfers } from './webassembly-buffers.js';
import { CompileError, LinkError, RuntimeError } from './webassembly-errors.js';
import * as exceptions from './webassembly-exceptions.js';
import * as modules from './webassembly-module.js';
import * as objects from './webassembly-objects.js';
import { Response } from './response.js';
import { exposeValue, kInternal, requireArguments } from './webidl.js';

const { Exception, JSTag, Tag } = exceptions;
const { Instance, Module, instanceOf, isModule, readImports, requireModule } = modules;
const { Global, Memory, Table } = objects;

const { wasm } = native;

function compileBytes(bytes, what) {
  return new Module(kInternal, wasm.compile(bytes, what));
}

const operations = {
  validate(bytes) {
    requireArguments(arguments.length, 1, 'WebAssembly.validate()');
    return wasm.validate(copyBytes(bytes, 'WebAssembly.validate()'));
  },

  async compile(bytes) {
    requireArguments(arguments.length, 1, 'WebAssembly.compile()');
    wasm.mayCompile('WebAssembly.compile()');
    const copy = copyBytes(bytes, 'WebAssembly.compile()');
    await undefined;
    return compileBytes(copy, 'WebAssembly.compile()');
  },

  async instantiate(bytes, importObject = undefined) {
    const what = 'WebAssembly.instantiate()';
    requireArguments(arguments.length, 1, what);
    checkImportObject(importObject, what);
    if (isModule(bytes)) {
      const handle = requireModule(bytes, what);
      const imports = readImports(handle, importObject, what);
      await undefined;
      return instanceOf(handle, imports, what);
    }
    if (bytes === null || typeof bytes !== 'object') throw new TypeError(`${what}: Argument 0 must be a buffer source or a WebAssembly object`);
    wasm.mayCompile(what);
    const copy = copyBytes(bytes, what);
    await undefined;
    return instantiateModule(compileBytes(copy, what), importObject, what);
  },

  async compileStreaming(source) {
    requireArguments(arguments.length, 1, 'WebAssembly.compileStreaming()');
    wasm.mayCompile('WebAssembly.compileStreaming()');
    return compileBytes(await bytesOfResponse(source, 'WebAssembly.compileStreaming()'), 'WebAssembly.compileStreaming()');
  },

  async instantiateStreaming(source, importObject = undefined) {
    const what = 'WebAssembly.instantiateStreaming()';
    requireArguments(arguments.length, 1, what);
    checkImportObject(importObject, what);
    wasm.mayCompile(what);
    return instantiateModule(compileBytes(await bytesOfResponse(source, what), what), importObject, what);
  },
};

function checkImportObject(importObject, what) {
  if (importObject !== undefined && (importObject === null || !['object', 'function'].includes(typeof importObject))) {
    throw new TypeError(`${what}: Argument 1 must be an object`);
  }
}

function instantiateModule(module, importObject, what) {
  const handle = requireModule(module, what);
  return { module, instance: instanceOf(handle, readImports(handle, importObject, what), what) };
}

/** Web API, "compile a potential WebAssembly response". */
async function bytesOfResponse(source, what) {
  const response = await source;
  if (!(response instanceof Response)) throw new TypeError(`${what}: Argument 0 must be a Response or a Promise of one`);
  if (response.headers.get('content-type')?.trim().toLowerCase() !== 'application/wasm') {
    throw new TypeError(`${what}: Incorrect response MIME type. Expected 'application/wasm'.`);
  }
  if (!response.ok) throw new TypeError(`${what}: HTTP status code is not ok`);
  return new Uint8Array(await response.arrayBuffer());
}

/** IterableToList, by hand: QuickJS's spread looks at the iterator method twice. */
function list(iterable) {
  const method = iterable?.[Symbol.iterator];
  if (typeof method !== 'function') throw new TypeError('multi-return value must be iterable');
  const iterator = Reflect.apply(method, iterable, []);
  const { next } = iterator;
  const values = [];
  for (;;) {
    const result = Reflect.apply(next, iterator, []);
    if (result === null || typeof result !== 'object') throw new TypeError('multi-return value must be iterable');
    if (result.done) return values;
    values.push(result.value);
  }
}

export function install() {
  guardTransfers();
  objects.install(wasm);
  exceptions.install(wasm);
  modules.install(wasm);
  wasm.setHooks({
    CompileError: (message) => new CompileError(message),
    LinkError: (message) => new LinkError(message),
    RuntimeError: (message) => new RuntimeError(message),
    list,
    module: (handle) => new Module(kInternal, handle),
  });
  const namespace = {};
  for (const [name, value] of Object.entries(operations)) {
    Object.defineProperty(namespace, name, { value, writable: true, enumerable: true, configurable: true });
  }
  for (const [name, value] of Object.entries({ Module, Instance, Memory, Table, Global, Tag, Exception, CompileError, LinkError, RuntimeError })) {
    Object.defineProperty(namespace, name, { value, writable: true, enumerable: false, configurable: true });
  }
  const { get } = Object.getOwnPropertyDescriptor({ get JSTag() { return JSTag; } }, 'JSTag');
  Object.defineProperty(namespace, 'JSTag', { get, set: undefined, enumerable: true, configurable: true });
  Object.defineProperty(namespace, Symbol.toStringTag, { value: 'WebAssembly', configurable: true });
  exposeValue('WebAssembly', namespace);
}
