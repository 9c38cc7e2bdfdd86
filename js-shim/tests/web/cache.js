const URL = 'https://example.com/a?b=c#d';

/** Routes the cache's binding to `answer`. */
const route = (answer) => { mock.routes[':caches'] = answer; };
const hit = (more = {}) => ({ status: 200, headers: { 'cf-cache-status': 'HIT', age: '3', 'content-type': 'text/plain', ...more }, body: 'kept' });
const miss = { status: 504, headers: { 'cf-cache-status': 'MISS' } };
const sent = () => mock.sent[mock.sent.length - 1];

test('match asks the host and gives the response', async () => {
  route(hit());
  const response = await caches.default.match(URL);
  assert.ok(response instanceof Response);
  assert.equal(await response.text(), 'kept');
  assert.equal(response.headers.get('age'), '3');
  const { binding, method, target, headers } = sent();
  assert.deepEqual([binding, method, target, headers], [':caches', 'GET', 'https://example.com/a?b=c', { 'glowplug-cache': 'default' }]);
  assert.throws(() => response.headers.set('a', 'b'), 'TypeError');
});

test('a miss is undefined', async () => {
  route(miss);
  assert.equal(await caches.default.match(URL), undefined);
  route({ status: 504 });
  assert.equal(await caches.default.match(URL), undefined);
});

test('conditions, ranges and their answers pass', async () => {
  route({ status: 304, headers: { 'cf-cache-status': 'HIT', etag: '"1"' } });
  const response = await caches.default.match(new Request(URL, { headers: { 'if-none-match': '"1"', range: 'bytes=0-1' } }));
  assert.equal(response.status, 304);
  assert.equal(response.body, null);
  assert.equal(sent().headers['if-none-match'], '"1"');
  assert.equal(sent().headers.range, 'bytes=0-1');
});

test('only GET is looked for, unless the method is ignored', async () => {
  route(hit());
  const post = new Request(URL, { method: 'POST' });
  assert.equal(await caches.default.match(post), undefined);
  assert.equal(await caches.default.delete(post), false);
  assert.equal(mock.sent.length, 0);
  assert.equal((await caches.default.match(post, { ignoreMethod: true })).status, 200);
  assert.equal(sent().method, 'GET');
  assert.equal(await caches.default.delete(new Request(URL, { method: 'HEAD' }), { ignoreMethod: true }), true);
});

test('put sends the response', async () => {
  route({ status: 204 });
  const response = new Response('body', { status: 404, headers: { 'cache-control': 'max-age=9', etag: '"1"', 'content-length': '99' } });
  const promise = caches.default.put(URL, response);
  assert.ok(response.bodyUsed);
  assert.equal(await promise, undefined);
  const { method, target, headers, body } = sent();
  assert.deepEqual([method, target, body], ['PUT', 'https://example.com/a?b=c', 'body']);
  assert.deepEqual(Object.entries(headers).sort(), [
    ['cache-control', 'max-age=9'], ['content-type', 'text/plain;charset=UTF-8'], ['etag', '"1"'], ['glowplug-cache', 'default'], ['glowplug-cache-response-status', '404'],
  ]);
});

test('put of a stream, and of one that fails', async () => {
  route({ status: 204, delay: 5 });
  const chunks = ['a', 'b'].map((text) => new TextEncoder().encode(text));
  await caches.default.put(URL, new Response(ReadableStream.from ? ReadableStream.from(chunks) : chunks[0]));
  const broken = new ReadableStream({ pull(controller) { controller.error(new RangeError('lost')); } });
  await assert.rejects(caches.default.put(URL, new Response(broken)), 'RangeError', 'lost');
  assert.ok(sent().handle.failed);
});

test('a response that is too large, or not to be kept, is no error', async () => {
  route({ status: 413 });
  assert.equal(await caches.default.put(URL, new Response('x')), undefined);
});

test('what cannot be cached is refused', async () => {
  const put = (request, response) => caches.default.put(request, response);
  await assert.rejects(put(new Request(URL, { method: 'POST' }), new Response('')), 'TypeError', 'Cannot cache response to non-GET request.');
  await assert.rejects(put(URL, new Response('', { status: 206 })), 'TypeError', 'Cannot cache response to a range request (206 Partial Content).');
  await assert.rejects(put(URL, new Response('', { headers: { vary: 'accept, *' } })), 'TypeError', "Cannot cache response with 'Vary: *' header.");
  await assert.rejects(put(URL, Response.error()), 'TypeError', 'Cache is unable to store an error response');
  await assert.rejects(put('ftp://x/', new Response('')), 'TypeError', 'Invalid URL. Cache API keys must be fully-qualified, valid URLs.');
  await assert.rejects(put(URL, 'text'), 'TypeError', /parameter 2 is not of type 'Response'/);
  await assert.rejects(put(URL), 'TypeError', /parameter 2/);
  const used = new Response('x');
  await used.text();
  await assert.rejects(put(URL, used), 'TypeError');
  assert.equal(mock.sent.length, 0);
  assert.equal(await put(URL, new Response(null, { status: 304 })), undefined);
  assert.equal(mock.sent.length, 0);
  assert.ok(mock.logs.some(([level, text]) => level === 3 && text.includes('304')));
});

test('delete says whether it was there', async () => {
  route({ status: 200 });
  assert.equal(await caches.default.delete(URL), true);
  assert.equal(sent().method, 'DELETE');
  route({ status: 404 });
  assert.equal(await caches.default.delete(URL), false);
});

test('caches have names', async () => {
  route(miss);
  const named = await caches.open('ä/b');
  assert.ok(named instanceof Cache);
  await named.match(URL);
  assert.equal(sent().headers['glowplug-cache'], 'open:%C3%A4%2Fb');
  await (await caches.open('default')).match(URL);
  assert.equal(sent().headers['glowplug-cache'], 'open:default');
  await assert.rejects(caches.open(), 'TypeError');
});

test('a worker cannot name another cache through headers', async () => {
  route(miss);
  await caches.default.match(new Request(URL, { headers: { 'glowplug-cache': 'open:x' } }));
  assert.equal(sent().headers['glowplug-cache'], 'default');
});

test('an operation that fails says which', async () => {
  route(() => { throw new TypeError('too many subrequests'); });
  await assert.rejects(caches.default.match(URL), 'Error', 'Cache match() failed: too many subrequests');
});

test('at the top level there is no I/O', async () => {
  mock.startup = true;
  try {
    assert.ok(caches.default instanceof Cache);
    await assert.rejects(caches.default.match(URL), 'Error', /global scope/);
    await assert.rejects(caches.default.put(URL, new Response('')), 'Error', /global scope/);
    await assert.rejects(caches.default.delete(URL), 'Error', /global scope/);
  } finally {
    mock.startup = false;
  }
});

test('the shape of the interfaces', async () => {
  assert.equal(caches.default, caches.default);
  assert.equal(Object.prototype.toString.call(caches), '[object CacheStorage]');
  assert.deepEqual(Object.keys(Cache.prototype).sort(), ['delete', 'match', 'put']);
  assert.throws(() => new Cache(), 'TypeError', 'Illegal constructor');
  assert.throws(() => new CacheStorage(), 'TypeError', 'Illegal constructor');
  await assert.rejects(Cache.prototype.match.call({}, URL), 'TypeError', /Illegal invocation/);
});
