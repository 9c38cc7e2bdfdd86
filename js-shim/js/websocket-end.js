// What is behind a WebSocket: an end of a pair within the sandbox, or a connection of the host's.
//
// A message is `{data}` or, as the last one, `{code, reason, wasClean}`. `final` says that the other side was answered.

import { queueTask } from './tasks.js';

const { acceptSocket, utf8Encode } = native;

/** The host's limit, for what waits until there is a client. */
const LARGEST = 1 << 20;
const TOO_LARGE = 'The WebSocket message is too large: 1 MiB may be sent.';

/** Bytes of what is sent. */
export function sizeOf(data) {
  return typeof data === 'string' ? utf8Encode(data).byteLength : data.byteLength;
}

/** Hands a message to the host. */
function pass(handle, message) {
  if (message.data === undefined) handle.close(message.code, message.reason);
  else if (!handle.send(typeof message.data === 'string' ? message.data : new Uint8Array(message.data))) throw new TypeError(TOO_LARGE);
}

/** Has `receive` called with what the host gives, each time in a task of its own. */
function take(handle, receive) {
  handle.start((data, code, reason, wasClean) => {
    receive(data === undefined ? { code, reason, wasClean, final: true } : { data });
  });
}

/** One end of a pair. What comes waits until `open` says who takes it. */
export class End {
  other = null;
  #waiting = [];
  #receive = null;
  // what is on its way to `#receive` in tasks
  #queued = 0;
  // set when the client has taken the place of this end's socket
  #handle = null;

  open(receive) {
    this.#receive = receive;
    for (const message of this.#waiting.splice(0)) this.#queue(message);
  }

  #queue(message) {
    this.#queued += 1;
    queueTask(() => {
      this.#queued -= 1;
      this.#receive(message);
    });
  }

  send(message) {
    const { other } = this;
    if (other.#handle !== null) {
      pass(other.#handle, message);
      return;
    }
    if (message.data !== undefined && sizeOf(message.data) > LARGEST) throw new TypeError(TOO_LARGE);
    if (other.#receive === null) other.#waiting.push(message);
    else other.#queue(message);
  }

  /** As send(), from a task that does nothing else. */
  #deliver(message) {
    const { other } = this;
    if (other.#receive === null) other.#waiting.push(message);
    else if (other.#queued > 0) other.#queue(message);
    else other.#receive(message);
  }

  /** Connects the other end with the client. */
  giveToClient() {
    const handle = acceptSocket();
    this.#handle = handle;
    for (const message of this.#waiting.splice(0)) pass(handle, message);
    take(handle, (message) => this.#deliver(message));
  }

  /** Bytes that the client has not got yet. What waits for an end of a pair in the sandbox counts too. */
  buffered() {
    const { other } = this;
    return other.#handle === null ? other.#waiting.reduce((sum, { data }) => sum + (data === undefined ? 0 : sizeOf(data)), 0) : other.#handle.buffered();
  }

  extensions() { return this.other.#handle === null ? '' : this.other.#handle.extensions(); }
}

/** A connection with another place. */
export class Remote {
  #handle;

  constructor(handle) { this.#handle = handle; }

  open(receive) { take(this.#handle, receive); }
  send(message) { pass(this.#handle, message); }
  giveToClient() { this.#handle.forward(); }
  buffered() { return this.#handle.buffered(); }
  extensions() { return this.#handle.extensions(); }
}
