// What becomes of errors nobody caught (HTML standard sections 8.1.4.6, 8.1.5.7, 8.1.6.7).

import { cleanStack, describeError } from './errors.js';
import { fireGlobal, globalTarget, hasListeners } from './event-target.js';
import { ErrorEvent, PromiseRejectionEvent } from './event-types.js';

const { log } = native;
const ERROR_LEVEL = 4;

// `    at f (worker.js:3:7)` or `    at worker.js:3:7`
const POSITION = /\(?([^\s(]+):(\d+):(\d+)\)?\s*$/;

// a listener for `error` that throws must not report to itself
let reporting = false;

// rejections that `unhandledrejection` told of and nobody prevented
const outstanding = new WeakSet();

function logError(prefix, error) {
  const [name, message, stack] = describeError(error);
  log(ERROR_LEVEL, `${prefix}${name}: ${message}${stack === '' ? '' : `\n${stack}`}`);
}

/** Where an error was made, or the call that reports a value which does not know. */
function positionOf(error) {
  const stack = error instanceof Error ? error.stack : new Error().stack;
  for (const line of cleanStack(stack).split('\n')) {
    const match = POSITION.exec(line);
    if (match !== null) return { filename: match[1], lineno: Number(match[2]), colno: Number(match[3]) };
  }
  return { filename: '', lineno: 0, colno: 0 };
}

function messageOf(error) {
  const [name, message] = describeError(error);
  return message.startsWith('uncaught ') ? message : `Uncaught ${name}: ${message}`;
}

/** Fires `error` at the global object; logs unless a listener called preventDefault(). */
export function reportException(error) {
  if (!reporting && hasListeners(globalTarget, 'error')) {
    reporting = true;
    try {
      const event = new ErrorEvent('error', { error, message: messageOf(error), cancelable: true, ...positionOf(error) });
      if (!fireGlobal(event)) return;
    } finally {
      reporting = false;
    }
  }
  logError('Uncaught ', error);
}

export function unhandledRejection(reason, promise) {
  if (hasListeners(globalTarget, 'unhandledrejection')) {
    const event = new PromiseRejectionEvent('unhandledrejection', { promise, reason, cancelable: true });
    if (!fireGlobal(event)) return;
  }
  outstanding.add(promise);
  logError('Uncaught (in promise) ', reason);
}

/** A rejection that was reported has got a handler after all. */
export function rejectionHandled(reason, promise) {
  if (!outstanding.delete(promise) || !hasListeners(globalTarget, 'rejectionhandled')) return;
  fireGlobal(new PromiseRejectionEvent('rejectionhandled', { promise, reason }));
}

/** Calls what a worker gave; an error goes to `reportException`, so that no job of the queue ever throws. */
export function runReported(callback, args, thisArg) {
  try {
    Reflect.apply(callback, thisArg, args);
  } catch (error) {
    reportException(error);
  }
}
