// Bodies of Request and Response.

const bytes = (...values) => new Uint8Array(values);
const incoming = (...chunks) => new Promise((resolve) => {
  hooks.register({ default: { fetch(request) { resolve(request); return new Response(); } } });
  hooks.fetch(mock.incoming({ method: 'POST', headers: { 'content-type': 'text/plain' }, body: mock.body(...chunks) }));
});

test('a body can be read in every form', async () => {
  assert.equal(await new Response('é').text(), 'é');
  assert.deepEqual([...await new Response('é').bytes()], [0xc3, 0xa9]);
  assert.deepEqual([...new Uint8Array(await new Response('a').arrayBuffer())], [97]);
  assert.deepEqual(await new Response('{"a":[1]}').json(), { a: [1] });
  assert.equal(await (await new Response('x', { headers: { 'content-type': 'A/b' } }).blob()).type, 'a/b');
  assert.equal(await new Response().text(), '');
  assert.equal((await new Response(null).arrayBuffer()).byteLength, 0);
  await assert.rejects(new Response().json(), 'SyntaxError');
  await assert.rejects(new Response('{').json(), 'SyntaxError');
});

test('bodies are made of everything BodyInit names', async () => {
  assert.equal(await new Response(bytes(104, 105)).text(), 'hi');
  assert.equal(await new Response(bytes(104, 105).buffer).text(), 'hi');
  assert.equal(await new Response(new DataView(bytes(0, 104, 105).buffer, 1)).text(), 'hi');
  assert.equal(await new Response(new URLSearchParams({ a: 'b c' })).text(), 'a=b+c');
  assert.equal(new Response(new URLSearchParams()).headers.get('content-type'), 'application/x-www-form-urlencoded;charset=UTF-8');
  assert.equal(new Response(new Blob(['x'], { type: 'a/b' })).headers.get('content-type'), 'a/b');
  assert.equal(await new Response({}).text(), '[object Object]');
  assert.equal(await new Response(5).text(), '5');
  assert.equal(new Response(bytes(1)).headers.get('content-type'), null);
  assert.equal(new Response('x', { headers: { 'Content-Type': 'text/html' } }).headers.get('content-type'), 'text/html');
  assert.equal(await new Response('\ud800').text(), '\ufffd');
});

test('bytes are copied when the body is made and when it is read', async () => {
  const source = bytes(1);
  const response = new Response(source);
  source[0] = 9;
  const copy = response.clone();
  const first = await response.bytes();
  first[0] = 5;
  assert.deepEqual([...await copy.bytes()], [1]);
});

test('a body can be used once', async () => {
  const response = new Response('x');
  assert.equal(response.bodyUsed, false);
  const first = response.text();
  assert.equal(response.bodyUsed, true);
  await assert.rejects(response.text(), 'TypeError', 'Body has already been used. It can only be used once. Use tee() first if you need to read it twice.');
  await assert.rejects(response.json(), 'TypeError', /already been used/);
  assert.equal(await first, 'x');
  assert.throws(() => response.clone(), 'TypeError', /already been used/);
  assert.equal(response.body.locked, true);
  assert.throws(() => response.body.getReader(), 'TypeError');
  const empty = new Response();
  await empty.text();
  assert.equal(empty.bodyUsed, false);
});

test('an unread incoming body is read in Rust, not through a stream', async () => {
  const request = await incoming('{"a":', '1}');
  assert.deepEqual(await request.json(), { a: 1 });
  await assert.rejects(request.text(), 'TypeError', /already been used/);
});

test('looking at .body does not read it, nor get in the way', async () => {
  const request = await incoming('a', 'b');
  assert.ok(request.body instanceof ReadableStream);
  assert.equal(request.body, request.body);
  assert.equal(request.bodyUsed, false);
  assert.equal(await request.text(), 'ab');
  assert.equal(request.bodyUsed, true);
});

test('.body gives the chunks', async () => {
  const request = await incoming('a', '', 'bc');
  const chunks = [];
  for await (const chunk of request.body) chunks.push(new TextDecoder().decode(chunk));
  assert.deepEqual(chunks, ['a', 'bc']);
  assert.equal(request.bodyUsed, true);
});

test('.body is a byte stream', async () => {
  const request = await incoming('abcdef');
  const reader = request.body.getReader({ mode: 'byob' });
  const { value } = await reader.read(new Uint8Array(4));
  assert.equal(new TextDecoder().decode(value), 'abcd');
  assert.equal(new TextDecoder().decode((await reader.read(new Uint8Array(4))).value), 'ef');
  assert.equal((await reader.read(new Uint8Array(4))).done, true);
});

