// IdentityTransformStream and FixedLengthStream, and the short ways through streams that change nothing.

const bytes = (...values) => new Uint8Array(values);

async function collect(readable) {
  const all = [];
  for await (const chunk of readable) all.push(...chunk);
  return all;
}

test('their shape is that of Workers', () => {
  const stream = new FixedLengthStream(1);
  assert.ok(stream instanceof IdentityTransformStream && stream instanceof TransformStream);
  assert.ok(stream.readable instanceof ReadableStream && stream.writable instanceof WritableStream);
  assert.equal(String(stream), '[object FixedLengthStream]');
  assert.equal(stream.readable, stream.readable);
  assert.throws(() => new FixedLengthStream(), 'TypeError', /needs 1 argument/);
  for (const length of [-1, NaN, 'x', 2 ** 53]) assert.throws(() => new FixedLengthStream(length), 'TypeError', /integer/);
  assert.ok(new FixedLengthStream(3n).readable.locked === false);
});

test('bytes pass as they are, and a write waits for its reader', async () => {
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  const events = [];
  const buffer = bytes(1, 2);
  const written = writer.write(buffer).then(() => events.push('written'));
  await scheduler.wait(1);
  assert.deepEqual(events, []);
  const reader = readable.getReader();
  const { value } = await reader.read();
  await written;
  buffer.fill(9);
  assert.deepEqual([...value], [1, 2]);
  const rest = reader.read();
  await writer.write(new Uint16Array([0x0403]));
  assert.deepEqual([...(await rest).value], [3, 4]);
  writer.write(bytes());
  writer.close();
  assert.equal((await reader.read()).done, true);
});

test('the readable side fills buffers', async () => {
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  writer.write(bytes(1, 2, 3)).then(() => writer.write(bytes(4, 5))).then(() => writer.close());
  const reader = readable.getReader({ mode: 'byob' });
  assert.deepEqual([...(await reader.read(new Uint8Array(2))).value], [1, 2]);
  assert.deepEqual([...(await reader.readAtLeast(3, new Uint8Array(8))).value], [3, 4, 5]);
  const last = await reader.read(new Uint8Array(2));
  assert.ok(last.done && last.value.byteLength === 0);
});

test('only bytes may be written', async () => {
  for (const [chunk, message] of [['text', /received a string/], [{}, /received an object of non-ArrayBuffer/], [undefined, /received an object/]]) {
    const { readable, writable } = new IdentityTransformStream();
    const reading = readable.getReader().read();
    await assert.rejects(writable.getWriter().write(chunk), 'TypeError', message);
    await assert.rejects(reading, 'TypeError', message);
  }
});

test('a FixedLengthStream wants neither more nor less', async () => {
  const exact = new FixedLengthStream(3);
  const writer = exact.writable.getWriter();
  const collected = collect(exact.readable);
  await writer.write(bytes(1));
  await writer.write(bytes(2, 3));
  await writer.close();
  assert.deepEqual(await collected, [1, 2, 3]);

  for (const [write, message] of [[bytes(1, 2, 3, 4), 'Attempt to write too many bytes through a FixedLengthStream.'], [bytes(1), 'FixedLengthStream did not see all expected bytes before close().']]) {
    const { readable, writable } = new FixedLengthStream(3);
    const read = collect(readable);
    const source = ReadableStream.from([write]);
    await assert.rejects(source.pipeTo(writable), 'TypeError', message);
    await assert.rejects(read, 'TypeError', message);
  }
});

test('errors and cancellation go through', async () => {
  const broken = new IdentityTransformStream();
  const reading = broken.readable.getReader().read();
  await broken.writable.abort(new RangeError('broken'));
  await assert.rejects(reading, 'RangeError', 'broken');

  const waiting = new IdentityTransformStream();
  const writer = waiting.writable.getWriter();
  const write = writer.write(bytes(1));
  await scheduler.wait(1);
  writer.abort(new RangeError('no more'));
  await assert.rejects(write, 'RangeError', 'no more');
  await assert.rejects(waiting.readable.getReader().read(), 'RangeError', 'no more');

  const canceled = new IdentityTransformStream();
  const unread = canceled.writable.getWriter();
  const stuck = unread.write(bytes(1));
  await canceled.readable.cancel(new RangeError('enough'));
  await stuck.catch(() => {});
  await assert.rejects(unread.write(bytes(2)), 'RangeError', 'enough');
  await assert.rejects(unread.closed, 'RangeError', 'enough');
});

