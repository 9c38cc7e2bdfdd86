// env.KV.

import { env } from 'cloudflare:workers';

hooks.setEnv({}, [{ name: 'KV', kind: 'kv' }]);
const { KV } = env;
const bytes = (text) => new TextEncoder().encode(text);

/** A namespace for a test: the routes see requests as the host does. */
function answer(response) {
  mock.routes.KV = response;
}

test('get sends one request, and reads every type', async () => {
  answer(() => ({ body: ['{"a"', ':1}'] }));
  assert.equal(await KV.get('k'), '{"a":1}');
  assert.equal(await KV.get('k', 'text'), '{"a":1}');
  assert.deepEqual(await KV.get('k', 'json'), { a: 1 });
  assert.deepEqual(await KV.get('k', { type: 'json', cacheTtl: 60 }), { a: 1 });
  const buffer = await KV.get('k', { type: 'arrayBuffer' });
  assert.ok(buffer instanceof ArrayBuffer);
  assert.equal(new TextDecoder().decode(buffer), '{"a":1}');
  const stream = await KV.get('k', 'stream');
  assert.ok(stream instanceof ReadableStream);
  assert.equal(await new Response(stream).text(), '{"a":1}');
  assert.equal(await KV.get('k', null), '{"a":1}');
  const { binding, method, target, headers, body } = mock.sent[0];
  assert.deepEqual({ binding, method, target, headers, body }, { binding: 'KV', method: 'GET', target: '/values/k', headers: {}, body: null });
  assert.equal(mock.sent.length, 7);
  assert.deepEqual(hooks.pending(), []);
});

test('a stream of a value is handed on whole', async () => {
  answer({ body: 'big' });
  const response = await serve({ fetch: async (request, { KV: namespace }) => new Response(await namespace.get('k', 'stream')) });
  assert.equal(response.body, mock.sent[0].answer);
  assert.equal(response.text, 'big');
});

test('what is not there is null', async () => {
  answer({ status: 404, body: 'no such key' });
  assert.equal(await KV.get('k'), null);
  assert.equal(mock.sent[0].answer.canceled, true);
  assert.equal(await KV.get('k', 'json'), null);
  assert.equal(await KV.get('k', 'stream'), null);
  assert.deepEqual(await KV.getWithMetadata('k'), { value: null, metadata: null, cacheStatus: null });
});

test('an empty value is one', async () => {
  answer({});
  assert.equal(await KV.get('k'), '');
  assert.equal((await KV.get('k', 'arrayBuffer')).byteLength, 0);
  assert.equal(await new Response(await KV.get('k', 'stream')).text(), '');
  await assert.rejects(KV.get('k', 'json'), 'SyntaxError');
  answer({ body: 'nope' });
  await assert.rejects(KV.get('k', 'json'), 'SyntaxError');
});

test('keys are checked as Workers do', async () => {
  answer({ status: 204 });
  for (const call of [(key) => KV.get(key), (key) => KV.getWithMetadata(key), (key) => KV.put(key, 'v'), (key) => KV.delete(key), (key) => KV.get([key])]) {
    await assert.rejects(call(''), 'TypeError', 'Key name cannot be empty.');
    await assert.rejects(call('.'), 'TypeError', '"." is not allowed as a key name.');
    await assert.rejects(call('..'), 'TypeError', '".." is not allowed as a key name.');
    await assert.rejects(call(Symbol('s')), 'TypeError');
  }
  await assert.rejects(KV.get('x'.repeat(513)), 'Error', 'KV GET failed: 414 UTF-8 encoded length of 513 exceeds key length limit of 512.');
  await assert.rejects(KV.put('é'.repeat(300), 'v'), 'Error', 'KV PUT failed: 414 UTF-8 encoded length of 600 exceeds key length limit of 512.');
  await assert.rejects(KV.delete('😀'.repeat(129)), 'Error', 'KV DELETE failed: 414 UTF-8 encoded length of 516 exceeds key length limit of 512.');
  await assert.rejects(KV.get(), 'TypeError', "Failed to execute 'get' on 'KvNamespace': parameter 1 is not of type 'string or Array'.");
  await assert.rejects(KV.put(), 'TypeError', "Failed to execute 'put' on 'KvNamespace': parameter 1 is not of type 'string'.");
  await assert.rejects(KV.put('a'), 'TypeError', "Failed to execute 'put' on 'KvNamespace': parameter 2 is not of type 'string or Object'.");
  await assert.rejects(KV.delete(), 'TypeError', /parameter 1/);
  assert.equal(mock.sent.length, 0);
  for (const key of ['a/b c%', 5, null, 'é\ud800', 'x'.repeat(512)]) await KV.delete(key);
  assert.deepEqual(mock.sent.slice(0, 4).map(({ target }) => target), ['/values/a%2Fb%20c%25', '/values/5', '/values/null', '/values/%C3%A9%EF%BF%BD']);
});