test('a locked body cannot be read', async () => {
  const request = await incoming('a');
  request.body.getReader();
  await assert.rejects(request.text(), 'TypeError', 'This ReadableStream is currently locked to a reader.');
  assert.equal(request.bodyUsed, false);
});

test('canceling .body cancels the incoming body', async () => {
  const body = mock.body('a');
  await serve({ async fetch(request) { await request.body.cancel(); return new Response(String(request.bodyUsed)); } }, { method: 'POST', body });
  assert.equal(body.canceled, true);
  assert.equal(mock.response.body, 'true');
});

test('clones of an unread incoming body are read from one buffer', async () => {
  const body = mock.body('a', 'b');
  const response = await serve({ async fetch(request) {
    const clone = request.clone();
    const third = clone.clone();
    return Response.json([await clone.text(), await request.text(), await third.text()]);
  } }, { method: 'POST', body });
  assert.equal(response.text, '["ab","ab","ab"]');
  assert.equal(body.reads, 3);
});

test('one clone may be streamed, the other read', async () => {
  const request = await incoming('a', 'b');
  const clone = request.clone();
  const text = clone.text();
  const chunks = [];
  for await (const chunk of request.body) chunks.push(...chunk);
  assert.deepEqual(chunks, [97, 98]);
  assert.equal(await text, 'ab');
  const other = await incoming('a', 'b');
  const copy = other.clone();
  const reader = other.body.getReader();
  await reader.read();
  assert.equal(await copy.text(), 'ab');
});

test('a clone of a stream body tees it', async () => {
  const response = new Response(new ReadableStream({ start(c) { c.enqueue(bytes(97)); c.close(); } }));
  const clone = response.clone();
  assert.equal(await response.text(), 'a');
  assert.equal(await clone.text(), 'a');
});

test('a stream that gives no bytes cannot be read as a body', async () => {
  const response = new Response(new ReadableStream({ start(c) { c.enqueue('text'); c.close(); } }));
  await assert.rejects(response.text(), 'TypeError', /must give bytes/);
});

test('a used or locked stream is refused as a body', async () => {
  const used = new ReadableStream({ start(c) { c.enqueue(bytes(97)); c.close(); } });
  const reader = used.getReader();
  assert.throws(() => new Response(used), 'TypeError', /locked/);
  await reader.read();
  reader.releaseLock();
  assert.throws(() => new Response(used), 'TypeError', /disturbed/);
});

test('an error of the incoming body reaches the reader', async () => {
  const request = await incoming('a', new TypeError('Network connection lost.'));
  await assert.rejects(request.text(), 'TypeError', 'Network connection lost.');
});

test('formData reads urlencoded and multipart bodies', async () => {
  const form = await new Response(new URLSearchParams([['a', '1'], ['a', '2 é']])).formData();
  assert.deepEqual(form.getAll('a'), ['1', '2 é']);
  const sent = new FormData();
  sent.append('text', 'a\nb');
  sent.append('quo"te', 'x');
  sent.append('file', new File([bytes(0, 255, 13, 10)], 'n"a.bin', { type: 'a/b' }));
  const response = new Response(sent);
  assert.ok(/^multipart\/form-data; boundary=/.test(response.headers.get('content-type')));
  const back = await response.formData();
  assert.equal(back.get('text'), 'a\r\nb');
  assert.equal(back.get('quo"te'), 'x');
  const file = back.get('file');
  assert.deepEqual([file.name, file.type, file.size, file instanceof File], ['n"a.bin', 'a/b', 4, true]);
  assert.deepEqual([...await file.bytes()], [0, 255, 13, 10]);
  await assert.rejects(new Response('x').formData(), 'TypeError', /Unrecognized Content-Type.*"text\/plain"/);
  await assert.rejects(new Response('x', { headers: { 'content-type': 'multipart/form-data' } }).formData(), 'TypeError', /boundary/);
  await assert.rejects(new Response('x', { headers: { 'content-type': 'multipart/form-data; boundary=q' } }).formData(), 'TypeError', /malformed/);
});

test('members check what they are called on, and reject rather than throw', async () => {
  await assert.rejects(Response.prototype.text.call({}), 'TypeError');
  await assert.rejects(Response.prototype.json.call(new Request('http://a')), 'TypeError');
  assert.throws(() => Object.getOwnPropertyDescriptor(Request.prototype, 'body').get.call({}), 'TypeError');
  assert.equal(Object.getOwnPropertyDescriptor(Response.prototype, 'text').enumerable, true);
  assert.equal(Response.prototype.text.name, 'text');
});
