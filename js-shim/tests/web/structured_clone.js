// structuredClone.

test('values, nested and shared', () => {
  const shared = { s: 1 };
  const value = { n: 1, t: 'x', u: undefined, d: new Date(5), r: /a/gi, m: new Map([[shared, new Set([1])]]), shared, big: 3n, list: [1, , 3], boxed: Object(4) };
  value.self = value;
  const copy = structuredClone(value);
  assert.ok(copy !== value && copy.self === copy && copy.shared !== shared);
  assert.ok(copy.m.has(copy.shared));
  assert.deepEqual([copy.n, copy.t, 'u' in copy, copy.d.getTime(), String(copy.r), copy.m.get(copy.shared).has(1), copy.list.length, 1 in copy.list], [1, 'x', true, 5, '/a/gi', true, 3, false]);
  assert.ok(copy.d instanceof Date && copy.boxed instanceof Number && copy.big === 3n);
});

test('buffers and views', () => {
  const buffer = new Uint8Array([1, 2, 3, 4]).buffer;
  const { a, b, c } = structuredClone({ a: buffer, b: new Uint16Array(buffer, 2, 1), c: new DataView(buffer, 1) });
  assert.ok(a !== buffer && b.buffer === a && c.buffer === a);
  assert.deepEqual([b.byteOffset, b.length, c.byteOffset, c.byteLength], [2, 1, 1, 3]);
});

test('errors keep their type', () => {
  const error = structuredClone(new RangeError('m', { cause: { x: 1 } }));
  assert.ok(error instanceof RangeError);
  assert.deepEqual([error.name, error.message, error.cause.x], ['RangeError', 'm', 1]);
  const exception = structuredClone(new DOMException('m', 'AbortError'));
  assert.ok(exception instanceof DOMException && exception.name === 'AbortError');
});

test('a class instance becomes a plain object', () => {
  class A { constructor() { this.x = 1; } get y() { return 2; } }
  const copy = structuredClone(new A());
  assert.deepEqual([copy.constructor === Object, copy], [true, { x: 1 }]);
});

test('what cannot be cloned says so', () => {
  for (const value of [() => {}, Symbol('s'), { f() {} }, new WeakMap(), Promise.resolve(), new Headers(), new Response(), new ReadableStream()]) {
    assert.throws(() => structuredClone(value), 'DataCloneError', /could not be cloned/);
  }
  assert.throws(() => structuredClone(), 'TypeError');
});

test('transfer moves a buffer', () => {
  const buffer = new Uint8Array([7]).buffer;
  const copy = structuredClone({ buffer, view: new Uint8Array(buffer) }, { transfer: [buffer] });
  assert.deepEqual([buffer.detached, buffer.byteLength, copy.view[0], copy.view.buffer === copy.buffer], [true, 0, 7, true]);
  assert.throws(() => structuredClone(buffer), 'DataCloneError');
  const other = new ArrayBuffer(1);
  assert.throws(() => structuredClone({ f() {} }, { transfer: [other] }), 'DataCloneError');
  assert.equal(other.detached, false);
  assert.throws(() => structuredClone(1, { transfer: [other, other] }), 'DataCloneError');
  assert.throws(() => structuredClone(1, { transfer: [{}] }), 'DataCloneError');
});

test('blobs', async () => {
  const file = structuredClone(new File(['x'], 'n', { type: 'a/b', lastModified: 4 }));
  assert.deepEqual([file.name, file.type, file.lastModified, await file.text()], ['n', 'a/b', 4, 'x']);
});