test('options of get are checked', async () => {
  await assert.rejects(KV.get('k', 'blob'), 'TypeError', 'Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".');
  await assert.rejects(KV.get('k', { type: null }), 'TypeError', /^Unknown response type/);
  await assert.rejects(KV.get('k', { type: 'toString' }), 'TypeError', /^Unknown response type/);
  await assert.rejects(KV.get('k', { cacheTtl: 10 }), 'Error', 'KV GET failed: 400 Invalid cache_ttl of 10. Cache TTL must be at least 30.');
  await assert.rejects(KV.get('k', { cacheTtl: 1e12 }), 'TypeError', 'Value out of range. Must be between -2147483648 and 2147483647 (inclusive).');
  assert.equal(mock.sent.length, 0);
});

test('metadata comes with the value', async () => {
  answer({ body: 'v', headers: { 'glowplug-kv-metadata': encodeURIComponent('{"a":"é🤓"}'), 'glowplug-kv-expiration': '1900000000' } });
  assert.deepEqual(await KV.getWithMetadata('k'), { value: 'v', metadata: { a: 'é🤓' }, cacheStatus: null });
  answer({ body: '[1]' });
  assert.deepEqual(await KV.getWithMetadata('k', { type: 'json' }), { value: [1], metadata: null, cacheStatus: null });
});

test('many keys are read at once', async () => {
  answer(({ body }) => ({ body: JSON.stringify(JSON.parse(body).keys.map((key) => (key === 'none' ? null : { value: `"${key}"`, metadata: key === 'm' ? { x: 1 } : null }))) }));
  const values = await KV.get(['a', 'none', 'a', 'm', 5]);
  assert.ok(values instanceof Map);
  assert.deepEqual([...values], [['a', '"a"'], ['none', null], ['m', '"m"'], ['5', '"5"']]);
  const { method, target, body } = mock.sent[0];
  assert.deepEqual([method, target, body], ['POST', '/values', '{"keys":["a","none","m","5"]}']);
  assert.deepEqual([...await KV.get(['a'], 'json')], [['a', 'a']]);
  assert.deepEqual([...await KV.getWithMetadata(['a', 'm', 'none'], { type: 'json' })], [['a', { value: 'a', metadata: null }], ['m', { value: 'm', metadata: { x: 1 } }], ['none', null]]);
});

test('what is wrong with many keys', async () => {
  await assert.rejects(KV.get([]), 'Error', 'KV GET_BULK failed: 400 You must request a minimum of 1 key');
  await assert.rejects(KV.get(Array.from({ length: 101 }, String)), 'Error', 'KV GET_BULK failed: 400 You can request a maximum of 100 keys');
  await assert.rejects(KV.get(['a'], 'stream'), 'Error', 'KV GET_BULK failed: 400 "stream" is not a valid type. Use "json" or "text"');
  assert.equal(mock.sent.length, 0);
  answer({ body: '[{"value":"no json","metadata":null}]' });
  await assert.rejects(KV.get(['a'], 'json'), 'Error', 'KV GET_BULK failed: 400 At least one of the requested keys corresponds to a non-json value');
  answer({ status: 404 });
  await assert.rejects(KV.get(['a']), 'Error', 'KV GET_BULK failed: 404 Not Found');
});

