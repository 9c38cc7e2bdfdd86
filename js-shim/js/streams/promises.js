// Promises as the standard's algorithms use them: a worker that replaces `Promise.prototype.then` changes nothing here.

const { call } = Function.prototype;

/** A method as a function whose first argument is `this`. */
export const uncurry = (method) => call.bind(method);

export const { apply } = Reflect;

/** "Upon fulfilment" and "upon rejection". Gives the derived promise. */
export const then = uncurry(Promise.prototype.then);

/** `{ promise, resolve, reject }` */
export const newDeferred = Promise.withResolvers.bind(Promise);

export const promiseOf = Promise.resolve.bind(Promise);

export const rejection = Promise.reject.bind(Promise);

/** For those who only wait: never given out. */
export const RESOLVED = Promise.resolve();

/** "A promise resolved with": a promise of a promise takes its time. */
export function resolvedWith(value) {
  if (value === undefined) return RESOLVED;
  const { promise, resolve } = newDeferred();
  resolve(value);
  return promise;
}

/** As resolvedWith(promise), for a promise of the prelude's own: asks nobody for its `then`. */
export function following(promise) {
  const { promise: follower, resolve, reject } = newDeferred();
  later(() => then(promise, resolve, reject));
  return follower;
}

/** Calls what a worker gave as an algorithm that gives a promise. */
export function callAlgorithm(method, self, args) {
  try {
    return resolvedWith(apply(method, self, args));
  } catch (error) {
    return rejection(error);
  }
}

export function noop() {}

/** Marks a promise as handled: its rejection is not reported. */
export function handled(promise) {
  then(promise, undefined, noop);
  return promise;
}

/** Calls `steps` in a microtask. */
export function later(steps) {
  then(RESOLVED, steps);
}

/**
 * A promise of a record that is made when somebody looks at it: most readers and writers are asked for neither
 * `closed` nor `ready`.
 */
export class LazyPromise {
  // undefined: pending, true: fulfilled, false: rejected with `error`
  outcome = undefined;
  error = undefined;
  deferred = null;

  get promise() {
    if (this.deferred === null) {
      this.deferred = newDeferred();
      if (this.outcome === true) this.deferred.resolve(undefined);
      else if (this.outcome === false) this.#reject();
    }
    return this.deferred.promise;
  }

  get isPending() { return this.outcome === undefined; }

  resolve() {
    this.outcome = true;
    this.deferred?.resolve(undefined);
  }

  /** Rejects the promise, or another one in its place when it is settled already. */
  reject(error) {
    if (this.outcome !== undefined) this.deferred = null;
    this.outcome = false;
    this.error = error;
    if (this.deferred !== null) this.#reject();
  }

  /** Another promise, pending, takes its place. */
  renew() {
    this.outcome = undefined;
    this.deferred = null;
  }

  #reject() {
    this.deferred.reject(this.error);
    handled(this.deferred.promise);
  }
}
