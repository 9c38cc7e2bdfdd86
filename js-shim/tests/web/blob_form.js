// Blob, File, FormData.

test('a Blob holds bytes', async () => {
  const blob = new Blob(['a', new Uint8Array([98]), new Blob(['c']), new Uint8Array([100]).buffer, 5], { type: 'Text/X' });
  assert.deepEqual([blob.size, blob.type, await blob.text()], [5, 'text/x', 'abcd5']);
  assert.equal(await blob.slice(1, -1, 'q').text(), 'bcd');
  assert.equal(blob.slice(1, 2, 'q').type, 'q');
  assert.equal((await blob.arrayBuffer()).byteLength, 5);
  assert.equal(await new Response(blob.stream()).text(), 'abcd5');
  assert.equal(await new Blob(['a\r\nb\r'], { endings: 'native' }).text(), 'a\nb\n');
  assert.equal(new Blob().size, 0);
  assert.throws(() => new Blob('text'), 'TypeError');
  assert.throws(() => new Blob([], { endings: 'x' }), 'TypeError');
});

test('a File has a name', () => {
  const file = new File(['x'], 'name.txt', { lastModified: 12 });
  assert.deepEqual([file.name, file.lastModified, file.size, file instanceof Blob, String(file)], ['name.txt', 12, 1, true, '[object File]']);
  assert.throws(() => new File(['x']), 'TypeError');
});

test('FormData keeps entries in order', () => {
  const form = new FormData();
  form.append('a', 1);
  form.append('b', new Blob(['x'], { type: 't/t' }));
  form.append('a', 'two');
  form.append('c', new Blob(['y']), 'named');
  assert.deepEqual([form.get('a'), form.getAll('a'), form.get('b').name, form.get('b').type, form.get('c').name, form.get('z'), form.has('c')], ['1', ['1', 'two'], 'blob', 't/t', 'named', null, true]);
  form.set('a', 'only');
  assert.deepEqual([...form.keys()], ['a', 'b', 'c']);
  form.delete('b');
  assert.deepEqual([...form].map(([name, value]) => [name, typeof value]), [['a', 'string'], ['c', 'object']]);
  assert.throws(() => form.append('a', 'x', 'name'), 'TypeError');
  assert.throws(() => form.append('a'), 'TypeError');
  assert.throws(() => new FormData({}), 'TypeError');
});

test('a form with large files is sent in pieces, and can be read and sent again', async () => {
  const form = new FormData();
  form.append('text', 'a\nb');
  form.append('file', new File([new Uint8Array(65_400).fill(7)], 'f.bin', { type: 'a/b' }));
  const request = new Request('https://a.test/', { method: 'POST', body: form });
  const copy = request.clone();
  const parsed = await request.formData();
  const file = parsed.get('file');
  assert.deepEqual([parsed.get('text'), file.name, file.type, file.size, (await file.bytes()).every((byte) => byte === 7)], ['a\r\nb', 'f.bin', 'a/b', 65_400, true]);

  mock.routes['https://a.test/'] = { status: 307, headers: { location: 'https://b.test/' } };
  mock.routes['https://b.test/'] = { body: 'taken' };
  assert.equal(await (await fetch(copy)).text(), 'taken');
  // the answer came before all was sent
  while (!mock.sent[1].handle.ended) await scheduler.wait(1);
  const [first, second] = mock.sent;
  assert.equal(first.headers['content-length'], second.headers['content-length']);
  assert.equal(second.handle.written.length, Number(second.headers['content-length']));
  const body = new Response(form);
  assert.equal((await body.body.getReader().read()).value.byteLength < 65537, true);
});

test('a part of a form may hold what looks like its boundary', async () => {
  const parts = '--x\r\nContent-Disposition: form-data; name="f"; filename="n"\r\n\r\n\r\n--xy\r\n--x--\r\n';
  const form = await new Response(parts.replace('--xy', '-x'), { headers: { 'content-type': 'multipart/form-data; boundary=x' } }).formData();
  assert.equal(await form.get('f').text(), '\r\n-x');
});
