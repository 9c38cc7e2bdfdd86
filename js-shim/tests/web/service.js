// env.OTHER and env.ASSETS: requests to other workers and to static assets.

import { env } from 'cloudflare:workers';

hooks.setEnv({}, [{ name: 'OTHER', kind: 'service' }, { name: 'ASSETS', kind: 'assets' }]);
const { OTHER } = env;

test('a request goes to the binding with its own URL', async () => {
  mock.routes.OTHER = { status: 201, headers: { 'x-y': 'z' }, body: ['a', 'b'] };
  const response = await OTHER.fetch('https://a.test:81/x?y#frag', { method: 'POST', headers: { A: 'b' }, body: 'text' });
  const { binding, method, target, headers, body, url } = mock.sent[0];
  assert.deepEqual([binding, method, target, headers, body, url], ['OTHER', 'POST', 'https://a.test:81/x?y', { a: 'b', 'content-type': 'text/plain;charset=UTF-8' }, 'text', undefined]);
  assert.deepEqual([response.status, response.url, response.redirected, response.headers.get('x-y')], [201, 'https://a.test:81/x?y', false, 'z']);
  assert.throws(() => response.headers.set('a', 'b'), 'TypeError', /immutable/);
  assert.equal(await response.text(), 'ab');
  mock.routes.ASSETS = { body: 'file' };
  assert.equal(await (await env.ASSETS.fetch(new URL('https://a.test/f.txt'))).text(), 'file');
  assert.equal(mock.sent[1].binding, 'ASSETS');
});

test('incoming requests and responses are handed on whole', async () => {
  mock.routes.OTHER = { status: 203, body: 'answer' };
  const body = mock.body('abc');
  const response = await serve({ fetch: (request) => OTHER.fetch(request) }, { method: 'POST', url: 'https://worker.test/p', headers: { 'x-a': '1' }, body });
  const [sent] = mock.sent;
  assert.deepEqual([sent.target, sent.headers['x-a']], ['https://worker.test/p', '1']);
  assert.equal(sent.body, body);
  assert.equal(response.body, sent.answer);
  assert.equal(response.status, 203);
});

test('bodies stream both ways', async () => {
  mock.routes.OTHER = async ({ handle }) => {
    while (handle.written.length < 2) await scheduler.wait(1);
    return { body: ['first', 'second'] };
  };
  let controller;
  const body = new ReadableStream({ start(given) { controller = given; } });
  controller.enqueue(new Uint8Array([1, 2]));
  const response = await OTHER.fetch('https://a.test/', { method: 'POST', body });
  const reader = response.body.getReader();
  assert.equal(new TextDecoder().decode((await reader.read()).value), 'first');
  controller.enqueue(new Uint8Array([3]));
  controller.close();
  assert.equal(new TextDecoder().decode((await reader.read()).value), 'second');
  const [{ handle }] = mock.sent;
  while (!handle.ended) await scheduler.wait(1);
  assert.deepEqual(handle.written, [1, 2, 3]);
});

test('redirects stay within the binding, as the request says', async () => {
  mock.routes.OTHER = ({ target }) => (target.endsWith('/end') ? { body: 'end' } : { status: 302, headers: { location: 'https://elsewhere.test/end' } });
  const followed = await OTHER.fetch('https://a.test/', { headers: { authorization: 'x' } });
  assert.deepEqual([followed.url, followed.redirected, await followed.text()], ['https://elsewhere.test/end', true, 'end']);
  assert.deepEqual(mock.sent.map(({ binding, target, headers }) => [binding, target, headers.authorization]), [['OTHER', 'https://a.test/', 'x'], ['OTHER', 'https://elsewhere.test/end', undefined]]);
  const manual = await OTHER.fetch('https://a.test/', { redirect: 'manual' });
  assert.deepEqual([manual.status, manual.headers.get('location')], [302, 'https://elsewhere.test/end']);
  await assert.rejects(OTHER.fetch('https://a.test/', { redirect: 'error' }), 'TypeError', /redirect/);
  // an incoming request leaves redirects to its client
  const passed = await serve({ fetch: (request) => OTHER.fetch(request) });
  assert.equal(passed.status, 302);
});

test('a signal aborts the wait and the body', async () => {
  mock.routes.OTHER = () => new Promise(() => {});
  const controller = new AbortController();
  const answer = OTHER.fetch('https://a.test/', { signal: controller.signal });
  await null;
  controller.abort();
  await assert.rejects(answer, 'AbortError');
  assert.equal(mock.sent[0].handle.aborted, true);
  await assert.rejects(OTHER.fetch('https://a.test/', { signal: AbortSignal.timeout(10) }), 'TimeoutError');
  mock.routes.OTHER = { body: ['x'] };
  const late = new AbortController();
  const response = await OTHER.fetch('https://a.test/', { signal: late.signal });
  late.abort();
  await assert.rejects(response.text(), 'AbortError');
});

test('errors reject and name the binding', async () => {
  mock.routes.OTHER = () => { throw new TypeError('Network connection lost.'); };
  async function asks() { await OTHER.fetch('https://a.test/'); }
  const error = await asks().catch((reason) => reason);
  assert.error(error, 'TypeError', 'env.OTHER.fetch() failed: Network connection lost.');
  assert.ok(/^\s*at asks \(service\.js:\d+:\d+\)/.test(error.stack), error.stack);
  await assert.rejects(OTHER.fetch(), 'TypeError', "Failed to execute 'fetch' on 'Fetcher': parameter 1 is not of type 'Request or string'.");
  await assert.rejects(OTHER.fetch('/relative'), 'TypeError', 'Invalid URL: /relative');
  await assert.rejects(OTHER.fetch('ftp://a.test/'), 'TypeError', 'Fetch API cannot load: ftp://a.test/');
  assert.equal(await (await OTHER.fetch('data:,x')).text(), 'x');
  assert.equal(mock.sent.length, 1);
});

test('a Fetcher is a plain object: no RPC, no sockets', async () => {
  assert.deepEqual([typeof OTHER.then, typeof OTHER.anything, typeof OTHER.fetch], ['undefined', 'undefined', 'function']);
  assert.equal(await OTHER, OTHER);
  assert.throws(() => OTHER.connect('a.test:1'), 'TypeError', /env\.OTHER\.connect\(\) is not there/);
});

test('several are in flight at once, and pending names them', async () => {
  mock.routes.OTHER = ({ target }) => ({ body: target, delay: 20 });
  const both = Promise.all([OTHER.fetch('https://a.test/1'), OTHER.fetch('https://a.test/2')]);
  assert.ok(/^env\.OTHER\.fetch GET https:\/\/a\.test\/1 \(begun at .*service\.js:\d+/.test(hooks.pending()[0]), hooks.pending()[0]);
  assert.deepEqual(await Promise.all((await both).map((response) => response.text())), ['https://a.test/1', 'https://a.test/2']);
  assert.deepEqual(hooks.pending(), []);
});

test('fetch() itself never goes to a binding', async () => {
  mock.routes['https://a.test/'] = { body: 'network' };
  await fetch('https://a.test/', { headers: { 'glowplug-url': 'https://b.test/' } });
  assert.deepEqual([mock.sent[0].binding, mock.sent[0].headers], [undefined, { 'glowplug-url': 'https://b.test/' }]);
});