test('a response with a FixedLengthStream has its content-length', async () => {
  const answer = (headers) => () => {
    const { readable, writable } = new FixedLengthStream(5);
    const writer = writable.getWriter();
    writer.write(new TextEncoder().encode('hello')).then(() => writer.close());
    const response = new Response(readable, { headers });
    assert.equal(response.headers.get('content-length'), null);
    return response;
  };
  const response = await serve({ fetch: answer({ 'x-a': '1' }) });
  assert.equal(response.headers['content-length'], '5');
  assert.equal(response.headers['x-a'], '1');
  assert.equal(response.text, 'hello');
  assert.equal((await serve({ fetch: answer({}) })).headers['content-length'], '5');
});

test('so has a request', async () => {
  mock.routes['https://other.test/'] = { body: 'ok' };
  const { readable, writable } = new FixedLengthStream(2);
  const writer = writable.getWriter();
  writer.write(bytes(104, 105)).then(() => writer.close());
  await (await fetch('https://other.test/', { method: 'POST', body: readable })).text();
  assert.equal(mock.sent[0].headers['content-length'], '2');
  assert.deepEqual(mock.sent[0].handle.written, [104, 105]);
});

test('an unread body that is piped through streams that change nothing is passed on unread', async () => {
  for (const through of [() => new TransformStream(), () => new IdentityTransformStream()]) {
    const body = mock.body('abc');
    const response = await serve({ fetch(request) {
      const stream = request.body;
      const passed = stream.pipeThrough(through()).pipeThrough(through());
      assert.ok(stream.locked && request.bodyUsed && !passed.locked);
      return new Response(passed);
    } }, { method: 'POST', body });
    assert.equal(response.body, body);
    assert.equal(body.reads, 2);
    assert.equal(response.text, 'abc');
  }
});

test('and it can be read at the other end', async () => {
  for (const through of [new TransformStream(), new IdentityTransformStream()]) {
    await serve({ async fetch(request) {
      const reader = request.body.pipeThrough(through).getReader();
      assert.equal(new TextDecoder().decode((await reader.read()).value), 'a');
      assert.equal(new TextDecoder().decode((await reader.read()).value), 'bc');
      assert.equal((await reader.read()).done, true);
      return new Response();
    } }, { method: 'POST', body: mock.body('a', 'bc') });
  }
  const text = new Response('text').body.pipeThrough(new IdentityTransformStream());
  assert.equal(await new Response(text).text(), 'text');
});

test('canceling the other end cancels the body', async () => {
  const body = mock.body('abc');
  await serve({ async fetch(request) {
    await request.body.pipeThrough(new TransformStream()).cancel();
    return new Response();
  } }, { method: 'POST', body });
  assert.ok(body.canceled);
});

test('where it makes a difference, a pipe is a pipe', async () => {
  const options = [{ signal: new AbortController().signal }, { preventClose: true }];
  for (const option of options) {
    const body = mock.body('abc');
    const read = [];
    await serve({ async fetch(request) {
      const reader = request.body.pipeThrough(new TransformStream(), option).getReader();
      read.push(new TextDecoder().decode((await reader.read()).value));
      return new Response();
    } }, { method: 'POST', body });
    assert.deepEqual(read, ['abc']);
  }
  const seen = [];
  const watched = new TransformStream({ flush() { seen.push('flush'); } });
  const passed = new Response('x').body.pipeThrough(watched);
  assert.equal(await new Response(passed).text(), 'x');
  assert.deepEqual(seen, ['flush']);
  const used = new IdentityTransformStream();
  const first = used.writable.getWriter();
  first.write(bytes(97));
  first.releaseLock();
  const both = new Response('b').body.pipeThrough(used);
  assert.equal(await new Response(both).text(), 'ab');
  const short = new Response('abc').body.pipeThrough(new FixedLengthStream(2));
  await assert.rejects(new Response(short).text(), 'TypeError', /too many bytes/);
});
