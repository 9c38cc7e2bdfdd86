// The stream classes are there under their names, and work together.

test('all the interfaces are global', () => {
  for (const name of ['ByteLengthQueuingStrategy', 'CountQueuingStrategy', 'ReadableByteStreamController', 'ReadableStream', 'ReadableStreamBYOBReader', 'ReadableStreamBYOBRequest', 'ReadableStreamDefaultController', 'ReadableStreamDefaultReader', 'TransformStream', 'TransformStreamDefaultController', 'WritableStream', 'WritableStreamDefaultController', 'WritableStreamDefaultWriter']) {
    assert.equal(globalThis[name].name, name);
    assert.equal(globalThis[name].prototype[Symbol.toStringTag], name);
    assert.equal(Object.getOwnPropertyDescriptor(globalThis, name).enumerable, false);
  }
});

test('pipes, transforms, tees', async () => {
  const upper = new TransformStream({ transform(chunk, c) { c.enqueue(chunk.toUpperCase()); } });
  const [a, b] = ReadableStream.from(['x', 'y']).pipeThrough(upper).tee();
  const collected = [];
  await a.pipeTo(new WritableStream({ write(chunk) { collected.push(chunk); } }));
  for await (const chunk of b) collected.push(chunk);
  assert.deepEqual(collected, ['X', 'Y', 'X', 'Y']);
});

test('a pipe obeys a signal', async () => {
  const controller = new AbortController();
  const endless = new ReadableStream({ async pull(c) { await scheduler.wait(1); c.enqueue(1); } });
  setTimeout(() => controller.abort(), 5);
  await assert.rejects(endless.pipeTo(new WritableStream(), { signal: controller.signal }), 'AbortError');
});

test('a response through a TransformStream keeps streaming', async () => {
  const response = await serve({ fetch(request) {
    const { readable, writable } = new TransformStream();
    request.body.pipeTo(writable);
    return new Response(readable);
  } }, { method: 'POST', body: mock.body('a', 'b', 'c') });
  assert.equal(response.text, 'abc');
});

test('a stream that never gives anything is named in pending', async () => {
  hooks.register({ default: { fetch: () => new Response(new ReadableStream({})) } });
  hooks.fetch(mock.incoming());
  assert.ok(/^the next chunk of the response body/.test(hooks.pending().at(-1)), hooks.pending().join());
});
