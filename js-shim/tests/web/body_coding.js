// Bodies under a `Content-Encoding`. The encoded ones here are Node.js's.

const TEXT = 'hello '.repeat(8);
const bytesOf = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
const CODED = {
  gzip: bytesOf('H4sIAAAAAAAAA8tIzcnJV8ggmgQAdWuyRDAAAAA='),
  br: bytesOf('Gy8A+I2Ubt5EVYaWbCBvYU8cgOIA'),
};
const CODINGS = Object.keys(CODED);
const ORIGIN = 'https://origin.test/';

const answer = (coding, chunks = [CODED[coding]]) => {
  mock.routes[ORIGIN] = { headers: { 'content-encoding': coding, 'content-length': `${CODED[coding]?.length}`, 'x-y': 'z' }, body: chunks };
};
const bytewise = (bytes) => [...bytes].map((byte) => new Uint8Array([byte]));
/** What a client that knows the codings reads. */
async function decoded({ headers, body, written }) {
  const bytes = body === true ? new Uint8Array(written) : body instanceof Uint8Array ? body : new Uint8Array(await body.bytes());
  const codec = new mock.native.Codec(headers['content-encoding'], false);
  return new TextDecoder().decode(codec.all(bytes));
}

test('a worker reads what was encoded', async () => {
  for (const coding of CODINGS) {
    for (const chunks of [[CODED[coding]], bytewise(CODED[coding])]) {
      answer(coding, chunks.slice());
      const response = await fetch(ORIGIN);
      assert.deepEqual([...response.headers], [['content-encoding', coding], ['content-length', `${CODED[coding].length}`], ['x-y', 'z']]);
      assert.equal(await response.text(), TEXT);
      answer(coding, chunks.slice());
      assert.equal((await (await fetch(ORIGIN)).arrayBuffer()).byteLength, TEXT.length);
      answer(coding, chunks.slice());
      const parts = [];
      for await (const part of (await fetch(ORIGIN)).body) parts.push(...part);
      assert.equal(new TextDecoder().decode(new Uint8Array(parts)), TEXT);
    }
  }
});

test('other codings are left alone', async () => {
  for (const coding of ['deflate', 'zstd', 'GZIP', 'x-gzip', 'gzip, gzip']) {
    answer(coding, ['as it is']);
    assert.equal(await (await fetch(ORIGIN)).text(), 'as it is');
  }
});

test('what is not what it says fails', async () => {
  answer('gzip', ['plain']);
  await assert.rejects((await fetch(ORIGIN)).text(), 'TypeError', /corrupt/);
  answer('br', [new Uint8Array([255, 255, 255])]);
  await assert.rejects((await fetch(ORIGIN)).bytes(), 'TypeError', /corrupt/);
  for (const coding of CODINGS) {
    answer(coding, [CODED[coding].subarray(0, 15)]);
    await assert.rejects((await fetch(ORIGIN)).text(), 'TypeError', /cut off/);
    answer(coding, [CODED[coding].subarray(0, 15)]);
    await assert.rejects(new Response((await fetch(ORIGIN)).body).text(), 'TypeError', /cut off/);
    answer(coding, [CODED[coding], 'x']);
    await assert.rejects((await fetch(ORIGIN)).text(), 'TypeError', /more data/);
  }
});

test('an empty body needs no decoding', async () => {
  for (const read of ['text', 'body']) {
    answer('gzip', []);
    const response = await fetch(ORIGIN);
    assert.equal(read === 'text' ? await response.text() : await new Response(response.body).text(), '');
  }
});

test('a connection that is lost is no end, not even before the first byte', async () => {
  for (const before of [[], [CODED.gzip.subarray(0, 15)]]) {
    for (const read of [(response) => response.text(), (response) => Array.fromAsync(response.body)]) {
      answer('gzip', [...before, new TypeError('Network connection lost.')]);
      await assert.rejects(read(await fetch(ORIGIN)), 'TypeError', /lost/);
    }
  }
});

test('unread, it goes on as it came', async () => {
  for (const coding of CODINGS) {
    answer(coding);
    for (const handler of [
      () => fetch(ORIGIN),
      async () => { const response = await fetch(ORIGIN); return new Response(response.body, response); },
      async () => { const response = await fetch(ORIGIN); const { body } = response; return body === null ? null : response; },
    ]) {
      const sent = await serve({ fetch: handler });
      assert.ok(sent.body instanceof mock.BodyHandle);
      assert.deepEqual([sent.headers['content-encoding'], sent.headers['content-length']], [coding, `${CODED[coding].length}`]);
    }
  }
});

