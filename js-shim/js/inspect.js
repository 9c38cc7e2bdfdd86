// How a value looks in a log: like Node's util.inspect, without colours.

import { cleanStack } from './errors.js';

const MAX_ITEMS = 100;
const MAX_STRING = 10_000;
const MAX_LINE = 72;
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;
const mapSize = Object.getOwnPropertyDescriptor(Map.prototype, 'size').get;
const setSize = Object.getOwnPropertyDescriptor(Set.prototype, 'size').get;

function quote(text) {
  const shown = text.length > MAX_STRING ? text.slice(0, MAX_STRING) : text;
  const mark = !shown.includes("'") ? "'" : !shown.includes('"') ? '"' : !shown.includes('`') ? '`' : "'";
  const escaped = JSON.stringify(shown).slice(1, -1).replaceAll('\\"', '"').replaceAll(mark, `\\${mark}`);
  const rest = text.length - shown.length;
  return mark + escaped + mark + (rest > 0 ? `... ${rest} more character${rest === 1 ? '' : 's'}` : '');
}

function primitive(value) {
  switch (typeof value) {
    case 'string': return quote(value);
    case 'number': return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint': return `${value}n`;
    default: return String(value);
  }
}

function className(value) {
  let prototype = Object.getPrototypeOf(value);
  while (prototype !== null) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, 'constructor');
    if (typeof descriptor?.value === 'function' && descriptor.value.name !== '') return descriptor.value.name;
    prototype = Object.getPrototypeOf(prototype);
  }
  return null;
}

/** `Name `, with the tag where it says something else, empty for plain objects and arrays. */
function prefix(value, plainName, size) {
  const name = className(value);
  let tag = value[Symbol.toStringTag];
  if (typeof tag !== 'string' || tag === name) tag = '';
  const shownTag = tag === '' ? '' : ` [${tag}]`;
  if (name === null) return `[${plainName}${size}: null prototype]${shownTag} `;
  if (name === plainName && tag === '' && (plainName === 'Object' || plainName === 'Array')) return '';
  return `${name}${size}${shownTag} `;
}

function isMap(value) {
  try { mapSize.call(value); return true; } catch { return false; }
}

function isSet(value) {
  try { setSize.call(value); return true; } catch { return false; }
}

class Inspector {
  constructor(depth) {
    this.maxDepth = depth;
    this.seen = [];
    this.circular = new Map();
  }

  show(value, depth) {
    if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return primitive(value);
    if (this.seen.includes(value)) {
      if (!this.circular.has(value)) this.circular.set(value, this.circular.size + 1);
      return `[Circular *${this.circular.get(value)}]`;
    }
    let text;
    // getters and proxies of a worker may throw
    try {
      text = this.object(value, depth);
    } catch (error) {
      text = `[object that cannot be shown: ${String(error?.message ?? error)}]`;
    }
    const reference = this.circular.get(value);
    return reference === undefined ? text : `<ref *${reference}> ${text}`;
  }

  object(value, depth) {
    const custom = value[Symbol.for('nodejs.util.inspect.custom')];
    if (typeof custom === 'function' && typeof value === 'object') {
      const shown = custom.call(value, this.maxDepth - depth, {}, inspect);
      return typeof shown === 'string' ? shown : this.show(shown, depth);
    }
    const kind = this.kind(value);
    if (depth > this.maxDepth && kind.deep !== '') return kind.deep;
    this.seen.push(value);
    try {
      const items = kind.items(depth);
      const properties = this.properties(value, depth, kind.skip);
      return layout(kind, [...items, ...properties], depth);
    } finally {
      this.seen.pop();
    }
  }

