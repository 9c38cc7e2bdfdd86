// The format text/event-stream (HTML standard sections 9.2.5 and 9.2.6).

const LINE_END = /\r\n|\n|\r/g;

export class EventStreamParser {
  // a line whose end has not come
  #rest = '';
  // the last chunk ended in CR, so that an LF in front of the next one belongs to it
  #endedInCr = false;
  #type = '';
  #data = '';
  #hasData = false;
  #idBuffer;
  #onEvent;
  #onRetry;

  /** `onEvent(type, data, lastEventId)`, `onId(id)` before it, and `onRetry(ms)` are called for what the stream says. */
  constructor({ lastEventId, onEvent, onRetry }) {
    this.#idBuffer = lastEventId;
    this.#onEvent = onEvent;
    this.#onRetry = onRetry;
  }

  push(chunk) {
    if (chunk === '') return;
    const begin = this.#endedInCr && chunk[0] === '\n' ? 1 : 0;
    this.#endedInCr = chunk.at(-1) === '\r';
    const text = this.#rest + chunk.slice(begin);
    let start = 0;
    LINE_END.lastIndex = this.#rest.length;
    for (let match = LINE_END.exec(text); match !== null; match = LINE_END.exec(text)) {
      const next = LINE_END.lastIndex;
      this.#line(text.slice(start, match.index));
      // a listener may have run another parser over the shared expression
      LINE_END.lastIndex = next;
      start = next;
    }
    this.#rest = text.slice(start);
  }

  #line(line) {
    if (line === '') {
      this.#dispatch();
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    this.#field(name, value);
  }

  #field(name, value) {
    switch (name) {
      case 'event':
        this.#type = value;
        break;
      case 'data':
        this.#data += this.#hasData ? `\n${value}` : value;
        this.#hasData = true;
        break;
      case 'id':
        if (!value.includes('\0')) this.#idBuffer = value;
        break;
      case 'retry':
        if (/^[0-9]+$/.test(value)) this.#onRetry(Number(value));
        break;
      default:
    }
  }

  #dispatch() {
    const type = this.#type === '' ? 'message' : this.#type;
    const data = this.#hasData ? this.#data : null;
    this.#type = '';
    this.#data = '';
    this.#hasData = false;
    this.#onEvent(type, data, this.#idBuffer);
  }
}
