// fetch().

test('the answer is a Response', async () => {
  mock.routes['https://a.test/'] = { status: 404, headers: { 'x-y': 'z' }, body: ['a', 'b'] };
  const response = await fetch('https://a.test#frag');
  assert.deepEqual([response.status, response.ok, response.url, response.redirected, response.headers.get('x-y')], [404, false, 'https://a.test/', false, 'z']);
  assert.throws(() => response.headers.set('a', 'b'), 'TypeError', /immutable/);
  assert.equal(await response.text(), 'ab');
});

test('method, headers and body are sent', async () => {
  mock.routes['https://a.test/'] = {};
  await fetch(new URL('https://a.test'), { method: 'post', headers: { A: 'b' }, body: 'text' });
  const { method, headers, body } = mock.sent[0];
  assert.deepEqual([method, headers, body], ['POST', { a: 'b', 'content-type': 'text/plain;charset=UTF-8' }, 'text']);
});

test('a stream is sent chunk by chunk', async () => {
  mock.routes['https://a.test/'] = () => new Promise((resolve) => { setTimeout(() => resolve({ body: 'ok' }), 5); });
  const body = new ReadableStream({ start(c) { c.enqueue(new Uint8Array([1, 2])); c.enqueue(new Uint8Array([3])); c.close(); } });
  const response = await fetch('https://a.test/', { method: 'POST', body, duplex: 'half' });
  assert.equal(await response.text(), 'ok');
  assert.equal(mock.sent[0].body, true);
  assert.deepEqual(mock.sent[0].handle.written, [1, 2, 3]);
  assert.equal(mock.sent[0].handle.ended, true);
});

test('an unread incoming body is handed on whole', async () => {
  const body = mock.body('abc');
  mock.routes['https://b.test/'] = {};
  await serve({ fetch: (request) => fetch(new Request('https://b.test/', request)) }, { method: 'POST', body });
  assert.equal(mock.sent[0].body, body);
  assert.equal(mock.response.status, 200);
});

test('the response of a fetch is handed on whole', async () => {
  mock.routes['https://b.test/'] = { status: 203, headers: { a: 'b' }, body: ['x'] };
  const response = await serve({ fetch: () => fetch('https://b.test/') });
  assert.ok(response.body instanceof mock.BodyHandle);
  assert.deepEqual([response.status, response.headers, response.text], [203, { a: 'b' }, 'x']);
  const copied = await serve({ async fetch() {
    const answer = await fetch('https://b.test/');
    const copy = new Response(answer.body, answer);
    copy.headers.set('c', 'd');
    return copy;
  } });
  assert.ok(copied.body instanceof mock.BodyHandle);
  assert.deepEqual(copied.headers, { a: 'b', c: 'd' });
});

test('errors reject', async () => {
  await assert.rejects(fetch('nonsense'), 'TypeError', 'Invalid URL: nonsense');
  await assert.rejects(fetch('file:///x'), 'TypeError', 'Fetch API cannot load: file:///x');
  await assert.rejects(fetch('https://nowhere.test/'), 'TypeError', /no route/);
  await assert.rejects(fetch(), 'TypeError');
  const used = new Request('https://a.test/', { method: 'POST', body: 'x' });
  await used.text();
  await assert.rejects(fetch(used), 'TypeError', /used/);
  mock.startup = true;
  await assert.rejects(fetch('https://a.test'), 'Error', /Disallowed operation called within global scope/);
  mock.startup = false;
});

test('redirects are followed', async () => {
  mock.routes['https://a.test/1'] = { status: 302, headers: { location: '/2' } };
  mock.routes['https://a.test/2'] = { status: 308, headers: { location: 'https://b.test/3' } };
  mock.routes['https://b.test/3'] = { body: 'end' };
  const response = await fetch('https://a.test/1#f', { headers: { authorization: 'x', cookie: 'y', other: 'z' } });
  assert.deepEqual([response.redirected, response.url, await response.text()], [true, 'https://b.test/3', 'end']);
  assert.deepEqual(mock.sent.map((sent) => Object.keys(sent.headers).length), [3, 3, 1]);
});

test('a redirected POST becomes a GET where the standard says so', async () => {
  mock.routes['https://a.test/end'] = { body: 'x' };
  for (const [status, method] of [[301, 'GET'], [302, 'GET'], [303, 'GET'], [307, 'POST'], [308, 'POST']]) {
    mock.routes['https://a.test/'] = { status, headers: { location: '/end' } };
    mock.sent = [];
    await fetch('https://a.test/', { method: 'POST', body: 'b' });
    assert.deepEqual([mock.sent[1].method, mock.sent[1].body, mock.sent[1].headers['content-type']], [method, method === 'GET' ? null : 'b', method === 'GET' ? undefined : 'text/plain;charset=UTF-8']);
  }
  mock.routes['https://a.test/'] = { status: 303, headers: { location: '/end' } };
  mock.sent = [];
  await fetch('https://a.test/', { method: 'HEAD' });
  assert.equal(mock.sent[1].method, 'HEAD');
});

test('a stream cannot be sent again', async () => {
  mock.routes['https://a.test/'] = { status: 307, headers: { location: '/end' } };
  const body = new ReadableStream({ start(c) { c.close(); } });
  await assert.rejects(fetch('https://a.test/', { method: 'POST', body }), 'TypeError', /one-time-use body/);
});

