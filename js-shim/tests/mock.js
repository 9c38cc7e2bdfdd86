// The impure natives (README.md), played by JavaScript: a virtual clock, an outgoing network of routes, a client.

class BodyHandle {
  #chunks;
  reads = 0;
  canceled = false;

  constructor(chunks) {
    this.#chunks = chunks.map((chunk) => (typeof chunk === 'string' ? native.utf8Encode(chunk) : chunk));
  }

  get contentLength() { return -1; }

  async read() {
    this.reads += 1;
    const chunk = this.#chunks.shift();
    if (chunk instanceof Error) throw chunk;
    return chunk ?? null;
  }

  async bytes() {
    const all = [];
    for (let chunk = await this.read(); chunk !== null; chunk = await this.read()) all.push(...chunk);
    return new Uint8Array(all).buffer;
  }

  async text() { return native.utf8Decode(new Uint8Array(await this.bytes()), false, false); }

  cancel() { this.canceled = true; }
}

class Incoming {
  constructor({ method = 'GET', url = 'https://worker.test/', headers = {}, body = null } = {}) {
    Object.assign(this, { method, url, headers: mock.headerList(headers), body });
  }
}

class FetchHandle {
  aborted = false;
  failed = false;
  written = [];

  constructor(promise) { this.promise = promise; }
  abort() { this.aborted = true; }
  async write(bytes) {
    if (this.refused) throw new TypeError('Network connection lost.');
    this.written.push(...bytes);
  }
  end() { this.ended = true; }
  fail() { this.failed = true; }
}

/** A connection: what JavaScript did with it, and `start`'s callback to let things come in. */
class SocketHandle {
  sent = [];
  closed = null;
  forwarded = false;
  callback = null;
  start(callback) { this.callback = callback; }
  send(data) {
    if (data.length > 1 << 20) return false;
    this.sent.push(typeof data === 'string' ? data : [...data]);
    return true;
  }

  close(code, reason) { this.closed = [code, reason]; }
  buffered() { return 7; }
  extensions() { return ''; }
  forward() { this.forwarded = true; }
}

// called when the run has come nearer to its end
let moved = () => {};

const timers = new Map();
let nextTimer = 1;
let clock = 0;

/** Answers by the route of that name: a response, or a function that gives one or throws. */
function subrequest(sent, name) {
  mock.sent.push(sent);
  const route = mock.routes[name];
  const answer = async () => {
    if (route === undefined) throw new TypeError(`no route to ${name}`);
    const { status = 200, headers: answered = {}, body: content = null, delay, socket } = typeof route === 'function' ? await route(sent) : route;
    if (delay !== undefined) await new Promise((resolve) => { native.setTimer(delay, false, resolve); });
    const chunks = content === null || Array.isArray(content) ? content : [content];
    sent.answer = chunks === null ? null : new BodyHandle(chunks);
    return { status, headers: mock.headerList(answered), body: sent.answer, socket };
  };
  // a route sees the handle, so not before it is there
  sent.handle = new FetchHandle(Promise.resolve().then(answer));
  return sent.handle;
}

const native = {
  now: () => 1_700_000_000_000 + clock,
  monotonicNow: () => clock + 1,
  interrupted: () => false,
  random: () => 0.5,
  // xorshift32: never the same bytes twice
  randomBytes: (length) => new Uint8Array(length).map(() => {
    mock.random ^= mock.random << 13;
    mock.random ^= mock.random >>> 17;
    mock.random ^= mock.random << 5;
    return mock.random;
  }).buffer,
  log: (level, text) => { mock.logs.push([level, text]); },
  setTimer(ms, repeat, fn) {
    const id = nextTimer++;
    timers.set(id, { due: clock + ms, ms, repeat, fn });
    return id;
  },
  clearTimer: (id) => { timers.delete(id); },
  fetch: (method, url, headers, body) => subrequest({ method, url, headers: Object.fromEntries(headers.entries()), body }, url),
  callBinding(binding, method, target, headers, body) {
    return subrequest({ binding, method, target, headers: headers === null ? {} : Object.fromEntries(headers.entries()), body }, binding);
  },
  acceptSocket() {
    mock.socket = new SocketHandle();
    return mock.socket;
  },
  version() {
    mock.versions += 1;
    return { id: '0123456789ab', tag: 'v1', timestamp: '2026-01-02T03:04:05Z' };
  },
  respond(status, headers, contentType, body) {
    if (mock.response !== null) throw new Error('respond was called twice');
    const list = Object.fromEntries(headers === null ? [] : headers.entries());
    if (contentType !== null) list['content-type'] = contentType;
    mock.response = { status, headers: list, body, written: [] };
    return true;
  },
  async writeBody(bytes) {
    if (mock.clientGone) throw new Error('the client is gone');
    mock.response.written.push(...bytes);
  },
  endBody() {
    mock.response.ended = true;
    moved();
  },
  abortBody(name, message) {
    mock.response.aborted = `${name}: ${message}`;
    moved();
  },
  fail: (name, message, stack) => { mock.failures.push({ name, message, stack }); },
  done() {
    mock.dones += 1;
    moved();
  },
  passThroughOnException: () => { mock.passedThrough = true; },
  settle(promise) {
    while (native.isPending(promise)) {
      if (!mock.runJob() && !mock.tick()) throw new Error('This promise can never settle.');
    }
    return mock.resultOf(promise);
  },
  disallow(what) {
    if (mock.startup) throw new Error(`Disallowed operation called within global scope: ${what}`);
  },
};

const mock = {
  BodyHandle,
  SocketHandle,
  native,
  startup: false,
  reset() {
    Object.assign(mock, { logs: [], sent: [], routes: {}, response: null, failures: [], dones: 0, passedThrough: false, clientGone: false, versions: 0, random: 1, socket: null });
  },
  headerList(record) {
    const list = new native.HeaderList();
    for (const [name, value] of Array.isArray(record) ? record : Object.entries(record)) list.append(name, value);
    return list;
  },
  incoming: (init) => new Incoming(init),
  body: (...chunks) => new BodyHandle(chunks),
  progress: () => new Promise((resolve) => { moved = resolve; }),
  /** Fires the next timer; false when there is none. */
  tick() {
    let next;
    for (const [id, timer] of timers) if (next === undefined || timer.due < next.timer.due) next = { id, timer };
    if (next === undefined) return false;
    clock = Math.max(clock, next.timer.due);
    if (next.timer.repeat) next.timer.due = clock + Math.max(1, next.timer.ms);
    else timers.delete(next.id);
    next.timer.fn();
    return true;
  },
  timers: () => timers.size,
};
mock.reset();

export default mock;
