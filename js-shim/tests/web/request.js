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

test('every member of an init is kept, and enumerations are checked', () => {
  const request = new Request('https://a.test', {
    cache: 'no-store', credentials: 'omit', integrity: 'sha256-x', keepalive: 1, mode: 'same-origin', referrer: '', referrerPolicy: 'origin',
  });
  const kept = (one) => [one.cache, one.credentials, one.integrity, one.keepalive, one.mode, one.referrer, one.referrerPolicy];
  const expected = ['no-store', 'omit', 'sha256-x', true, 'same-origin', '', 'origin'];
  assert.deepEqual(kept(request), expected);
  assert.deepEqual(kept(request.clone()), expected);
  assert.deepEqual(kept(new Request(request)), expected);
  assert.deepEqual(kept(new Request('https://a.test')), ['default', 'same-origin', '', false, 'cors', 'about:client', '']);
  for (const name of ['cache', 'credentials', 'duplex', 'mode', 'priority', 'redirect', 'referrerPolicy']) {
    assert.throws(() => new Request('https://a.test', { [name]: 'BAD' }), 'TypeError', /must be one of/);
  }
  assert.throws(() => new Request('https://a.test', { window: 'x' }), 'TypeError', /window/);
  assert.throws(() => new Request('https://a.test', { mode: 'navigate' }), 'TypeError', /navigate/);
  assert.throws(() => new Request('https://a.test', { mode: 'no-cors', method: 'PUT' }), 'TypeError', /no-cors/);
  assert.throws(() => new Request('https://a.test', { cache: 'only-if-cached' }), 'TypeError', /only-if-cached/);
});

test('the members of an init are read in the order of their names', () => {
  const seen = [];
  new Request('https://a.test', new Proxy({}, { get: (_, name) => { seen.push(name); } }));
  assert.deepEqual(seen.filter((name) => name !== 'cf'), [
    'body', 'cache', 'credentials', 'duplex', 'headers', 'integrity', 'keepalive', 'method', 'mode', 'priority', 'redirect',
    'referrer', 'referrerPolicy', 'signal', 'window',
  ]);
});

test('a relative URL is resolved against the location a worker gives itself', () => {
  globalThis.location = new URL('https://page.test/a/b');
  try {
    assert.equal(new Request('c?d').url, 'https://page.test/a/c?d');
    assert.equal(Response.redirect('/e').headers.get('location'), 'https://page.test/e');
    assert.ok(URL.createObjectURL(new Blob()).startsWith('blob:https://page.test/'));
    assert.throws(() => new Request('https://u:p@a.test'), 'TypeError', /credentials/);
  } finally {
    delete globalThis.location;
  }
});

test('a request made of another takes its stream, and leaves the old one locked', async () => {
  const stream = new ReadableStream({ start(controller) { controller.enqueue(new Uint8Array([65])); controller.close(); } });
  const first = new Request('https://a.test', { method: 'POST', body: stream, duplex: 'half' });
  const second = new Request(first);
  assert.equal(first.body, stream);
  assert.deepEqual([first.bodyUsed, stream.locked, second.bodyUsed], [true, true, false]);
  assert.equal(await second.text(), 'A');

  const text = new Request('https://a.test', { method: 'POST', body: 'B' });
  const seen = text.body;
  const moved = new Request(text);
  assert.deepEqual([text.body === seen, seen.locked, text.bodyUsed], [true, true, true]);
  assert.equal(await moved.text(), 'B');
});