test('put sends text, bytes and options', async () => {
  answer({ status: 204 });
  assert.equal(await KV.put('k', 'v', { expiration: 1900000000, metadata: { a: 'é' } }), undefined);
  await KV.put('k', new Uint16Array([1, 2]), { expirationTtl: '60.7' });
  await KV.put('k', new Uint8Array([9, 8, 7]).subarray(1, 2).buffer);
  for (const value of [5, true, null, undefined]) await KV.put('k', value, null);
  assert.deepEqual(mock.sent.map(({ method, target }) => `${method} ${target}`).slice(0, 3), ['PUT /values/k?expiration=1900000000', 'PUT /values/k?expiration_ttl=60', 'PUT /values/k']);
  assert.deepEqual(mock.sent[0].headers, { 'glowplug-kv-metadata': '%7B%22a%22%3A%22%C3%A9%22%7D' });
  assert.deepEqual([mock.sent[0].body, [...mock.sent[1].body], [...mock.sent[2].body]], ['v', [1, 0, 2, 0], [9, 8, 7]]);
  assert.deepEqual(mock.sent.slice(3).map(({ body }) => body), ['5', 'true', 'null', 'undefined']);
});

test('put refuses what it cannot store', async () => {
  const NO_VALUE = 'KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.';
  for (const value of [{}, [], new Blob(['x']), () => {}, new Date()]) await assert.rejects(KV.put('k', value), 'TypeError', NO_VALUE);
  await assert.rejects(KV.put('k', Symbol('s')), 'TypeError');
  await assert.rejects(KV.put('k', 'v', 5), 'TypeError', "Failed to execute 'put' on 'KvNamespace': parameter 3 is not of type 'PutOptions'.");
  await assert.rejects(KV.put('k', 'v', { expiration: Date.now() * 1000 }), 'TypeError', /^Value out of range/);
  await assert.rejects(KV.put('k', 'v', { metadata: () => {} }), 'TypeError', /metadata/);
  await assert.rejects(KV.put('k', 'v', { metadata: 'x'.repeat(1023) }), 'Error', 'KV PUT failed: 413 Metadata length of 1025 exceeds limit of 1024.');
  const locked = new ReadableStream();
  locked.getReader();
  await assert.rejects(KV.put('k', locked), 'TypeError', /locked/);
  assert.equal(mock.sent.length, 0);
});

test('put streams', async () => {
  answer(async ({ handle }) => {
    while (!handle.ended) await scheduler.wait(1);
    return { status: 204 };
  });
  let count = 0;
  await KV.put('k', new ReadableStream({
    async pull(controller) {
      await scheduler.wait(1);
      if (++count > 3) controller.close();
      else controller.enqueue(bytes(`${count};`));
    },
  }));
  const [{ body, handle }] = mock.sent;
  assert.equal(body, true);
  assert.equal(new TextDecoder().decode(new Uint8Array(handle.written)), '1;2;3;');
});

test('the body of a request is put whole', async () => {
  answer({ status: 204 });
  const body = mock.body('abc');
  await serve({ async fetch(request) {
    await KV.put('k', request.body);
    return new Response();
  } }, { method: 'POST', body });
  assert.equal(mock.sent[0].body, body);
});

test('a stream that fails makes the put fail', async () => {
  answer(() => new Promise(() => {}));
  const failing = new ReadableStream({ pull(controller) { controller.error(new RangeError('broken')); } });
  await assert.rejects(KV.put('k', failing), 'RangeError', 'broken');
  await assert.rejects(KV.put('k', new ReadableStream({ pull(controller) { controller.enqueue('text'); } })), 'TypeError', /it gave a string/);
  assert.deepEqual(mock.sent.map(({ handle }) => [handle.failed, handle.ended]), [[true, undefined], [true, undefined]]);
  assert.deepEqual(hooks.pending(), []);
});

