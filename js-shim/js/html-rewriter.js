// HTMLRewriter: handlers for elements, comments, text and more of a response's HTML. lol_html parses (src/web/rewriter).

import * as tokens from './html-tokens.js';
import { began, settled } from './pending.js';
import { isResponse, Response } from './response.js';
import { chunkBytes, ReadableStream } from './streams.js';
import { exposeInterfaces, kInternal } from './webidl.js';

const { checkSelector, isPending, Rewriter, settle } = native;
const { Comment, Doctype, DocumentEnd, Element, Text } = tokens;

const ELEMENT_HANDLERS = { element: Element, comments: Comment, text: Text };
const DOCUMENT_HANDLERS = { doctype: Doctype, comments: Comment, text: Text, end: DocumentEnd };

function ignore() {}

/** One response on its way through its handlers. */
class Transformation {
  #handlers = [];
  #streams = new Map();
  #rewriter;
  #source;
  #controller;
  #dispatch = (id, token) => (token === undefined ? this.#nextChunk(id) : this.#handle(id, token));
  // whether somebody wants bytes, and what to call when somebody does
  #wanted = false;
  #onWanted = ignore;

  constructor(registered, encoding) {
    const entries = registered.map(([selector, kinds, holder, callbacks]) => [
      selector, ...callbacks.map((callback, index) => (callback === undefined ? null : this.addHandler(kinds[index], holder, callback))),
    ]);
    this.#rewriter = new Rewriter(encoding, entries);
  }

  /** The number by which Rust knows a handler. */
  addHandler(Unit, holder, callback) { return this.#handlers.push({ Unit, holder, callback }) - 1; }

  /** The number by which Rust asks for the content of a stream. */
  addStream(stream) {
    const id = this.#streams.size;
    this.#streams.set(id, stream.getReader());
    return id;
  }

  /** The rewritten body. Parsing begins with the first read. */
  start(source) {
    this.#source = source.getReader();
    let running = null;
    return new ReadableStream({
      type: 'bytes',
      start: (controller) => { this.#controller = controller; },
      pull: () => {
        this.#wanted = true;
        this.#onWanted();
        running ??= this.#run();
      },
      cancel: (reason) => this.#source.cancel(reason),
    }, { highWaterMark: 0 });
  }

  async #run() {
    const source = this.#source;
    try {
      for (;;) {
        await this.#demand();
        const entry = began('the next chunk of the response that an HTMLRewriter transforms');
        const { done, value } = await source.read().finally(() => settled(entry));
        if (done) break;
        this.#rewriter.write(chunkBytes(value), this.#dispatch);
        this.#flush();
      }
      this.#rewriter.end(this.#dispatch);
      this.#flush();
      this.#controller.close();
      this.#controller.byobRequest?.respond(0);
    } catch (error) {
      source.cancel(error).catch(ignore);
      for (const reader of this.#streams.values()) reader.cancel(error).catch(ignore);
      this.#controller.error(error);
    }
  }

  /** Settles when the reader of the rewritten body wants more. */
  #demand() {
    if (this.#wanted) return undefined;
    return new Promise((resolve) => { this.#onWanted = resolve; });
  }

  #flush() {
    const bytes = this.#rewriter.take();
    if (bytes === undefined || bytes === null) return;
    this.#wanted = false;
    this.#controller.enqueue(bytes);
  }

  /** Lets everything else go on until `promise` has settled, and gives its value. */
  #wait(promise, what) {
    promise.then(undefined, ignore);
    // what came so far need not wait
    if (isPending(promise)) this.#flush();
    const entry = began(what);
    try {
      return settle(promise);
    } finally {
      settled(entry);
    }
  }

  #handle(id, token) {
    const { Unit, holder, callback } = this.#handlers[id];
    const result = Reflect.apply(callback, holder, [new Unit(kInternal, token, this)]);
    if (typeof result === 'object' && result !== null && typeof result.then === 'function') this.#wait(Promise.resolve(result), 'the promise of an HTMLRewriter handler');
  }

  #nextChunk(id) {
    const reader = this.#streams.get(id);
    this.#flush();
    const demand = this.#demand();
    if (demand !== undefined) this.#wait(demand, 'the reader of what an HTMLRewriter gives');
    const { done, value } = this.#wait(reader.read(), 'the next chunk of a stream inserted by an HTMLRewriter');
    return done ? null : chunkBytes(value);
  }
}

/** The callbacks that `handlers` has, in the order of `kinds`. */
function callbacksOf(handlers, kinds, dictionary, call) {
  if (handlers === null) return Object.keys(kinds).map(() => undefined);
  if (typeof handlers !== 'object' && typeof handlers !== 'function') {
    throw new TypeError(`Failed to execute ${call} is not of type '${dictionary}'.`);
  }
  return Object.keys(kinds).map((name) => {
    const callback = handlers[name];
    if (callback !== undefined && typeof callback !== 'function') {
      throw new TypeError(`Incorrect type for the '${name}' field on '${dictionary}': the provided value is not of type 'function'.`);
    }
    return callback;
  });
}

/** The charset that a content type names. */
function charsetOf(contentType) {
  const match = /;\s*charset\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(contentType ?? '');
  return match === null ? 'utf-8' : match[1] ?? match[2];
}

export class HTMLRewriter {
  #registered = [];

  on(selector, handlers) {
    const text = `${selector}`;
    checkSelector(text);
    const callbacks = callbacksOf(handlers, ELEMENT_HANDLERS, 'ElementContentHandlers', "'on' on 'HTMLRewriter': parameter 2");
    this.#registered.push([text, Object.values(ELEMENT_HANDLERS), handlers, callbacks]);
    return this;
  }

  onDocument(handlers) {
    const callbacks = callbacksOf(handlers, DOCUMENT_HANDLERS, 'DocumentContentHandlers', "'onDocument' on 'HTMLRewriter': parameter 1");
    this.#registered.push([null, Object.values(DOCUMENT_HANDLERS), handlers, callbacks]);
    return this;
  }

  transform(response) {
    const registered = this.#registered;
    if (!isResponse(response)) throw new TypeError("Failed to execute 'transform' on 'HTMLRewriter': parameter 1 is not of type 'Response'.");
    const { body } = response;
    if (body === null) return response;
    const transformation = new Transformation(registered, charsetOf(response.headers.get('content-type')));
    const transformed = new Response(transformation.start(body), response);
    transformed.headers.delete('content-length');
    return transformed;
  }
}

export function install() {
  tokens.install();
  exposeInterfaces({ HTMLRewriter });
}
