// The global object: its interfaces, and the members that belong to no other file (HTML standard sections 8.2, 10.2).

import { ErrorEvent } from './event-types.js';
import { defineHandler, EventTarget, onListenerError } from './event-target.js';
import { reportException, runReported } from './report.js';
import { exposeAttribute, exposeFunctions, exposeInterfaces, exposeMembersOn, exposeReplaceable, requireArguments, requireGlobal } from './webidl.js';

const { random } = native;

class WorkerGlobalScope extends EventTarget {
  constructor() {
    throw new TypeError('Illegal constructor');
  }
}

class ServiceWorkerGlobalScope extends WorkerGlobalScope {}

// a handler for `error` gets what the event holds
function errorArguments(event) {
  return event instanceof ErrorEvent ? [event.message, event.filename, event.lineno, event.colno, event.error] : [event];
}

export function install() {
  exposeInterfaces({ ServiceWorkerGlobalScope, WorkerGlobalScope });
  // the engine's own tag says "global"
  delete globalThis[Symbol.toStringTag];
  Object.setPrototypeOf(globalThis, ServiceWorkerGlobalScope.prototype);
  exposeMembersOn(WorkerGlobalScope.prototype);
  defineHandler(WorkerGlobalScope.prototype, 'error', errorArguments);
  for (const type of ['languagechange', 'offline', 'online', 'rejectionhandled', 'unhandledrejection']) {
    defineHandler(WorkerGlobalScope.prototype, type);
  }
  onListenerError(reportException);

  exposeAttribute('self', () => globalThis);
  exposeAttribute('isSecureContext', () => true);
  exposeAttribute('crossOriginIsolated', () => false);
  // a worker has no origin of its own: it answers for all that are routed to it
  exposeReplaceable('origin', 'null');
  // Math.random goes to the host's seed, since the engine's own would be frozen into the snapshot
  Object.defineProperty(Math, 'random', { value: random, writable: true, enumerable: false, configurable: true });
  exposeFunctions({
    queueMicrotask(callback) {
      requireGlobal(this, 'queueMicrotask(…)');
      if (typeof callback !== 'function') throw new TypeError('queueMicrotask: the callback must be a function.');
      Promise.resolve().then(() => runReported(callback, [], undefined));
    },
    reportError(error) {
      requireGlobal(this, 'reportError(…)');
      requireArguments(arguments.length, 1, 'reportError');
      reportException(error);
    },
  });
}
