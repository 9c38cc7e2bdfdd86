const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** Two ends, and what happened to each. */
function pair() {
  const [a, b] = Object.values(new WebSocketPair());
  const seen = [];
  for (const [name, socket] of [['a', a], ['b', b]]) {
    for (const type of ['open', 'message', 'close', 'error']) {
      socket.addEventListener(type, (event) => {
        assert.equal(event.target, socket);
        seen.push(type === 'close' ? [name, type, event.code, event.reason, event.wasClean, socket.readyState] : [name, type, event.data]);
      });
    }
  }
  return { a, b, seen };
}

test('a pair has two ends', () => {
  const made = new WebSocketPair();
  assert.deepEqual(Object.keys(made), ['0', '1']);
  assert.deepEqual([...made].map((socket) => socket instanceof WebSocket), [true, true]);
  const { a, b } = pair();
  assert.deepEqual([a.readyState, b.readyState, a.url, a.protocol, a.extensions, a.binaryType, a.bufferedAmount], [1, 1, null, '', '', 'arraybuffer', 0]);
  assert.ok(a instanceof EventTarget);
});

test('nothing can be sent before accept()', () => {
  const { a } = pair();
  const message = 'You must call one of accept() or state.acceptWebSocket() on this WebSocket before sending messages.';
  assert.throws(() => a.send('x'), 'TypeError', message);
  assert.throws(() => a.close(), 'TypeError', message);
});

test('messages come in order, once the other end accepts', async () => {
  const { a, b, seen } = pair();
  a.accept();
  a.accept();
  const bytes = new Uint8Array([1, 2]);
  a.send('one');
  a.send(bytes);
  bytes[0] = 9;
  a.send(5);
  a.send('\ud800');
  await sleep(1);
  assert.deepEqual(seen, []);
  b.accept();
  assert.deepEqual(seen, []);
  await sleep(1);
  assert.deepEqual(seen.map(([name, type, data]) => [name, type, data instanceof ArrayBuffer ? [...new Uint8Array(data)] : data]),
    [['b', 'message', 'one'], ['b', 'message', [1, 2]], ['b', 'message', '5'], ['b', 'message', '\ufffd']]);
  b.send('back');
  await sleep(1);
  assert.deepEqual(seen[4], ['a', 'message', 'back']);
});

test('binaryType and the handler attributes', async () => {
  const { a, b } = pair();
  a.accept();
  b.accept();
  b.binaryType = 'blob';
  b.binaryType = 'other';
  const got = new Promise((resolve) => { b.onmessage = resolve; });
  a.send(new Uint8Array([65]));
  const { data } = await got;
  assert.ok(data instanceof Blob);
  assert.equal(await data.text(), 'A');
});

test('each side closes', async () => {
  const { a, b, seen } = pair();
  a.accept();
  b.accept();
  a.close(3001, 'bye');
  assert.deepEqual([a.readyState, b.readyState], [2, 1]);
  assert.throws(() => a.send('x'), 'TypeError', "Can't call WebSocket send() after close().");
  a.close();
  await sleep(1);
  assert.deepEqual(seen, [['b', 'close', 3001, 'bye', true, 2]]);
  b.send('late');
  b.close();
  await sleep(1);
  assert.deepEqual(seen.slice(1), [['a', 'message', 'late'], ['a', 'close', 1005, '', true, 3]]);
  assert.deepEqual([a.readyState, b.readyState], [3, 3]);
});

test('close codes are checked', () => {
  const { a } = pair();
  a.accept();
  for (const code of [1, 999, 1004, 1005, 1006, 1015, 5000]) assert.throws(() => a.close(code), 'InvalidAccessError', `Invalid WebSocket close code: ${code}.`);
  assert.throws(() => a.close(undefined, 'why'), 'InvalidAccessError', 'If you specify a WebSocket close reason, you must also specify a code.');
  assert.equal(a.readyState, 1);
});

test('attachments are copies', () => {
  const { a } = pair();
  assert.equal(a.deserializeAttachment(), null);
  const value = { list: [1, new Map([[1, 2]])] };
  a.serializeAttachment(value);
  value.list.push(3);
  assert.deepEqual([a.deserializeAttachment().list.length, a.deserializeAttachment().list[1].get(1)], [2, 2]);
  assert.throws(() => a.serializeAttachment(() => {}), 'DataCloneError');
  assert.throws(() => a.serializeAttachment(), 'TypeError');
});

