// node:util/types. A class of the engine is known by what only its own objects can do, so that objects of other classes with
// the same prototype are told apart.

const getter = (prototype, name) => Object.getOwnPropertyDescriptor(prototype, name).get;
const TypedArray = Object.getPrototypeOf(Uint8Array);
const typedArrayName = getter(TypedArray.prototype, Symbol.toStringTag);

/** Whether `method` works on the value: it throws for what is not of its class. */
function accepts(method, args = []) {
  return (value) => {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false;
    try {
      Reflect.apply(method, value, args);
      return true;
    } catch {
      return false;
    }
  };
}

/** The class by `Object.prototype.toString`, for those whose methods would change the object. */
function tagged(...tags) {
  return (value) => typeof value === 'object' && value !== null && tags.includes(Object.prototype.toString.call(value));
}

const tagOf = (name) => (value) => ArrayBuffer.isView(value) && Reflect.apply(typedArrayName, value, []) === name;

const prototypeOf = (value) => Object.getPrototypeOf(value);
const AsyncFunction = prototypeOf(async () => {});
const GeneratorFunction = prototypeOf(function* () {});
const AsyncGeneratorFunction = prototypeOf(async function* () {});
const isFunctionOf = (...prototypes) => (value) => typeof value === 'function' && prototypes.some((prototype) => prototype.isPrototypeOf(value));

export const isAnyArrayBuffer = (value) => isArrayBuffer(value) || isSharedArrayBuffer(value);
export const isArgumentsObject = (value) => typeof value === 'object' && value !== null && !(Symbol.toStringTag in value) && Object.prototype.toString.call(value) === '[object Arguments]';
export const isArrayBuffer = accepts(getter(ArrayBuffer.prototype, 'byteLength'));
export const isArrayBufferView = (value) => ArrayBuffer.isView(value);
export const isAsyncFunction = isFunctionOf(AsyncFunction, AsyncGeneratorFunction);
export const isBigIntObject = accepts(BigInt.prototype.valueOf);
export const isBooleanObject = accepts(Boolean.prototype.valueOf);
export const isCryptoKey = (value) => typeof CryptoKey === 'function' && value instanceof CryptoKey;
export const isDataView = (value) => ArrayBuffer.isView(value) && !isTypedArray(value);
export const isDate = accepts(Date.prototype.getTime);
export const isExternal = () => false;
export const isGeneratorFunction = isFunctionOf(GeneratorFunction, AsyncGeneratorFunction);
export const isGeneratorObject = tagged('[object Generator]', '[object AsyncGenerator]');
export const isKeyObject = tagged('[object KeyObject]');
export const isMap = accepts(Map.prototype.has, [0]);
export const isMapIterator = tagged('[object Map Iterator]');
export const isModuleNamespaceObject = tagged('[object Module]');
export const isNativeError = (value) => Error.isError?.(value) ?? value instanceof Error;
export const isNumberObject = accepts(Number.prototype.valueOf);
export const isPromise = (value) => typeof value === 'object' && value !== null && value instanceof Promise;
/** A proxy cannot be told from its target in this engine. */
export const isProxy = () => false;
export const isRegExp = accepts(getter(RegExp.prototype, 'source'));
export const isSet = accepts(Set.prototype.has, [0]);
export const isSetIterator = tagged('[object Set Iterator]');
export const isSharedArrayBuffer = typeof SharedArrayBuffer === 'function' ? accepts(getter(SharedArrayBuffer.prototype, 'byteLength')) : () => false;
export const isStringObject = accepts(String.prototype.valueOf);
export const isSymbolObject = accepts(Symbol.prototype.valueOf);
export const isTypedArray = (value) => ArrayBuffer.isView(value) && Reflect.apply(typedArrayName, value, []) !== undefined;
export const isWeakMap = accepts(WeakMap.prototype.has, [{}]);
export const isWeakSet = accepts(WeakSet.prototype.has, [{}]);
export const isBoxedPrimitive = (value) => isNumberObject(value) || isStringObject(value) || isBooleanObject(value) || isBigIntObject(value) || isSymbolObject(value);
export const isBigInt64Array = tagOf('BigInt64Array');
export const isBigUint64Array = tagOf('BigUint64Array');
export const isFloat16Array = tagOf('Float16Array');
export const isFloat32Array = tagOf('Float32Array');
export const isFloat64Array = tagOf('Float64Array');
export const isInt8Array = tagOf('Int8Array');
export const isInt16Array = tagOf('Int16Array');
export const isInt32Array = tagOf('Int32Array');
export const isUint8Array = tagOf('Uint8Array');
export const isUint8ClampedArray = tagOf('Uint8ClampedArray');
export const isUint16Array = tagOf('Uint16Array');
export const isUint32Array = tagOf('Uint32Array');

export default {
  isAnyArrayBuffer, isArgumentsObject, isArrayBuffer, isArrayBufferView, isAsyncFunction, isBigInt64Array, isBigIntObject,
  isBigUint64Array, isBooleanObject, isBoxedPrimitive, isCryptoKey, isDataView, isDate, isExternal, isFloat16Array, isFloat32Array,
  isFloat64Array, isGeneratorFunction, isGeneratorObject, isInt16Array, isInt32Array, isInt8Array, isKeyObject, isMap, isMapIterator,
  isModuleNamespaceObject, isNativeError, isNumberObject, isPromise, isProxy, isRegExp, isSet, isSetIterator, isSharedArrayBuffer,
  isStringObject, isSymbolObject, isTypedArray, isUint16Array, isUint32Array, isUint8Array, isUint8ClampedArray, isWeakMap, isWeakSet,
};
