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

test('what a worker gives to Object.prototype is no strategy and no source', async () => {
  const names = ['highWaterMark', 'size', 'start', 'pull', 'type', 'write', 'transform', 'flush', 'cancel', 'preventClose', 'signal', 'mode'];
  const read = [];
  for (const name of names) {
    Object.defineProperty(Object.prototype, name, { configurable: true, get() { read.push(name); return 1; } });
  }
  try {
    const stream = new ReadableStream();
    const transform = new TransformStream();
    new WritableStream();
    stream.pipeThrough(transform).getReader();
    ReadableStream.from([]).tee();
  } finally {
    for (const name of names) delete Object.prototype[name];
  }
  assert.deepEqual(read, []);
});

test('nothing of a stream is in its properties', () => {
  for (const object of [new ReadableStream(), new WritableStream(), new TransformStream(), new ReadableStream().getReader()]) {
    assert.deepEqual(Reflect.ownKeys(object), []);
  }
  assert.throws(() => new ReadableStreamDefaultController(), 'TypeError', 'Illegal constructor');
});

test('readAtLeast() is read() with min', async () => {
  const stream = new ReadableStream({ type: 'bytes', start(c) { c.enqueue(new Uint8Array([1])); c.enqueue(new Uint8Array([2, 3])); } });
  const reader = stream.getReader({ mode: 'byob' });
  const { value } = await reader.readAtLeast(2, new Uint8Array(4));
  assert.deepEqual([...value], [1, 2, 3]);
  await assert.rejects(reader.readAtLeast(5, new Uint8Array(4)), 'RangeError');
  await assert.rejects(reader.readAtLeast(0, new Uint8Array(4)), 'TypeError');
});

test('a BYOB reader reads an incoming body', async () => {
  const read = [];
  await serve({ async fetch(request) {
    const reader = request.body.getReader({ mode: 'byob' });
    for (let buffer = new ArrayBuffer(2); ;) {
      const { value, done } = await reader.read(new Uint8Array(buffer));
      if (done) break;
      read.push(new TextDecoder().decode(value));
      ({ buffer } = value);
    }
    return new Response();
  } }, { method: 'POST', body: mock.body('abc', 'd') });
  assert.deepEqual(read, ['ab', 'c', 'd']);
});

test('a transform that makes much of a chunk is kept back by its reader', async () => {
  const packed = await new Response(new Response(new Uint8Array(1 << 20)).body.pipeThrough(new CompressionStream('gzip'))).bytes();
  const { readable, writable } = new DecompressionStream('gzip');
  const writer = writable.getWriter();
  let written = false;
  const writing = writer.write(packed).then(() => { written = true; });
  const reader = readable.getReader();
  let left = 1 << 20;
  left -= (await reader.read()).value.byteLength;
  await scheduler.wait(1);
  assert.equal(written, false);
  while (left > 0) left -= (await reader.read()).value.byteLength;
  await writing;
});