test('a response carries one end', () => {
  const { a } = pair();
  const response = new Response(null, { status: 101, webSocket: a });
  assert.deepEqual([response.status, response.webSocket === a, new Response(null, response).webSocket === a], [101, true, true]);
  assert.throws(() => response.clone(), 'TypeError', 'Cannot clone a response to a WebSocket handshake.');
  assert.equal(new Response('').webSocket, null);
  assert.equal(new Response('', { webSocket: null }).webSocket, null);
  assert.throws(() => new Response(null, { status: 101 }), 'RangeError', 'Responses may only be constructed with status codes in the range 200 to 599, inclusive.');
  assert.throws(() => new Response(null, { webSocket: a }), 'RangeError', 'Responses with a WebSocket must have status code 101.');
  assert.throws(() => new Response('x', { status: 101, webSocket: a }), 'TypeError', /null body status/);
  assert.throws(() => new Response(null, { status: 101, webSocket: {} }), 'TypeError', /'webSocket'/);
});

test('a response connects one end with the client', async () => {
  const seen = [];
  const response = await serve({
    fetch() {
      const [client, server] = Object.values(new WebSocketPair());
      server.accept();
      server.send('early');
      server.addEventListener('message', ({ data }) => {
        seen.push(data);
        server.send(data);
        if (data === 'end') server.close(3000, 'bye');
      });
      server.addEventListener('close', ({ code, reason, wasClean }) => { seen.push(code, reason, wasClean, server.readyState); });
      assert.equal(server.bufferedAmount, 5);
      queueMicrotask(() => assert.equal(server.bufferedAmount, 7));
      return new Response(null, { status: 101, webSocket: client, headers: { 'sec-websocket-protocol': 'chat' } });
    },
  });
  assert.deepEqual([response.status, response.headers['sec-websocket-protocol'], mock.socket.sent], [101, 'chat', ['early']]);
  mock.socket.callback('one');
  mock.socket.callback(new Uint8Array([1, 2]).buffer);
  mock.socket.callback('end');
  assert.deepEqual([mock.socket.sent, mock.socket.closed], [['early', 'one', [1, 2], 'end'], [3000, 'bye']]);
  mock.socket.callback(undefined, 3000, 'bye', true);
  assert.deepEqual([seen.length, ...seen.slice(3)], [7, 3000, 'bye', true, 3]);
});

test('a client that is gone closes the other end', async () => {
  const seen = [];
  await serve({
    fetch() {
      const [client, server] = Object.values(new WebSocketPair());
      // messages wait for whoever accepts
      setTimeout(() => {
        server.accept();
        server.onmessage = ({ data }) => seen.push(data);
        server.onclose = ({ code, wasClean }) => seen.push(code, wasClean);
        server.onerror = () => seen.push('error');
      }, 5);
      return new Response(null, { status: 101, webSocket: client });
    },
  });
  mock.socket.callback('early');
  mock.socket.callback(undefined, 1006, '', false);
  await sleep(10);
  assert.deepEqual(seen, ['early', 1006, false]);
});

test('what is answered by a WebSocket can be used, or passed on to the client', async () => {
  const routes = () => ({ 'http://a/': { status: 101, headers: { 'sec-websocket-protocol': 'p' }, socket: new mock.SocketHandle() } });
  mock.routes = routes();
  const { webSocket, status } = await fetch('ws://a/', { headers: { Upgrade: 'websocket' } });
  assert.deepEqual([status, webSocket.readyState, webSocket.protocol, webSocket.url], [101, 1, 'p', null]);
  const handle = mock.routes['http://a/'].socket;
  const seen = [];
  webSocket.accept();
  webSocket.onmessage = ({ data }) => seen.push(data);
  webSocket.onclose = ({ code }) => seen.push(code, webSocket.readyState);
  webSocket.send('x');
  handle.callback('y');
  handle.callback(undefined, 1005, '', true);
  assert.deepEqual([handle.sent, seen], [['x'], ['y', 1005, 3]]);
  assert.throws(() => webSocket.send('x'), 'TypeError', /after close/);

  mock.routes = routes();
  const response = await serve({ fetch: () => fetch('http://a/', { headers: { upgrade: 'WebSocket' } }) });
  assert.deepEqual([response.status, mock.routes['http://a/'].socket.forwarded, mock.socket], [101, true, null]);

  mock.routes = routes();
  await serve({
    async fetch() {
      const answer = await fetch('http://a/', { headers: { upgrade: 'websocket' } });
      answer.webSocket.accept();
      return answer;
    },
  });
  assert.equal(mock.failures[0].message, "Can't return WebSocket in a Response after calling accept().");
});

