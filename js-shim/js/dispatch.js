// From an incoming request to the worker's handler and back.

import { answer, beginRun, ExecutionContext, failRun, waitUntil } from './context.js';
import { env } from './env.js';
import { describeError } from './errors.js';
import { eventArgument, fireEvent } from './event-handlers.js';
import { globalTarget, hasListeners } from './event-target.js';
import { runEvent } from './fetch-event.js';
import { describePending } from './pending.js';
import { Request } from './request.js';
import { isResponse, sendResponse } from './response.js';
import { drain } from './streams.js';
import { kInternal } from './webidl.js';
import { WorkerEntrypoint } from './workers.js';

const { abortBody, endBody, peek, writeBody } = native;

const HANDLERS = ['fetch', 'scheduled', 'queue', 'tail', 'email'];
const LISTENERS = ['fetch', 'scheduled', 'tail'];

/** True while the handler's promise is not settled. */
let awaited = false;

/** Calls the worker's fetch handler; chosen by `register`. */
let callHandler = () => {
  throw new Error('No event handlers were registered. This script does nothing.');
};

/** Calls the worker's handler of an event that is no request: `(kind, argument, ctx)`. */
let callEventHandler = null;

function isEntrypointClass(value) {
  return typeof value === 'function' && value.prototype instanceof WorkerEntrypoint;
}

function noHandler(message) {
  const error = new Error(message);
  error.name = 'NoHandlerError';
  return error;
}

/** Finds the handlers of the worker's module, or of its listeners, and gives their names. */
export function register(namespace) {
  const exported = namespace?.default;
  if (exported === undefined || exported === null) {
    const types = LISTENERS.filter((type) => hasListeners(globalTarget, type));
    if (types.length === 0) throw noHandler('No event handlers were registered. This script does nothing. Add `export default { fetch(request, env, ctx) { … } }`.');
    callHandler = callListeners;
    callEventHandler = (kind, argument) => {
      if (!types.includes(kind)) throw new TypeError(`No ${kind} event listener is registered.`);
      fireEvent(kind, argument);
    };
    return types;
  }
  if (typeof exported !== 'object' && typeof exported !== 'function') {
    throw noHandler(`The default export must be an object or a class with a fetch() method, but it is ${typeof exported}.`);
  }
  const isClass = isEntrypointClass(exported);
  const holder = isClass ? exported.prototype : exported;
  const names = HANDLERS.filter((name) => typeof holder[name] === 'function');
  if (names.length === 0) {
    const hint = typeof exported === 'function' && !isClass ? ' A class must extend WorkerEntrypoint from "cloudflare:workers".' : '';
    throw noHandler(`Handler does not export a fetch() function.${hint}`);
  }
  callEventHandler = (kind, argument, ctx) => {
    if (!names.includes(kind)) throw new TypeError(`Handler does not export a ${kind}() function.`);
    return isClass ? new exported(ctx, env)[kind](argument) : exported[kind](argument, env, ctx);
  };
  if (!names.includes('fetch')) {
    callHandler = () => {
      throw new TypeError('Handler does not export a fetch() function.');
    };
  } else if (isClass) {
    callHandler = (request, ctx) => new exported(ctx, env).fetch(request);
  } else {
    callHandler = (request, ctx) => exported.fetch(request, env, ctx);
  }
  return names;
}

function callListeners(request) {
  const response = runEvent(request);
  if (response === null) throw new TypeError('No fetch event listener called event.respondWith().');
  return response;
}

/** Runs the handler for one request. */
export function handle(incoming) {
  beginRun();
  let result;
  try {
    result = callHandler(new Request(kInternal, incoming), new ExecutionContext(kInternal));
    if (!isResponse(result)) {
      // an async handler that never had to wait has its response already
      const value = peek(result);
      if (!isResponse(value)) {
        awaited = true;
        Promise.resolve(result).then(send, failed);
        return;
      }
      result = value;
    }
  } catch (error) {
    failed(error);
    return;
  }
  send(result);
}

/** Runs the handler of an event that is no request. Its promise is waited for as `waitUntil` work is. */
export function handleEvent(kind, text, time) {
  beginRun();
  try {
    const ctx = new ExecutionContext(kInternal);
    waitUntil(callEventHandler(kind, eventArgument(kind, text, time), ctx));
  } catch (error) {
    failRun(error);
  }
  answer();
}

/** One line for each thing the run waits for. */
export function pending() {
  const lines = describePending();
  if (awaited) lines.unshift('the promise of the response, which the fetch handler returned');
  return lines;
}

function failed(error) {
  awaited = false;
  failRun(error);
  answer();
}

function send(response) {
  awaited = false;
  let stream;
  try {
    if (!isResponse(response)) {
      const got = response === null ? 'null' : typeof response === 'object' ? response.constructor?.name ?? 'an object' : typeof response;
      throw new TypeError(`Incorrect type for Promise: the Promise did not resolve to 'Response'. The fetch handler gave ${got}: does every path return a Response?`);
    }
    stream = sendResponse(response);
  } catch (error) {
    failed(error);
    return;
  }
  if (stream !== null) {
    drain(stream, writeBody, 'the next chunk of the response body (a ReadableStream)').then(
      () => endBody(),
      (error) => abortBody(...describeError(error)),
    );
  }
  answer();
}