test('an answer before the value was taken is what counts', async () => {
  answer(async ({ handle }) => {
    handle.refused = true;
    await scheduler.wait(5);
    return { status: 413, body: 'Value length of 30000000 exceeds limit of 26214400.' };
  });
  let canceled = false;
  const endless = new ReadableStream({ pull(controller) { controller.enqueue(new Uint8Array(9)); }, cancel() { canceled = true; } });
  await assert.rejects(KV.put('k', endless), 'Error', 'KV PUT failed: 413 Value length of 30000000 exceeds limit of 26214400.');
  assert.ok(canceled);
});

test('list pages through the keys', async () => {
  answer(({ target }) => ({ body: target.includes('cursor') ? '{"keys":[{"name":"c"}],"list_complete":true}' : '{"keys":[{"name":"a","expiration":5,"metadata":{"x":1}},{"name":"b"}],"list_complete":false,"cursor":"n=="}' }));
  const first = await KV.list({ prefix: 'p/é', limit: 2 });
  assert.deepEqual(first, { keys: [{ name: 'a', expiration: 5, metadata: { x: 1 } }, { name: 'b' }], list_complete: false, cursor: 'n==', cacheStatus: null });
  assert.deepEqual(await KV.list({ cursor: first.cursor }), { keys: [{ name: 'c' }], list_complete: true, cacheStatus: null });
  for (const options of [undefined, null, {}, { prefix: null, cursor: null, limit: 0 }, { limit: 'abc' }, { limit: -1 }]) await KV.list(options);
  assert.deepEqual([...new Set(mock.sent.map(({ target }) => target))], ['/keys?prefix=p%2F%C3%A9&limit=2', '/keys?cursor=n%3D%3D', '/keys']);
  await assert.rejects(KV.list({ limit: 1001 }), 'Error', 'KV GET failed: 400 Invalid key_count_limit of 1001. Please specify an integer less than 1000.');
  await assert.rejects(KV.list({ prefix: 'x'.repeat(513) }), 'Error', 'KV GET failed: 414 UTF-8 encoded length of 513 exceeds key length limit of 512.');
  await assert.rejects(KV.list(5), 'TypeError', "Failed to execute 'list' on 'KvNamespace': parameter 1 is not of type 'ListOptions'.");
});

test('a status is told with its message, and with the line that asked', async () => {
  answer({ status: 400, body: ['Invalid expiration_ttl of 10. ', 'Expiration TTL must be at least 60.\n'] });
  const message = 'KV PUT failed: 400 Invalid expiration_ttl of 10. Expiration TTL must be at least 60.';
  async function asks() { await KV.put('k', 'v', { expirationTtl: 10 }); }
  const error = await asks().catch((reason) => reason);
  assert.error(error, 'Error', message);
  assert.ok(/^\s*at asks \(kv\.js:\d+:\d+\)/.test(error.stack), error.stack);
  answer({ status: 500 });
  await assert.rejects(KV.get('k'), 'Error', 'KV GET failed: 500 Internal Server Error');
  await assert.rejects(KV.delete('k'), 'Error', 'KV DELETE failed: 500 Internal Server Error');
  await assert.rejects(KV.list(), 'Error', 'KV GET failed: 500 Internal Server Error');
});

test('a request that fails is told in words of KV', async () => {
  answer(() => { throw new TypeError('Network connection lost.'); });
  await assert.rejects(KV.get('k'), 'Error', 'KV GET failed: Network connection lost.');
  answer(() => { throw new TypeError('too many subrequests or connections'); });
  await assert.rejects(KV.put('k', 'v'), 'Error', 'KV PUT failed: too many subrequests or connections');
  answer({ body: ['a', new TypeError('Network connection lost.')] });
  await assert.rejects(KV.get('k'), 'Error', 'KV GET failed: Network connection lost.');
});

test('what is waited for has a name', async () => {
  answer(() => new Promise((resolve) => { setTimeout(() => resolve({ body: 'v' }), 5); }));
  const value = KV.get('a/b');
  assert.ok(/^env\.KV GET \/values\/a%2Fb \(begun at .*kv\.js:\d+/.test(hooks.pending()[0]), hooks.pending()[0]);
  assert.equal(await value, 'v');
});