test('new WebSocket() connects', async () => {
  const socket = new mock.SocketHandle();
  mock.routes = { 'https://a/x': { status: 101, headers: { 'sec-websocket-protocol': 'two' }, socket }, 'http://b/': { status: 403 }, 'http://c/': { status: 101, socket: new mock.SocketHandle() } };
  const seen = [];
  const open = (...args) => {
    const made = new WebSocket(...args);
    for (const type of ['open', 'message', 'error', 'close']) made.addEventListener(type, (event) => { seen.push([type, event.data ?? event.code ?? null, made.readyState]); });
    return made;
  };
  const one = open('https://a/x', ['one', 'two']);
  assert.deepEqual([one.url, one.readyState, one.protocol, one.bufferedAmount, one.extensions], ['wss://a/x', 0, '', 0, '']);
  assert.throws(() => one.send('x'), 'InvalidStateError');
  assert.throws(() => one.accept(), 'TypeError', /cannot call accept/);
  await sleep(1);
  assert.deepEqual([seen, one.protocol], [[['open', null, 1]], 'two']);
  const { upgrade, 'sec-websocket-protocol': protocols } = mock.sent[0].headers;
  assert.deepEqual([upgrade, protocols], ['websocket', 'one, two']);
  one.send(new Blob(['ab']));
  assert.deepEqual([socket.sent, one.bufferedAmount], [[[97, 98]], 7]);
  socket.callback('hi');
  one.close(3000, 'x');
  assert.deepEqual(socket.closed, [3000, 'x']);
  socket.callback('dropped');
  socket.callback(undefined, 3000, 'x', true);
  one.send('lost');
  assert.deepEqual([seen.slice(1), one.bufferedAmount], [[['message', 'hi', 1], ['close', 3000, 3]], 11]);

  seen.length = 0;
  open('ws://b/');
  open('ws://c/', 'wanted');
  const early = open('ws://a.invalid/');
  for (const code of [1001, 2999, 5000, 0]) assert.throws(() => early.close(code), 'InvalidAccessError');
  assert.throws(() => early.close(1000, 'x'.repeat(124)), 'SyntaxError');
  early.close();
  assert.equal(early.readyState, 2);
  await sleep(1);
  assert.deepEqual(seen, [['error', null, 3], ['close', 1006, 3], ['error', null, 3], ['close', 1006, 3], ['error', null, 3], ['close', 1006, 3]]);
});

test('the arguments of the constructor are checked', () => {
  const refused = (pattern, ...args) => assert.throws(() => new WebSocket(...args), 'SyntaxError', `WebSocket Constructor: ${pattern}`);
  refused('The url scheme must be ws or wss.', 'ftp://x/');
  refused('The url is invalid.', 'nourl');
  refused('The url fragment must be empty.', 'ws://x/#a');
  refused('The protocols header cannot have repeating values.', 'ws://x/', ['a', 'a']);
  refused('The protocol header token is invalid.', 'ws://x/', 'a b');
  refused('One of the protocol header tokens is invalid.', 'ws://x/', ['']);
  assert.throws(() => new WebSocket(), 'TypeError');
  mock.startup = true;
  try {
    assert.throws(() => new WebSocket('ws://x/'), 'Error', /global scope/);
  } finally {
    mock.startup = false;
  }
});

test('the shape of the interfaces', () => {
  assert.deepEqual([WebSocket.CONNECTING, WebSocket.READY_STATE_OPEN, WebSocket.prototype.CLOSING, WebSocket.prototype.READY_STATE_CLOSED], [0, 1, 2, 3]);
  assert.throws(() => WebSocket.prototype.send.call({}, 'x'), 'TypeError', /Illegal invocation/);
  assert.throws(() => WebSocketPair(), 'TypeError');
});
