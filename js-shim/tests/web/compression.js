const FORMATS = ['gzip', 'deflate', 'deflate-raw'];

async function collect(readable) {
  const all = [];
  for await (const chunk of readable) {
    assert.ok(chunk instanceof Uint8Array);
    all.push(...chunk);
  }
  return new Uint8Array(all);
}

function through(stream, ...chunks) {
  return collect(ReadableStream.from(chunks).pipeThrough(stream));
}

const text = (bytes) => new TextDecoder().decode(bytes);
const HELLO = new TextEncoder().encode('hello hello hello hello');

for (const format of FORMATS) {
  test(`${format}: what is compressed comes back, however it was cut`, async () => {
    const packed = await through(new CompressionStream(format), HELLO.subarray(0, 3), new Uint8Array(0), HELLO.subarray(3));
    assert.ok(packed.length < HELLO.length + 20);
    assert.equal(text(await through(new DecompressionStream(format), packed)), text(HELLO));
    const bytewise = [...packed].map((byte) => new Uint8Array([byte]));
    assert.equal(text(await through(new DecompressionStream(format), ...bytewise)), text(HELLO));
  });

  test(`${format}: nothing at all is a stream too`, async () => {
    const packed = await through(new CompressionStream(format));
    assert.ok(packed.length > 0);
    assert.equal((await through(new DecompressionStream(format), packed)).length, 0);
  });

  test(`${format}: data that is cut off, corrupt or followed by more is an error`, async () => {
    const packed = await through(new CompressionStream(format), HELLO);
    await assert.rejects(through(new DecompressionStream(format), packed.subarray(0, -1)), 'TypeError', /cut off/);
    await assert.rejects(through(new DecompressionStream(format)), 'TypeError', /cut off/);
    await assert.rejects(through(new DecompressionStream(format), new Uint8Array([...packed, 0])), 'TypeError', /more data/);
    await assert.rejects(through(new DecompressionStream(format), packed, new Uint8Array([1])), 'TypeError', /more data/);
    await assert.rejects(through(new DecompressionStream(format), new Uint8Array([255, 255, 255, 255])), 'TypeError', /corrupt/);
    assert.equal((await through(new DecompressionStream(format), packed, new Uint8Array(0))).length, HELLO.length);
  });

  test(`${format}: a chunk of many zeros inflates piece by piece`, async () => {
    const packed = await through(new CompressionStream(format), new Uint8Array(1 << 20));
    assert.ok(packed.length < 4096);
    let pieces = 0;
    let length = 0;
    for await (const chunk of ReadableStream.from([packed]).pipeThrough(new DecompressionStream(format))) {
      assert.ok(chunk.length <= 65536);
      pieces += 1;
      length += chunk.length;
    }
    assert.equal(length, 1 << 20);
    assert.ok(pieces >= 16);
  });
}

test('a damaged checksum is an error', async () => {
  for (const format of ['gzip', 'deflate']) {
    const packed = await through(new CompressionStream(format), HELLO);
    packed[packed.length - (format === 'gzip' ? 8 : 1)] ^= 1;
    await assert.rejects(through(new DecompressionStream(format), packed), 'TypeError', /corrupt/);
  }
});

test('formats are checked, and so are chunks', async () => {
  assert.throws(() => new CompressionStream(), 'TypeError', /needs 1 argument/);
  assert.throws(() => new CompressionStream('GZIP'), 'TypeError', /not "GZIP"/);
  assert.throws(() => new DecompressionStream('br'), 'TypeError', /not "br"/);
  assert.throws(() => CompressionStream('gzip'), 'TypeError');
  for (const Stream of [CompressionStream, DecompressionStream]) {
    for (const chunk of ['text', null, undefined, 1, {}, [1]]) {
      await assert.rejects(through(new Stream('gzip'), chunk), 'TypeError', /must be an ArrayBuffer/);
    }
  }
});

test('chunks may be buffers and any views', async () => {
  const { buffer } = HELLO.slice();
  const packed = await through(new CompressionStream('gzip'), buffer, new DataView(buffer, 1, 2), new Uint16Array(buffer, 2, 3));
  const plain = text(HELLO) + text(HELLO).slice(1, 3) + text(HELLO).slice(2, 8);
  assert.equal(text(await through(new DecompressionStream('gzip'), packed)), plain);
});

test('a response body is compressed on its way', async () => {
  const response = await serve({
    fetch: () => new Response(new Response('x'.repeat(1000)).body.pipeThrough(new CompressionStream('gzip'))),
  });
  assert.equal(text(await through(new DecompressionStream('gzip'), new Uint8Array(response.written))), 'x'.repeat(1000));
});

test('an incoming body is compressed as its reader takes it', async () => {
  const body = mock.body('a'.repeat(100), 'b'.repeat(100), 'c'.repeat(100));
  const response = await serve({ fetch(request) {
    const packed = request.body.pipeThrough(new CompressionStream('gzip'));
    assert.ok(request.body.locked && request.bodyUsed);
    return new Response(packed.pipeThrough(new DecompressionStream('gzip')));
  } }, { method: 'POST', body });
  assert.equal(response.text, 'a'.repeat(100) + 'b'.repeat(100) + 'c'.repeat(100));
});

test('an incoming body that is no gzip is canceled, and so is one that nobody reads on', async () => {
  const bad = mock.body('not gzip', 'at all');
  await serve({ async fetch(request) {
    const reader = request.body.pipeThrough(new DecompressionStream('gzip')).getReader();
    await assert.rejects(reader.read(), 'TypeError', /corrupt/);
    return new Response();
  } }, { method: 'POST', body: bad });
  assert.ok(bad.canceled);
  const left = mock.body('abc');
  await serve({ async fetch(request) {
    await request.body.pipeThrough(new CompressionStream('gzip')).cancel();
    return new Response();
  } }, { method: 'POST', body: left });
  assert.ok(left.canceled);
});
