// Blob, File, FileReader, blob: URLs: what the web platform tests do not look at.

const next = (target, type) => new Promise((resolve) => { target.addEventListener(type, resolve, { once: true }); });

test('a slice shares what its blob holds, and gives copies of it', async () => {
  const bytes = new Uint8Array([1, 2, 3, 4]);
  const blob = new Blob([bytes], { type: 'A/B' });
  bytes[0] = 9;
  const slice = blob.slice(1, -1, 'C/D');
  assert.deepEqual([slice.size, slice.type, blob.type], [2, 'c/d', 'a/b']);
  const copy = await slice.bytes();
  copy[0] = 9;
  assert.deepEqual([...await slice.bytes()], [2, 3]);
  assert.deepEqual([...new Uint8Array(await new Blob([slice, blob]).arrayBuffer())], [2, 3, 1, 2, 3, 4]);
  assert.equal((await slice.arrayBuffer()).byteLength, 2);
});

test('a large blob is streamed in chunks', async () => {
  const blob = new Blob([new Uint8Array(200_000).fill(7)]);
  let chunks = 0;
  let length = 0;
  for await (const chunk of blob.stream()) {
    chunks += 1;
    length += chunk.byteLength;
  }
  assert.equal(length, 200_000);
  assert.ok(chunks > 1);
});

test('parts are converted before the options are read', () => {
  const seen = [];
  const part = { toString() { seen.push('part'); return 'x'; } };
  new Blob([part], { get endings() { seen.push('endings'); }, get type() { seen.push('type'); } });
  assert.deepEqual(seen, ['part', 'endings', 'type']);
  assert.throws(() => new Blob('text'), 'TypeError');
  assert.throws(() => new Blob([], { endings: 'unix' }), 'TypeError', /endings/);
  assert.throws(() => new File([]), 'TypeError', /2 arguments/);
});

test('FileReader gives text by its label, its type, or a byte order mark', async () => {
  const read = async (blob, label) => {
    const reader = new FileReader();
    reader.readAsText(blob, label);
    await next(reader, 'loadend');
    return reader.result;
  };
  const latin = new Uint8Array([0xe9]);
  assert.equal(await read(new Blob([latin]), 'iso-8859-1'), 'é');
  assert.equal(await read(new Blob([latin], { type: 'text/plain;charset=windows-1252' })), 'é');
  assert.equal(await read(new Blob([latin]), 'no such label'), '\ufffd');
  assert.equal(await read(new Blob([new Uint8Array([0xff, 0xfe, 0x61, 0])]), 'iso-8859-1'), 'a');
});

test('FileReader tells of a read in events', async () => {
  const reader = new FileReader();
  const seen = [];
  for (const type of ['loadstart', 'progress', 'load', 'loadend']) {
    reader[`on${type}`] = (event) => { seen.push([event.type, event.loaded, event.total, event instanceof ProgressEvent]); };
  }
  reader.readAsDataURL(new Blob(['abc'], { type: 'a/b' }));
  assert.throws(() => reader.readAsText(new Blob()), 'InvalidStateError');
  await next(reader, 'loadend');
  assert.deepEqual(seen, [['loadstart', 0, 0, true], ['progress', 3, 3, true], ['load', 3, 3, true], ['loadend', 3, 3, true]]);
  assert.equal(reader.result, 'data:a/b;base64,YWJj');
  assert.throws(() => reader.readAsText('text'), 'TypeError', /Blob/);
  assert.throws(() => FileReader.prototype.abort.call({}), 'TypeError');
});

test('an aborted read goes no further', async () => {
  const reader = new FileReader();
  const seen = [];
  for (const type of ['load', 'abort', 'loadend']) reader.addEventListener(type, () => { seen.push(type); });
  reader.readAsText(new Blob(['abc']));
  reader.abort();
  assert.deepEqual([seen, reader.result, reader.readyState], [['abort', 'loadend'], null, FileReader.DONE]);
  while (mock.tick());
  assert.equal(seen.length, 2);
});

test('a blob: URL is fetched until it is revoked; a Request holds on to its blob', async () => {
  const url = URL.createObjectURL(new Blob(['hello'], { type: 'text/plain' }));
  assert.ok(/^blob:null\/[0-9a-f-]{36}$/.test(url));
  const response = await fetch(url);
  assert.deepEqual([response.status, response.statusText, response.type, response.url], [200, 'OK', 'basic', url]);
  assert.deepEqual([...response.headers], [['content-length', '5'], ['content-type', 'text/plain']]);
  assert.equal(await response.text(), 'hello');
  const part = await fetch(url, { headers: { range: 'bytes=1-2' } });
  assert.deepEqual([part.status, part.headers.get('content-range'), await part.text()], [206, 'bytes 1-2/5', 'el']);
  await assert.rejects(fetch(url, { headers: { range: 'bytes=9-' } }), 'TypeError');
  await assert.rejects(fetch(url, { method: 'HEAD' }), 'TypeError');
  const request = new Request(url);
  URL.revokeObjectURL(url);
  await assert.rejects(fetch(url), 'TypeError');
  assert.equal(await (await fetch(request.clone())).text(), 'hello');
  assert.throws(() => URL.createObjectURL({}), 'TypeError');
});

test('blob: URLs are not made at start-up', () => {
  mock.startup = true;
  try {
    assert.throws(() => URL.createObjectURL(new Blob()), 'Error', /global scope/);
  } finally {
    mock.startup = false;
  }
});
