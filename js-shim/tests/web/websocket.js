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

test('a client cannot have one yet, and the worker is told', async () => {
  await serve({ fetch: () => new Response(null, { status: 101, webSocket: new WebSocketPair()[0] }) });
  assert.ok(/not supported/.test(mock.failures[0].message), mock.failures[0]?.message);
  const socket = new WebSocket('ws://example.com/');
  assert.deepEqual([socket.readyState, socket.url], [0, 'ws://example.com/']);
  assert.throws(() => socket.accept(), 'TypeError', /cannot call accept/);
  const seen = [];
  socket.onerror = ({ message }) => seen.push(/not supported/.test(message));
  socket.onclose = ({ code, wasClean }) => seen.push(code, wasClean);
  await sleep(1);
  assert.deepEqual(seen, [true, 1006, false]);
  assert.equal(socket.readyState, 3);
});

test('the arguments of the constructor are checked', () => {
  const refused = (pattern, ...args) => assert.throws(() => new WebSocket(...args), 'SyntaxError', `WebSocket Constructor: ${pattern}`);
  refused('The url scheme must be ws or wss.', 'http://x/');
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