  /** What stands before, between and in place of the braces. */
  kind(value) {
    const none = () => [];
    if (Array.isArray(value)) {
      const start = prefix(value, 'Array', `(${value.length})`);
      return { start, braces: ['[', ']'], deep: '[Array]', skip: isIndex, items: (depth) => this.elements(value, depth) };
    }
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
      const start = prefix(value, 'TypedArray', `(${value.length})`);
      return { start, braces: ['[', ']'], deep: `[${className(value)}]`, skip: isIndex, items: () => limited(value, value.length, primitive) };
    }
    if (isMap(value)) {
      const show = (depth) => limited(Map.prototype.entries.call(value), mapSize.call(value), ([key, item]) => `${this.show(key, depth + 1)} => ${this.show(item, depth + 1)}`);
      return { start: prefix(value, 'Map', `(${mapSize.call(value)})`), braces: ['{', '}'], deep: '[Map]', items: show };
    }
    if (isSet(value)) {
      const show = (depth) => limited(Set.prototype.values.call(value), setSize.call(value), (item) => this.show(item, depth + 1));
      return { start: prefix(value, 'Set', `(${setSize.call(value)})`), braces: ['{', '}'], deep: '[Set]', items: show };
    }
    if (typeof value === 'function') return { bare: functionText(value), braces: ['{', '}'], deep: functionText(value), items: none };
    if (value instanceof Error) return { bare: errorText(value), braces: ['{', '}'], deep: '', items: (depth) => this.errorParts(value, depth), skip: isErrorPart };
    if (value instanceof Date) return { bare: Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString(), braces: ['{', '}'], deep: '', items: none };
    if (value instanceof RegExp) return { bare: String(value), braces: ['{', '}'], deep: '', items: none };
    if (value instanceof Promise) return { start: prefix(value, 'Promise', ''), braces: ['{', '}'], deep: '[Promise]', items: () => [promiseState(value)] };
    if (value instanceof ArrayBuffer) return { start: prefix(value, 'ArrayBuffer', ''), braces: ['{', '}'], deep: '[ArrayBuffer]', items: () => [`byteLength: ${value.byteLength}`] };
    const boxed = boxedText(value);
    if (boxed !== null) return { bare: boxed, braces: ['{', '}'], deep: '', items: none, skip: isIndex };
    const name = className(value) ?? 'Object: null prototype';
    const start = prefix(value, 'Object', '');
    return { start, braces: ['{', '}'], deep: `[${name}]`, items: (depth) => this.webProperties(value, depth) };
  }

  elements(array, depth) {
    const shown = [];
    let holes = 0;
    const flush = () => {
      if (holes > 0) shown.push(`<${holes} empty item${holes === 1 ? '' : 's'}>`);
      holes = 0;
    };
    let index = 0;
    for (; index < array.length && shown.length < MAX_ITEMS; index++) {
      if (!Object.hasOwn(array, index)) {
        holes += 1;
        continue;
      }
      flush();
      shown.push(this.show(array[index], depth + 1));
    }
    flush();
    return more(shown, array.length - index);
  }

  properties(value, depth, skip = () => false) {
    const shown = [];
    for (const key of Reflect.ownKeys(value)) {
      const descriptor = Object.getOwnPropertyDescriptor(value, key);
      if (descriptor === undefined || !descriptor.enumerable || skip(key)) continue;
      shown.push(`${keyText(key)}: ${this.property(descriptor, depth)}`);
    }
    return shown;
  }

  property({ get, set, value }, depth) {
    if (get !== undefined) return set === undefined ? '[Getter]' : '[Getter/Setter]';
    if (set !== undefined) return '[Setter]';
    return this.show(value, depth + 1);
  }

  /** Request, Response, Headers and the like keep nothing in own properties: show what their getters say. */
  webProperties(value, depth) {
    const tag = value[Symbol.toStringTag];
    if (typeof tag !== 'string' || !(tag in WEB_OBJECTS) || !(value instanceof (globalThis[tag] ?? Inspector))) return [];
    return WEB_OBJECTS[tag](value).map(([key, item]) => `${keyText(key)}: ${this.show(item, depth + 1)}`);
  }

  errorParts(error, depth) {
    const parts = [];
    if (Object.hasOwn(error, 'cause')) parts.push(`[cause]: ${this.show(error.cause, depth + 1)}`);
    if (Array.isArray(error.errors)) parts.push(`[errors]: ${this.show(error.errors, depth + 1)}`);
    return parts;
  }
}

