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

test('plain data with a getter, a proxy or a class instance in it is cloned as the rest', () => {
  let reads = 0;
  const copy = structuredClone({ a: { get b() { reads += 1; return [1]; } } });
  assert.deepEqual([copy, reads, Object.getOwnPropertyDescriptor(copy.a, 'b').writable], [{ a: { b: [1] } }, 1, true]);
  assert.throws(() => structuredClone({ p: new Proxy({}, {}) }), 'DataCloneError');
  const { list } = structuredClone({ list: Object.assign([1, , 2, ,], { extra: 'x' }) });
  assert.deepEqual([list.length, 1 in list, 3 in list, list.extra], [4, false, false, 'x']);
  const made = structuredClone(JSON.parse('{"__proto__": 1, "2": 0, "1": 0}'));
  assert.deepEqual([Object.keys(made), Object.getPrototypeOf(made) === Object.prototype], [['1', '2', '__proto__'], true]);
});

test('a deep and a circular structure of plain data', () => {
  let deep = {};
  const root = deep;
  for (let depth = 0; depth < 50_000; depth++) deep = deep.next = {};
  deep.root = root;
  let copy = structuredClone(root);
  const first = copy;
  while (copy.next !== undefined) copy = copy.next;
  assert.equal(copy.root, first);
});

test('resizable buffers and views that grow with them', () => {
  const buffer = new ArrayBuffer(8, { maxByteLength: 16 });
  const full = new ArrayBuffer(8, { maxByteLength: 8 });
  new Uint8Array(full).fill(7);
  const copy = structuredClone({ tracking: new Uint16Array(buffer), fixed: new Uint16Array(buffer, 0, 4), full: new Uint8Array(full), fullFixed: new Uint8Array(full, 0, 8) });
  assert.deepEqual([copy.tracking.buffer.resizable, copy.tracking.buffer.maxByteLength, full.byteLength, new Uint8Array(full)[7], copy.full[7]], [true, 16, 8, 7, 7]);
  copy.tracking.buffer.resize(12);
  copy.full.buffer.resize(4);
  assert.deepEqual([copy.tracking.length, copy.fixed.length, copy.full.length, copy.fullFixed.length], [6, 4, 4, 0]);
  const outside = new Uint8Array(buffer, 4);
  buffer.resize(0);
  assert.throws(() => structuredClone(outside), 'DataCloneError');
});

test('errors give their own data properties alone, and the class that their name says', () => {
  const error = new TypeError('m');
  error.name = 'RangeError';
  error.extra = 1;
  const copy = structuredClone(error);
  assert.deepEqual([copy instanceof RangeError, copy.message, 'extra' in copy, copy.stack === error.stack], [true, 'm', false, true]);
  const odd = Object.defineProperty(new Error(), 'message', { get() { throw new Error('not to be asked'); } });
  assert.equal(Object.hasOwn(structuredClone(odd), 'message'), false);
  assert.equal(structuredClone(new DOMException('m', 'AbortError')).code, 20);
});

test('a port is moved, and only if all else can be copied', async () => {
  const { port1, port2 } = new MessageChannel();
  assert.throws(() => structuredClone(port2), 'DataCloneError');
  assert.throws(() => structuredClone({ port2, f() {} }, { transfer: [port2] }), 'DataCloneError');
  const moved = structuredClone({ port: port2 }, { transfer: [port2] }).port;
  assert.ok(moved instanceof MessagePort && moved !== port2);
  assert.throws(() => structuredClone(port2, { transfer: [port2] }), 'DataCloneError');
  const got = new Promise((resolve) => { port1.onmessage = (event) => resolve(event.data); });
  moved.postMessage(5);
  assert.equal(await got, 5);
  assert.throws(() => structuredClone(1, { transfer: [1] }), 'TypeError');
});

test('streams are transferred, and copied by nothing else', async () => {
  class Subclass extends ReadableStream {}
  const stream = new Subclass({ start(controller) { controller.enqueue({ x: 1 }); controller.close(); } });
  assert.throws(() => structuredClone(stream), 'DataCloneError');
  const moved = structuredClone({ stream }, { transfer: [stream] }).stream;
  assert.equal(Object.getPrototypeOf(moved), ReadableStream.prototype);
  assert.deepEqual((await moved.getReader().read()).value, { x: 1 });
  assert.throws(() => structuredClone(stream, { transfer: [stream] }), 'DataCloneError');
});

test('exceptions keep what their interface adds', () => {
  const copy = structuredClone(new QuotaExceededError('m', { quota: 1, requested: 2 }));
  assert.deepEqual([copy instanceof QuotaExceededError, copy.quota, copy.requested, copy.message], [true, 1, 2, 'm']);
});
