// The run of one request: what it waits for, and the `ctx` a handler gets.

import { describeError } from './errors.js';
import { began, settled } from './pending.js';
import { illegalInvocation, kInternal, shapeInterface } from './webidl.js';

const { done, fail, passThroughOnException } = native;

// One sandbox serves one request, so the state of the run needs no object.
let answered = false;
let waiting = 0;
// Failures of what was given to waitUntil(), which do not take the response's place.
let late = [];

export function beginRun() {
  answered = false;
  waiting = 0;
  late = [];
}

/** The response is under way, or the failure has been reported. */
export function answer() {
  answered = true;
  late.forEach(failRun);
  if (waiting === 0) done();
}

export function failRun(error) {
  const [name, message, stack] = describeError(error);
  fail(name, message, stack);
}

export function waitUntil(promise) {
  waiting += 1;
  const entry = began('a promise given to waitUntil()');
  const finished = () => {
    settled(entry);
    waiting -= 1;
    if (answered && waiting === 0) done();
  };
  Promise.resolve(promise).then(finished, (error) => {
    if (answered) failRun(error);
    else late.push(error);
    finished();
  });
}

export class ExecutionContext {
  // made when it is asked for
  #props = null;

  constructor(token = undefined) {
    if (token !== kInternal) throw new TypeError('Illegal constructor');
  }

  static #check(context) {
    if (typeof context !== 'object' || context === null || !(#props in context)) throw illegalInvocation('ctx.waitUntil(…)');
  }

  waitUntil(promise) {
    ExecutionContext.#check(this);
    waitUntil(promise);
  }

  passThroughOnException() {
    ExecutionContext.#check(this);
    passThroughOnException();
  }

  get props() {
    ExecutionContext.#check(this);
    return this.#props ??= {};
  }
}

export function install() {
  shapeInterface('ExecutionContext', ExecutionContext);
}
