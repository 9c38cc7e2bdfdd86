// The global object: self, reportError(), queueMicrotask(), and what becomes of errors nobody caught.

import { describeError } from './errors.js';
import { dispatch, ErrorEvent, globalTarget, hasListeners, onListenerError, PromiseRejectionEvent } from './events.js';
import { exposeFunctions, exposeReplaceable } from './webidl.js';

const { log, random } = native;
const ERROR_LEVEL = 4;

function logError(prefix, error) {
  const [name, message, stack] = describeError(error);
  log(ERROR_LEVEL, `${prefix}${name}: ${message}${stack === '' ? '' : `\n${stack}`}`);
}

/** Fires `error` at the global object; logs unless a listener called preventDefault(). */
export function reportException(error) {
  if (hasListeners(globalTarget, 'error') && !reporting) {
    reporting = true;
    try {
      const [, message] = describeError(error);
      const event = new ErrorEvent('error', { error, message, cancelable: true });
      dispatch(globalTarget, event, globalThis);
      if (event.defaultPrevented) return;
    } finally {
      reporting = false;
    }
  }
  logError('Uncaught ', error);
}

// a listener for `error` that throws must not report to itself
let reporting = false;

export function unhandledRejection(reason, promise) {
  if (hasListeners(globalTarget, 'unhandledrejection')) {
    const event = new PromiseRejectionEvent('unhandledrejection', { promise, reason, cancelable: true });
    dispatch(globalTarget, event, globalThis);
    if (event.defaultPrevented) return;
  }
  logError('Uncaught (in promise) ', reason);
}

/** Calls what a worker gave; an error goes to `reportException`, so that no job of the queue ever throws. */
export function runReported(callback, args) {
  try {
    callback(...args);
  } catch (error) {
    reportException(error);
  }
}

export function install() {
  onListenerError(reportException);
  exposeReplaceable('self', globalThis);
  Object.defineProperty(globalThis, Symbol.toStringTag, { value: 'ServiceWorkerGlobalScope', configurable: true });
  // Math.random goes to the host's seed, since the engine's own would be frozen into the snapshot
  Object.defineProperty(Math, 'random', { value: random, writable: true, enumerable: false, configurable: true });
  exposeFunctions({
    queueMicrotask(callback) {
      if (typeof callback !== 'function') throw new TypeError('queueMicrotask: the callback must be a function.');
      Promise.resolve().then(() => runReported(callback, []));
    },
    reportError(error) { reportException(error); },
  });
}