test('both halves of a clone can be read, and sent as they came', async () => {
  for (const coding of CODINGS) {
    answer(coding);
    const first = await fetch(ORIGIN);
    const second = first.clone();
    assert.deepEqual([await first.text(), await second.text()], [TEXT, TEXT]);
    answer(coding);
    const sent = await serve({ async fetch() {
      const response = await fetch(ORIGIN);
      assert.equal(await response.clone().text(), TEXT);
      return response;
    } });
    assert.deepEqual(sent.written, [...CODED[coding]]);
    answer(coding, bytewise(CODED[coding]));
    const read = await serve({ async fetch() {
      const response = await fetch(ORIGIN);
      const other = response.clone();
      const parts = await Array.fromAsync(response.body);
      return new Response(`${parts.reduce((length, part) => length + part.length, 0)} ${await other.text()}`);
    } });
    assert.equal(read.text, `${TEXT.length} ${TEXT}`);
  }
});

test('without the header it is sent decoded', async () => {
  for (const coding of CODINGS) {
    answer(coding);
    const sent = await serve({ async fetch() { return new Response((await fetch(ORIGIN)).body, { headers: { 'content-length': '24', a: 'b' } }); } });
    assert.deepEqual([sent.text, sent.headers], [TEXT, { a: 'b' }]);
  }
});

test('under another coding it is encoded anew, or Brotli left to the server', async () => {
  for (const [from, to, coding] of [['br', 'gzip', 'gzip'], ['gzip', 'br', undefined]]) {
    answer(from);
    const sent = await serve({ async fetch() { return new Response((await fetch(ORIGIN)).body, { headers: { 'content-encoding': to } }); } });
    assert.deepEqual([sent.headers, coding === undefined ? sent.text : await decoded(sent)], [coding === undefined ? {} : { 'content-encoding': coding }, TEXT]);
  }
});

test('what a worker makes is encoded as its header says', async () => {
  const stream = () => new ReadableStream({ start(c) { for (const word of TEXT.split(/(?<= )/)) c.enqueue(new TextEncoder().encode(word)); c.close(); } });
  for (const coding of CODINGS) {
    for (const body of [() => TEXT, () => new TextEncoder().encode(TEXT), () => new Blob([TEXT]), stream, () => new Response(TEXT).body]) {
      const sent = await serve({ fetch: () => new Response(body(), { headers: { 'content-encoding': coding, 'content-length': '48' } }) });
      assert.equal(coding === 'br' ? sent.text : await decoded(sent), TEXT);
      assert.deepEqual([sent.headers['content-length'], sent.headers['content-encoding']], [undefined, coding === 'br' ? undefined : coding]);
    }
    const sent = await serve({ fetch: () => new Response(null, { headers: { 'content-encoding': coding } }) });
    assert.deepEqual([sent.body, sent.headers], [null, { 'content-encoding': coding }]);
  }
});

test('nothing is encoded twice, nor what is encoded by hand', async () => {
  for (const coding of CODINGS) {
    const init = { encodeBody: 'manual', headers: { 'content-encoding': coding } };
    const made = await serve({ fetch: () => new Response('as it is', init) });
    assert.equal(made.text, 'as it is');
    const again = await serve({ fetch: () => new Response('as it is', new Response(null, init)) });
    assert.equal(again.text, 'as it is');
    const cloned = await serve({ fetch: () => new Response('as it is', init).clone() });
    assert.equal(cloned.text, 'as it is');
    answer(coding);
    const passed = await serve({ async fetch() { const response = await fetch(ORIGIN); return new Response(response.body, { ...init, headers: response.headers }); } });
    assert.equal(passed.text, TEXT);
  }
  assert.throws(() => new Response('x', { encodeBody: 'by hand' }), 'TypeError', 'encodeBody: unexpected value: by hand');
  assert.equal(await new Response(TEXT, { headers: { 'content-encoding': 'gzip' } }).text(), TEXT);
});

test('requests are neither encoded nor decoded', async () => {
  mock.routes['https://b.test/'] = {};
  await fetch('https://b.test/', { method: 'POST', body: TEXT, headers: { 'content-encoding': 'gzip' } });
  assert.equal(mock.sent[0].body, TEXT);
  const echoed = await serve({ fetch: async (request) => new Response(`${(await request.bytes()).length}`) }, { method: 'POST', headers: { 'content-encoding': 'gzip' }, body: mock.body(CODED.gzip) });
  assert.equal(echoed.text, `${CODED.gzip.length}`);
  answer('gzip');
  const response = await fetch(ORIGIN);
  await fetch('https://b.test/', { method: 'POST', body: response.body });
  assert.equal(new TextDecoder().decode(new Uint8Array(mock.sent.at(-1).handle.written)), TEXT);
});

test('the integrity is that of what is read', async () => {
  const digest = btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(TEXT)))));
  answer('gzip');
  assert.equal(await (await fetch(ORIGIN, { integrity: `sha256-${digest}` })).text(), TEXT);
});

test('who stops reading stops the origin', async () => {
  answer('gzip', bytewise(CODED.gzip));
  const response = await fetch(ORIGIN);
  const reader = response.body.getReader();
  await reader.cancel();
  assert.equal(mock.sent[0].answer.canceled, true);
});
