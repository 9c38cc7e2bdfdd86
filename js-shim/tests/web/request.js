// Request.

test('it has the defaults of the standard', () => {
  const request = new Request('https://a.test/x y?z#f');
  assert.deepEqual([request.method, request.url, request.redirect, request.body, request.bodyUsed], ['GET', 'https://a.test/x%20y?z#f', 'follow', null, false]);
  assert.deepEqual([...request.headers], []);
  assert.equal(request.signal.aborted, false);
  assert.equal(request.signal, request.signal);
  assert.equal(String(request), '[object Request]');
});

test('methods are normalized and checked', () => {
  assert.equal(new Request('http://a', { method: 'post' }).method, 'POST');
  assert.equal(new Request('http://a', { method: 'patch' }).method, 'patch');
  assert.equal(new Request('http://a', { method: 'CUSTOM' }).method, 'CUSTOM');
  assert.throws(() => new Request('http://a', { method: 'a b' }), 'TypeError', /Invalid HTTP method/);
  assert.throws(() => new Request('http://a', { method: 'trace' }), 'TypeError', /forbidden/);
});

test('bad input is refused', () => {
  assert.throws(() => new Request('/relative'), 'TypeError', 'Invalid URL: /relative');
  assert.throws(() => new Request('https://u:p@a.test/'), 'TypeError', /credentials/);
  assert.throws(() => new Request(), 'TypeError', /1 argument/);
  assert.throws(() => new Request('http://a', { body: 'x' }), 'TypeError', 'Request with a GET or HEAD method cannot have a body.');
  assert.throws(() => new Request('http://a', { redirect: 'never' }), 'TypeError', /Invalid redirect value/);
  assert.throws(() => new Request('http://a', { integrity: 'sha256-x' }), 'TypeError', /not implemented/);
  assert.throws(() => new Request('http://a', { signal: {} }), 'TypeError', /AbortSignal/);
  assert.throws(() => new Request('http://a', 5), 'TypeError');
  assert.throws(() => Request('http://a'), 'TypeError');
});

test('a Request is made from another one', async () => {
  const first = new Request('http://a', { method: 'PUT', headers: { a: '1' }, body: 'x', redirect: 'manual', cf: { colo: 'X' } });
  const second = new Request(first, { headers: { b: '2' } });
  assert.deepEqual([second.method, second.redirect, second.cf.colo], ['PUT', 'manual', 'X']);
  assert.deepEqual([...second.headers], [['b', '2']]);
  assert.equal(first.bodyUsed, true);
  assert.equal(await second.text(), 'x');
  assert.throws(() => new Request(first), 'TypeError', 'Cannot reconstruct a Request with a used body.');
  const replaced = new Request(first, { body: 'y' });
  assert.equal(await replaced.text(), 'y');
  assert.equal(new Request(new URL('http://b/c')).url, 'http://b/c');
});

test('an incoming request can be changed by making another', async () => {
  const body = mock.body('abc');
  const response = await serve({ async fetch(request) {
    const copy = new Request('https://other.test/', request);
    copy.headers.set('x', '1');
    return new Response(`${copy.url} ${copy.method} ${copy.headers.get('a')} ${await copy.text()} ${request.bodyUsed}`);
  } }, { method: 'POST', headers: { a: 'b' }, body });
  assert.equal(response.text, 'https://other.test/ POST b abc true');
});

test('the content type comes from the body', () => {
  assert.equal(new Request('http://a', { method: 'POST', body: 'x' }).headers.get('content-type'), 'text/plain;charset=UTF-8');
  assert.equal(new Request('http://a', { method: 'POST', body: 'x', headers: { 'content-type': 'a/b' } }).headers.get('content-type'), 'a/b');
});

test('clone copies all but does not share headers', async () => {
  const request = new Request('http://a', { method: 'POST', headers: { a: '1' }, body: 'x' });
  const clone = request.clone();
  clone.headers.set('a', '2');
  assert.equal(request.headers.get('a'), '1');
  assert.equal(await request.text() + await clone.text(), 'xx');
  assert.throws(() => request.clone(), 'TypeError');
});

test('its signal follows the one given', () => {
  const controller = new AbortController();
  const request = new Request('http://a', { signal: controller.signal });
  const copy = new Request(request);
  assert.equal(request.signal.aborted, false);
  controller.abort('why');
  assert.equal(request.signal.reason, 'why');
  assert.equal(copy.signal.reason, 'why');
  assert.equal(new Request(request, { signal: null }).signal.aborted, false);
});

test('a subclass works and can be fetched', async () => {
  class Mine extends Request {
    constructor(input, init) { super(input, init); this.tag = 't'; }
  }
  mock.routes['http://a/'] = { body: 'ok' };
  const mine = new Mine('http://a/', { headers: { h: '1' } });
  assert.equal(mine.tag + await (await fetch(mine)).text(), 'tok');
  assert.equal(mock.sent[0].headers.h, '1');
});