test('redirect modes and limits', async () => {
  mock.routes['https://a.test/'] = { status: 302, headers: { location: 'https://a.test/' } };
  const manual = await fetch('https://a.test/', { redirect: 'manual' });
  assert.deepEqual([manual.status, manual.headers.get('location')], [302, 'https://a.test/']);
  await assert.rejects(fetch('https://a.test/', { redirect: 'error' }), 'TypeError', /redirect/);
  mock.sent = [];
  await assert.rejects(fetch('https://a.test/'), 'TypeError', 'Too many redirects.');
  assert.equal(mock.sent.length, 21);
  mock.routes['https://a.test/'] = { status: 302, headers: { location: 'ftp://a' } };
  await assert.rejects(fetch('https://a.test/'), 'TypeError', /Invalid redirect location/);
  mock.routes['https://a.test/'] = { status: 302 };
  assert.equal((await fetch('https://a.test/')).status, 302);
});

test('a signal aborts the wait and the body', async () => {
  mock.routes['https://a.test/'] = () => new Promise(() => {});
  const controller = new AbortController();
  const answer = fetch('https://a.test/', { signal: controller.signal });
  await null;
  controller.abort();
  await assert.rejects(answer, 'AbortError');
  assert.equal(mock.sent[0].handle.aborted, true);
  await assert.rejects(fetch('https://a.test/', { signal: AbortSignal.abort('r') }).catch((reason) => { throw new Error(reason); }), 'Error', 'r');
  await assert.rejects(fetch('https://a.test/', { signal: AbortSignal.timeout(10) }), 'TimeoutError');
  mock.routes['https://b.test/'] = { body: ['x'] };
  const late = new AbortController();
  const response = await fetch('https://b.test/', { signal: late.signal });
  late.abort();
  await assert.rejects(response.text(), 'AbortError');
});

test('data: URLs are read', async () => {
  const response = await fetch('data:text/html;base64,PGI+');
  assert.deepEqual([response.status, response.headers.get('content-type'), await response.text()], [200, 'text/html', '<b>']);
  const plain = await fetch('data:,a%20b');
  assert.deepEqual([plain.headers.get('content-type'), await plain.text()], ['text/plain;charset=US-ASCII', 'a b']);
  await assert.rejects(fetch('data:nothing'), 'TypeError');
});

test('several are in flight at once, and pending names them', async () => {
  mock.routes['https://a.test/'] = () => new Promise((resolve) => { setTimeout(() => resolve({ body: 'a' }), 20); });
  mock.routes['https://b.test/'] = { body: 'b' };
  const both = Promise.all([fetch('https://a.test/'), fetch('https://b.test/')]);
  assert.ok(/^fetch GET https:\/\/a\.test\/ \(begun at .*fetch\.js:\d+/.test(hooks.pending()[0]), hooks.pending()[0]);
  const texts = await Promise.all((await both).map((response) => response.text()));
  assert.deepEqual(texts, ['a', 'b']);
  assert.deepEqual(hooks.pending(), []);
});

test('integrity is checked over the whole body', async () => {
  const abc = 'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=';
  mock.routes['https://a.test/'] = { headers: { 'content-type': 'a/b' }, body: ['ab', 'c'] };
  const response = await fetch('https://a.test/', { integrity: abc });
  assert.deepEqual([response.headers.get('content-type'), await response.text()], ['a/b', 'abc']);
  await assert.rejects(fetch('https://a.test/', { integrity: 'sha256-AAAA' }), 'TypeError', /does not match the integrity/);
  await assert.rejects(fetch('data:,abd', { integrity: abc }), 'TypeError', /integrity/);
  await assert.rejects(fetch('data:,abc', { method: 'HEAD', integrity: abc }), 'TypeError', /no body/);
  assert.equal(await (await fetch('data:,abc', { integrity: `${abc} sha999-x` })).text(), 'abc');
});

test('an abort ends the body stream that was given out', async () => {
  mock.routes['https://a.test/'] = { body: ['a', 'b'] };
  const controller = new AbortController();
  const { body } = await fetch('https://a.test/', { signal: controller.signal });
  const reader = body.getReader();
  assert.equal((await reader.read()).value[0], 97);
  controller.abort(new RangeError('enough'));
  await assert.rejects(reader.read(), 'RangeError', 'enough');
  assert.equal(mock.sent[0].answer.canceled, true);
});

test('an abort cancels the stream that is being sent, and uses up a body that is not sent', async () => {
  mock.routes['https://a.test/'] = () => new Promise(() => {});
  const controller = new AbortController();
  let canceled;
  const body = new ReadableStream({ pull() { return new Promise(() => {}); }, cancel(reason) { canceled = reason; } });
  const sent = fetch('https://a.test/', { method: 'POST', body, duplex: 'half', signal: controller.signal });
  controller.abort(new RangeError('enough'));
  await assert.rejects(sent, 'RangeError', 'enough');
  assert.equal(canceled.message, 'enough');

  const request = new Request('https://a.test/', { method: 'POST', body: 'x', signal: controller.signal });
  await assert.rejects(fetch(request), 'RangeError');
  assert.equal(request.bodyUsed, true);
});
