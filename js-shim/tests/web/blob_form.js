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
