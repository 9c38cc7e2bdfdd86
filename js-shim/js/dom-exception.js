// DOMException (WebIDL section 4.3).

import { registerSerializable } from './cloneable.js';
import { defineConstants, exposeInterfaces } from './webidl.js';

const CODES = {
  IndexSizeError: 1, HierarchyRequestError: 3, WrongDocumentError: 4, InvalidCharacterError: 5,
  NoModificationAllowedError: 7, NotFoundError: 8, NotSupportedError: 9, InUseAttributeError: 10,
  InvalidStateError: 11, SyntaxError: 12, InvalidModificationError: 13, NamespaceError: 14, InvalidAccessError: 15,
  TypeMismatchError: 17, SecurityError: 18, NetworkError: 19, AbortError: 20, URLMismatchError: 21,
  QuotaExceededError: 22, TimeoutError: 23, InvalidNodeTypeError: 24, DataCloneError: 25,
};

const CONSTANTS = {
  INDEX_SIZE_ERR: 1, DOMSTRING_SIZE_ERR: 2, HIERARCHY_REQUEST_ERR: 3, WRONG_DOCUMENT_ERR: 4, INVALID_CHARACTER_ERR: 5,
  NO_DATA_ALLOWED_ERR: 6, NO_MODIFICATION_ALLOWED_ERR: 7, NOT_FOUND_ERR: 8, NOT_SUPPORTED_ERR: 9,
  INUSE_ATTRIBUTE_ERR: 10, INVALID_STATE_ERR: 11, SYNTAX_ERR: 12, INVALID_MODIFICATION_ERR: 13, NAMESPACE_ERR: 14,
  INVALID_ACCESS_ERR: 15, VALIDATION_ERR: 16, TYPE_MISMATCH_ERR: 17, SECURITY_ERR: 18, NETWORK_ERR: 19, ABORT_ERR: 20,
  URL_MISMATCH_ERR: 21, QUOTA_EXCEEDED_ERR: 22, TIMEOUT_ERR: 23, INVALID_NODE_TYPE_ERR: 24, DATA_CLONE_ERR: 25,
};

let isDOMException;
let nameOf;
let messageOf;
let stamp;

/** Gives private fields to an object that another constructor made. */
class Stamp extends (function (object) { return object; }) {
  #name;
  #message;

  constructor(error, message, name) {
    super(error);
    this.#message = message;
    this.#name = name;
  }

  static {
    isDOMException = (value) => #name in value;
    nameOf = (error) => error.#name;
    messageOf = (error) => error.#message;
    stamp = (error, message, name) => new Stamp(error, message, name);
  }
}

// It makes Errors, and its prototype inherits from theirs, but the interface itself does not inherit from Error.
export class DOMException {
  constructor(message = '', options = 'Error') {
    const error = Reflect.construct(Error, [], new.target);
    const text = `${message}`;
    if (options === null || typeof options !== 'object') return stamp(error, text, `${options}`);
    if ('cause' in options) {
      Object.defineProperty(error, 'cause', { value: options.cause, writable: true, configurable: true });
    }
    return stamp(error, text, options.name === undefined ? 'Error' : `${options.name}`);
  }

  get name() { return nameOf(this); }
  get message() { return messageOf(this); }

  get code() {
    const name = nameOf(this);
    return Object.hasOwn(CODES, name) ? CODES[name] : 0;
  }

  static {
    Object.setPrototypeOf(this.prototype, Error.prototype);
  }
}

function clone(exception) {
  const copy = new DOMException(exception.message, exception.name);
  Object.defineProperty(copy, 'stack', { value: exception.stack, writable: true, configurable: true });
  return copy;
}

export function install() {
  registerSerializable(isDOMException, clone);
  exposeInterfaces({ DOMException });
  defineConstants(DOMException, CONSTANTS);
}
