// QuotaExceededError (WebIDL section 4.4): a DOMException that tells how much was asked for, and how much there is.

import { registerSerializable } from './cloneable.js';
import { DOMException } from './dom-exception.js';
import { dictionary, exposeInterfaces } from './webidl.js';

/** Null where it is not told. */
function amount(options, name) {
  const given = options[name];
  if (given === undefined) return null;
  const number = Number(given);
  if (!Number.isFinite(number)) throw new TypeError(`QuotaExceededError: ${name} must be a finite number.`);
  return number;
}

let isQuotaExceededError;

export class QuotaExceededError extends DOMException {
  #quota;
  #requested;

  constructor(message = '', options = undefined) {
    super(message, 'QuotaExceededError');
    const given = dictionary(options, 'QuotaExceededError: the options');
    this.#quota = amount(given, 'quota');
    this.#requested = amount(given, 'requested');
    if (this.#quota < 0 || this.#requested < 0) throw new RangeError('QuotaExceededError: quota and requested must not be negative.');
    if (this.#quota !== null && this.#requested !== null && this.#requested < this.#quota) {
      throw new RangeError('QuotaExceededError: requested must not be less than quota.');
    }
  }

  get quota() { return this.#quota; }
  get requested() { return this.#requested; }

  static {
    isQuotaExceededError = (value) => #quota in value;
  }
}

function clone(error) {
  const copy = new QuotaExceededError(error.message, { quota: error.quota ?? undefined, requested: error.requested ?? undefined });
  Object.defineProperty(copy, 'stack', { value: error.stack, writable: true, configurable: true });
  return copy;
}

export function install() {
  registerSerializable(isQuotaExceededError, clone);
  exposeInterfaces({ QuotaExceededError });
}
