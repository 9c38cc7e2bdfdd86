// Response.

test('it has the defaults of the standard', () => {
  const response = new Response();
  assert.deepEqual([response.status, response.statusText, response.ok, response.type, response.url, response.redirected, response.body, response.bodyUsed], [200, '', true, 'default', '', false, null, false]);
  assert.deepEqual([...new Response('x').headers], [['content-type', 'text/plain;charset=UTF-8']]);
  assert.equal(String(response), '[object Response]');
});

test('status and statusText are checked', () => {
  assert.equal(new Response('', { status: 404, statusText: 'Not Found' }).statusText, 'Not Found');
  assert.equal(new Response('', { status: '299' }).ok, true);
  for (const status of [0, 100, 199, 600, NaN, 'x']) {
    assert.throws(() => new Response('', { status }), 'RangeError', 'Responses may only be constructed with status codes in the range 200 to 599, inclusive.');
  }
  assert.throws(() => new Response('', { statusText: 'a\nb' }), 'TypeError', 'Invalid statusText');
  assert.throws(() => new Response('', 'x'), 'TypeError');
});

test('a null body status has no body', () => {
  for (const status of [204, 205, 304]) {
    assert.equal(new Response(null, { status }).body, null);
    assert.equal(new Response('', { status }).body, null);
    assert.throws(() => new Response('x', { status }), 'TypeError', 'Response with null body status (101, 204, 205, or 304) cannot have a body.');
  }
});

test('json makes a JSON response', async () => {
  const response = Response.json({ a: [1, null] }, { status: 201, headers: { x: 'y' } });
  assert.deepEqual([response.status, response.headers.get('content-type'), response.headers.get('x'), await response.text()], [201, 'application/json', 'y', '{"a":[1,null]}']);
  assert.equal(Response.json('x', { headers: { 'content-type': 'a/json' } }).headers.get('content-type'), 'a/json');
  assert.throws(() => Response.json(undefined), 'TypeError');
  assert.throws(() => Response.json(() => {}), 'TypeError');
  assert.throws(() => Response.json(1, { status: 204 }), 'TypeError');
});

test('redirect makes a redirect', () => {
  const response = Response.redirect('https://a.test/ä', 301);
  assert.deepEqual([response.status, response.headers.get('location')], [301, 'https://a.test/%C3%A4']);
  assert.equal(Response.redirect(new URL('http://a')).status, 302);
  assert.throws(() => Response.redirect('http://a', 200), 'RangeError', '200 is not a redirect status code.');
  assert.throws(() => Response.redirect('/x'), 'TypeError', /Unable to parse URL/);
  assert.throws(() => response.headers.set('a', 'b'), 'TypeError', /immutable/);
});

test('error makes a network error', () => {
  const response = Response.error();
  assert.deepEqual([response.type, response.status, response.ok], ['error', 0, false]);
});

test('a Response is the init of another one', async () => {
  const first = new Response('x', { status: 418, statusText: 'T', headers: { a: '1' } });
  const second = new Response(first.body, first);
  second.headers.set('a', '2');
  assert.deepEqual([second.status, second.statusText, second.headers.get('a'), first.headers.get('a'), await second.text()], [418, 'T', '2', '1', 'x']);
});

test('clone copies', async () => {
  const response = new Response('x', { status: 201, headers: { a: '1' } });
  const clone = response.clone();
  clone.headers.set('a', '2');
  assert.deepEqual([clone.status, response.headers.get('a'), await response.text(), await clone.text()], [201, '1', 'x', 'x']);
});

test('headers set later are sent', async () => {
  const response = await serve({ fetch() {
    const r = new Response('x');
    r.headers.set('content-type', 'a/b');
    r.headers.append('set-cookie', 'a=b');
    return r;
  } });
  assert.deepEqual(response.headers, { 'content-type': 'a/b', 'set-cookie': 'a=b' });
});

test('it looks as WebIDL says', () => {
  assert.deepEqual([Response.length, Response.json.length, Response.redirect.length, Response.error.length], [0, 1, 1, 0]);
  assert.ok(Object.keys(Response).includes('json'));
  assert.ok(Object.keys(Response.prototype).includes('status'));
  assert.deepEqual(Object.keys(new Response()), []);
  class Mine extends Response {}
  assert.ok(new Mine('x', { status: 201 }) instanceof Response);
});

test('a subclass can be returned by a handler', async () => {
  class Mine extends Response {
    constructor(text) { super(text, { status: 202 }); }
  }
  assert.equal((await serve({ fetch: () => new Mine('x') })).status, 202);
});

test('the clone of a streamed response gets copies of the chunks', async () => {
  const chunk = new Uint8Array([1, 2]);
  const response = new Response(new ReadableStream({ start(controller) { controller.enqueue(chunk); controller.close(); } }));
  const clone = response.clone();
  const [first, second] = await Promise.all([response, clone].map(async (one) => (await one.body.getReader().read()).value));
  assert.equal(first, chunk);
  assert.ok(second !== chunk && second.buffer !== chunk.buffer);
  assert.deepEqual([...second], [1, 2]);
});

test('a then of all objects does not see what a body holds', async () => {
  const response = new Response(new ReadableStream({ start(controller) { controller.enqueue(new Uint8Array([65])); controller.close(); } }));
  let seen = 0;
  Object.defineProperty(Object.prototype, 'then', { configurable: true, get() { seen += 1; } });
  const text = response.text();
  while (mock.tick());
  await text.then(() => { delete Object.prototype.then; });
  assert.equal(await text, 'A');
  assert.equal(seen, 0);
});
