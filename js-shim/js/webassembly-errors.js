// WebAssembly.CompileError, LinkError and RuntimeError: native errors like TypeError (JavaScript API, "error objects").

function nativeError(name) {
  const NativeError = {
    [name]: function (message) { // eslint-disable-line no-unused-vars -- counts as its length
      return Reflect.construct(Error, arguments, new.target ?? NativeError);
    },
  }[name];
  Object.setPrototypeOf(NativeError, Error);
  NativeError.prototype = Object.create(Error.prototype, {
    constructor: { value: NativeError, writable: true, configurable: true },
    name: { value: name, writable: true, configurable: true },
    message: { value: '', writable: true, configurable: true },
  });
  Object.defineProperty(NativeError, 'prototype', { writable: false });
  return NativeError;
}

export const CompileError = nativeError('CompileError');
export const LinkError = nativeError('LinkError');
export const RuntimeError = nativeError('RuntimeError');