const members = (...names) => (value) => names.map((name) => [name, value[name]]);

const WEB_OBJECTS = {
  Headers: (headers) => [...headers],
  URLSearchParams: (params) => [...params],
  FormData: (form) => [...form],
  URL: members('href', 'origin', 'protocol', 'host', 'pathname', 'search', 'hash'),
  Request: members('method', 'url', 'headers', 'redirect', 'bodyUsed'),
  Response: members('status', 'statusText', 'headers', 'ok', 'url', 'bodyUsed'),
  Blob: members('size', 'type'),
  File: members('name', 'size', 'type', 'lastModified'),
  AbortSignal: members('aborted'),
  Event: members('type', 'defaultPrevented'),
};

function isIndex(key) {
  return typeof key === 'string' && /^\d+$/.test(key);
}

function isErrorPart(key) {
  return key === 'cause' || key === 'errors' || key === 'stack' || key === 'message';
}

function keyText(key) {
  if (typeof key === 'symbol') return `[${String(key)}]`;
  return IDENTIFIER.test(key) ? key : quote(key);
}

function functionText(value) {
  const isClass = Object.getOwnPropertyDescriptor(value, 'prototype')?.writable === false && Function.prototype.toString.call(value).startsWith('class');
  const name = value.name === '' ? '(anonymous)' : `${isClass ? ' ' : ': '}${value.name}`;
  const kind = isClass ? 'class' : className(value) ?? 'Function';
  return value.name === '' ? `[${kind} ${name}]` : `[${kind}${name}]`;
}

function errorText(error) {
  const name = String(error.name ?? 'Error');
  const message = String(error.message ?? '');
  const head = message === '' ? name : name === '' ? message : `${name}: ${message}`;
  const stack = cleanStack(error.stack);
  return stack === '' ? `[${head}]` : `${head}\n${stack}`;
}

function boxedText(value) {
  for (const Type of [Number, String, Boolean, BigInt, Symbol]) {
    if (!(value instanceof Type)) continue;
    try {
      return `[${Type.name}: ${primitive(Type.prototype.valueOf.call(value))}]`;
    } catch {
      return null;
    }
  }
  return null;
}

function promiseState(promise) {
  const value = native.peek(promise);
  return value === undefined ? '<pending or rejected>' : inspect(value, { depth: 0 });
}

function more(shown, rest) {
  if (rest > 0) shown.push(`... ${rest} more item${rest === 1 ? '' : 's'}`);
  return shown;
}

function limited(items, length, show) {
  const shown = [];
  for (const item of items) {
    if (shown.length === MAX_ITEMS) break;
    shown.push(show(item));
  }
  return more(shown, length - shown.length);
}

/** On one line when it is short, else one item a line. */
function layout({ bare, start = '', braces: [open, close] }, items, depth) {
  if (bare !== undefined) {
    if (items.length === 0) return bare;
    start = `${bare} `;
  }
  if (items.length === 0) return `${start}${open}${close}`;
  const length = items.reduce((sum, item) => sum + item.length + 2, start.length);
  const padding = '  '.repeat(depth);
  if (length + padding.length <= MAX_LINE && !items.some((item) => item.includes('\n'))) {
    return `${start}${open} ${items.join(', ')} ${close}`;
  }
  return `${start}${open}\n${items.map((item) => `${padding}  ${item}`).join(',\n')}\n${padding}${close}`;
}

/** The text of any value. `depth` is how many levels of objects are shown; null is all of them. */
export function inspect(value, { depth = 2 } = {}) {
  return new Inspector(depth === null ? Infinity : depth).show(value, 0);
}
