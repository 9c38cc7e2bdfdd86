// What the handlers of an HTMLRewriter are given: Element, EndTag, Comment, Text, Doctype, DocumentEnd. Each holds a
// token of Rust, which lives as long as the handler runs.

import { isResponse } from './response.js';
import { isReadableStream } from './streams.js';
import { illegalInvocation, kInternal, shapeInterface } from './webidl.js';

const IteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));

/** Gives names and values as they were when it was made, while the element's handler runs. */
class AttributesIterator {
  #token;
  #list;
  #index = 0;

  constructor(token, list) {
    this.#token = token;
    this.#list = list;
  }

  next() {
    this.#token.check();
    const index = this.#index;
    if (index >= this.#list.length) return { done: true, value: undefined };
    this.#index += 2;
    return { done: false, value: [this.#list[index], this.#list[index + 1]] };
  }
}

let tokenOf;
let transformationOf;

class ContentToken {
  #token;
  #transformation;

  constructor(key = undefined, token = undefined, transformation = undefined) {
    if (key !== kInternal) throw new TypeError('Illegal constructor');
    this.#token = token;
    this.#transformation = transformation;
  }

  static {
    tokenOf = (object) => {
      if (typeof object !== 'object' || object === null || !(#token in object)) throw illegalInvocation('token.method(…)');
      return object.#token;
    };
    transformationOf = (object) => object.#transformation;
  }
}

function required(given, needed, method, type, Interface = 'Element') {
  if (given < needed) throw new TypeError(`Failed to execute '${method}' on '${Interface}': parameter ${given + 1} is not of type '${type}'.`);
}

/** Calls `token[method]` with content, which is text or what a stream will give. */
function insert(object, method, given, content, options) {
  const token = tokenOf(object);
  required(given, 1, method, 'string or ReadableStream or Response', object[Symbol.toStringTag]);
  token.check();
  const isHtml = Boolean(options?.html);
  const stream = isResponse(content) ? content.body ?? '' : content;
  if (isReadableStream(stream)) token.insertStream(method, transformationOf(object).addStream(stream), isHtml);
  else token[method](stream, isHtml);
  return object;
}

function remove(object) {
  tokenOf(object).remove();
  return object;
}

export class Element extends ContentToken {
  get tagName() { return tokenOf(this).name(); }
  set tagName(name) { tokenOf(this).setName(name); }

  get attributes() {
    const token = tokenOf(this);
    return new AttributesIterator(token, token.attributes());
  }

  get removed() { return tokenOf(this).removed(); }
  get namespaceURI() { return tokenOf(this).namespaceUri(); }

  getAttribute(name) {
    const token = tokenOf(this);
    required(arguments.length, 1, 'getAttribute', 'string');
    return token.getAttribute(name) ?? null;
  }

  hasAttribute(name) {
    const token = tokenOf(this);
    required(arguments.length, 1, 'hasAttribute', 'string');
    return token.hasAttribute(name);
  }

  setAttribute(name, value) {
    const token = tokenOf(this);
    required(arguments.length, 2, 'setAttribute', 'string');
    token.setAttribute(name, value);
    return this;
  }

  removeAttribute(name) {
    const token = tokenOf(this);
    required(arguments.length, 1, 'removeAttribute', 'string');
    token.removeAttribute(name);
    return this;
  }

  before(content, options = undefined) { return insert(this, 'before', arguments.length, content, options); }
  after(content, options = undefined) { return insert(this, 'after', arguments.length, content, options); }
  prepend(content, options = undefined) { return insert(this, 'prepend', arguments.length, content, options); }
  append(content, options = undefined) { return insert(this, 'append', arguments.length, content, options); }
  replace(content, options = undefined) { return insert(this, 'replace', arguments.length, content, options); }
  setInnerContent(content, options = undefined) { return insert(this, 'setInnerContent', arguments.length, content, options); }
  remove() { return remove(this); }

  removeAndKeepContent() {
    tokenOf(this).removeAndKeepContent();
    return this;
  }

  onEndTag(handler) {
    const token = tokenOf(this);
    if (typeof handler !== 'function') throw new TypeError("Failed to execute 'onEndTag' on 'Element': parameter 1 is not of type 'function'.");
    token.check();
    token.onEndTag(transformationOf(this).addHandler(EndTag, undefined, handler));
  }
}

export class EndTag extends ContentToken {
  get name() { return tokenOf(this).name(); }
  set name(name) { tokenOf(this).setName(name); }
  before(content, options = undefined) { return insert(this, 'before', arguments.length, content, options); }
  after(content, options = undefined) { return insert(this, 'after', arguments.length, content, options); }
  remove() { return remove(this); }
}

export class Comment extends ContentToken {
  get text() { return tokenOf(this).text(); }
  set text(text) { tokenOf(this).setText(text); }
  get removed() { return tokenOf(this).removed(); }
  before(content, options = undefined) { return insert(this, 'before', arguments.length, content, options); }
  after(content, options = undefined) { return insert(this, 'after', arguments.length, content, options); }
  replace(content, options = undefined) { return insert(this, 'replace', arguments.length, content, options); }
  remove() { return remove(this); }
}

export class Text extends ContentToken {
  get text() { return tokenOf(this).text(); }
  get lastInTextNode() { return tokenOf(this).lastInTextNode(); }
  get removed() { return tokenOf(this).removed(); }
  before(content, options = undefined) { return insert(this, 'before', arguments.length, content, options); }
  after(content, options = undefined) { return insert(this, 'after', arguments.length, content, options); }
  replace(content, options = undefined) { return insert(this, 'replace', arguments.length, content, options); }
  remove() { return remove(this); }
}

export class Doctype extends ContentToken {
  get name() { return tokenOf(this).name() ?? null; }
  get publicId() { return tokenOf(this).publicId() ?? null; }
  get systemId() { return tokenOf(this).systemId() ?? null; }
}

export class DocumentEnd extends ContentToken {
  append(content, options = undefined) { return insert(this, 'append', arguments.length, content, options); }
}

export function install() {
  Object.setPrototypeOf(AttributesIterator.prototype, IteratorPrototype);
  for (const [name, Unit] of Object.entries({ AttributesIterator, Element, EndTag, Comment, Text, Doctype, DocumentEnd })) shapeInterface(name, Unit);
}
