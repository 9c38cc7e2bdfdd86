// WebAssembly: the JavaScript API beyond what the Web Platform Tests look at.

const bytes = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

// (module
//   (import "env" "call" (func $call (param i32) (result i32)))
//   (import "env" "swap" (func $swap (param i32 i64) (result i64 i32)))
//   (memory (export "memory") 1 3)
//   (table (export "table") 2 funcref)
//   (global (export "count") (mut i32) (i32.const 7))
//   (elem (i32.const 0) $add)
//   (data (i32.const 8) "hello")
//   (type $unary (func (param i32) (result i32)))
//   (func $add (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
//   (func (export "again") (param i32) (result i32) (i32.add (call $call (local.get 0)) (i32.const 1)))
//   (func (export "tail") (param i32) (result i32) (return_call $call (local.get 0)))
//   (func (export "swapped") (param i32 i64) (result i64 i32) (call $swap (local.get 0) (local.get 1)))
//   (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
//   (func (export "growAndCall") (result i32) (drop (memory.grow (i32.const 1))) (call $call (i32.const 1)))
//   (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0)))
//   (func (export "store") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))
//   (func (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
//   (func (export "truncate") (param f64) (result i32) (i32.trunc_f64_s (local.get 0)))
//   (func (export "fail") unreachable)
//   (func (export "indirect") (param i32) (result i32) (call_indirect (type $unary) (i32.const 5) (local.get 0)))
//   (func $deep (export "deep") (param i32) (result i32) (i32.add (call $deep (local.get 0)) (i32.const 1)))
//   (func (export "loop") (loop $l (br $l)))
//   (func (export "long") (param i32) (result i32) (loop $l (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_if $l (local.get 0))) (local.get 0))
//   (func (export "echo") (param externref) (result externref) (local.get 0))
//  )
const MAIN = bytes(
  'AGFzbQEAAAABKQhgAX8Bf2ACf34Cfn9gAn9/AX9gAAF/YAJ/fwBgAXwBf2AAAGABbwFvAhcCA2VudgRjYWxsAAADZW52BHN3YXAAAQMREAIAAAEAAwAEAgUG' +
  'AAAGAAcEBAFwAAIFBAEBAQMGBgF/AUEHCwefARMGbWVtb3J5AgAFdGFibGUBAAVjb3VudAMAA2FkZAACBWFnYWluAAMEdGFpbAAEB3N3YXBwZWQABQRncm93' +
  'AAYLZ3Jvd0FuZENhbGwABwRsb2FkAAgFc3RvcmUACQZkaXZpZGUACgh0cnVuY2F0ZQALBGZhaWwADAhpbmRpcmVjdAANBGRlZXAADgRsb29wAA8EbG9uZwAQ' +
  'BGVjaG8AEQkHAQBBAAsBAgqOARAHACAAIAFqCwkAIAAQAEEBagsGACAAEgALCAAgACABEAELBgAgAEAACwsAQQFAABpBARAACwcAIAAtAAALCQAgACABOgAA' +
  'CwcAIAAgAW0LBQAgAKoLAwAACwkAQQUgABEAAAsJACAAEA5BAWoLBwADQAwACwsSAANAIABBAWshACAADQALIAALBAAgAAsLCwEAQQgLBWhlbGxv',
);

// (module (import "env" "log" (func $log (param i32)))
//   (func $s (local $i i32)
//     (loop $l (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $l (i32.lt_u (local.get $i) (i32.const 100000))))
//     (call $log (local.get $i)))
//   (start $s))
const START = bytes(
  'AGFzbQEAAAABCAJgAX8AYAAAAgsBA2VudgNsb2cAAAMCAQEIAQEKHQEbAQF/A0AgAEEBaiEAIABBoI0GSQ0ACyAAEAAL',
);

// (module (import "env" "table" (table 1 funcref)) (memory 1)
//   (func $f (result i32) (i32.const 1)) (elem (i32.const 0) $f) (data (i32.const 65536) "x"))
const BROKEN = bytes(
  'AGFzbQEAAAABBQFgAAF/Ag8BA2VudgV0YWJsZQFwAAEDAgEABQMBAAEJBwEAQQALAQAKBgEEAEEBCwsJAQBBgIAECwF4',
);

// (module (import "env" "call" (func $call (param i32) (result i32)))
//   (func $t (param i32 i32 i32) (result i32) (local i32 i32)
//     (local.set 3 (i32.const 5)) (return_call $call (i32.add (local.get 2) (local.get 3))))
//   (func (export "inner") (param i32) (result i32) (local i32 i32 i32)
//     (local.set 1 (i32.const 1000)) (local.set 2 (i32.const 100))
//     (i32.add (i32.add (local.get 1) (local.get 2)) (call $t (i32.const 1) (i32.const 2) (local.get 0)))))
const TAIL = bytes(
  'AGFzbQEAAAABDQJgAX8Bf2ADf39/AX8CDAEDZW52BGNhbGwAAAMDAgEABwkBBWlubmVyAAIKLgIPAQJ/QQUhAyACIANqEgALHAEDf0HoByEBQeQAIQIgASAC' +
  'akEBQQIgABABags=',
);

mock.provideWasm('glowplug:wasm/main', MAIN);
mock.provideWasm('glowplug:wasm/tail', TAIL);
const { default: main } = await import('glowplug:wasm/main');

let called = () => 0;
const make = () => new WebAssembly.Instance(main, {
  env: { call: (value) => called(value), swap: (a, b) => [b, a] },
}).exports;

test('compiling at run time is refused with the words of Workers', async () => {
  const message = (what) => `WebAssembly.${what}(): Wasm code generation disallowed by embedder`;
  assert.throws(() => new WebAssembly.Module(MAIN), 'CompileError', message('Module'));
  await assert.rejects(WebAssembly.compile(MAIN), 'CompileError', message('compile'));
  await assert.rejects(WebAssembly.instantiate(MAIN, {}), 'CompileError', message('instantiate'));
  const response = () => new Response(MAIN, { headers: { 'content-type': 'application/wasm' } });
  await assert.rejects(WebAssembly.compileStreaming(response()), 'CompileError', message('compileStreaming'));
  await assert.rejects(WebAssembly.instantiateStreaming(response()), 'CompileError', message('instantiateStreaming'));
  assert.equal(WebAssembly.validate(MAIN), true);
  assert.equal(WebAssembly.validate(MAIN.subarray(0, 40)), false);
});

test('an imported file is a module, and one that was not deployed is not there', async () => {
  assert.ok(main instanceof WebAssembly.Module);
  assert.deepEqual(WebAssembly.Module.imports(main)[1], { module: 'env', name: 'swap', kind: 'function' });
  const { exports } = await WebAssembly.instantiate(main, { env: { call() {}, swap() {} } });
  assert.equal(exports.add(2, 3), 5);
  assert.equal(exports.add.name, '2');
  await assert.rejects(import('glowplug:wasm/other'), 'TypeError', /No such module/);
});

test('calls go both ways, and back into the same instance', () => {
  const exports = make();
  called = (value) => (value === 0 ? 100 : exports.again(value - 1));
  assert.equal(exports.again(3), 104);
  assert.equal(exports.tail(0), 100);
  assert.deepEqual(exports.swapped(1, 2n).map(String), ['2', '1']);
  called = () => { throw new RangeError('mine'); };
  assert.throws(() => exports.again(1), 'RangeError', 'mine');
  assert.equal(exports.add(1, 1), 2);
});

test('a tail call of an import goes back to who waits for it', async () => {
  const { default: module } = await import('glowplug:wasm/tail');
  const { exports } = new WebAssembly.Instance(module, { env: { call: (value) => value * 2 } });
  assert.equal(exports.inner(7), 1100 + 2 * 12);
});

test('traps are RuntimeErrors with the words of V8', () => {
  const exports = make();
  assert.throws(() => exports.fail(), 'RuntimeError', 'unreachable');
  assert.throws(() => exports.divide(1, 0), 'RuntimeError', 'divide by zero');
  assert.throws(() => exports.divide(-2147483648, -1), 'RuntimeError', 'divide result unrepresentable');
  assert.throws(() => exports.truncate(NaN), 'RuntimeError', 'float unrepresentable in integer range');
  assert.throws(() => exports.load(65536), 'RuntimeError', 'memory access out of bounds');
  assert.throws(() => exports.indirect(0), 'RuntimeError', 'null function or function signature mismatch');
  assert.throws(() => exports.indirect(9), 'RuntimeError', 'table index is out of bounds');
  assert.throws(() => exports.deep(1), 'RangeError', 'Maximum call stack size exceeded');
  assert.ok(new WebAssembly.RuntimeError('x') instanceof Error);
});

test('deep recursion through both worlds is a RangeError', () => {
  const exports = make();
  called = (value) => exports.again(value);
  assert.throws(() => exports.again(1), 'RangeError', 'Maximum call stack size exceeded');
  called = () => 1;
  assert.equal(exports.again(1), 2);
});

test('the buffer of a memory is the memory, until it grows', () => {
  const { memory, load, store, grow, growAndCall } = make();
  const { buffer } = memory;
  const view = new Uint8Array(buffer);
  assert.equal(String.fromCharCode(...view.subarray(8, 13)), 'hello');
  view[100] = 42;
  assert.equal(load(100), 42);
  store(101, 43);
  assert.equal(view[101], 43);
  assert.equal(memory.buffer, buffer);
  for (const detach of [() => buffer.transfer(), () => buffer.transferToFixedLength(), () => structuredClone(buffer, { transfer: [buffer] })]) {
    let refused = false;
    try { detach(); } catch { refused = true; }
    assert.ok(refused, `${detach} must not detach a memory`);
    assert.equal(buffer.byteLength, 65536);
  }
  let seen;
  called = () => { seen = [buffer.detached, view.length, memory.buffer.byteLength]; return 0; };
  growAndCall();
  assert.deepEqual(seen, [true, 0, 131072]);
  assert.equal(new Uint8Array(memory.buffer)[100], 42);
  assert.equal(memory.grow(1), 2);
  assert.equal(grow(1), -1);
  assert.throws(() => memory.grow(1), 'RangeError');
});

test('what two modules share is one object', () => {
  const exports = make();
  const { table, add } = exports;
  assert.equal(table.get(0), add);
  table.set(1, exports.load);
  assert.equal(table.get(1), exports.load);
  assert.throws(() => table.set(0, () => 1), 'TypeError');
  const other = { a: 1 };
  assert.equal(exports.echo(other), other);
  assert.equal(exports.echo(null), null);
  assert.ok(Object.is(exports.echo(-0), -0));
  assert.equal(exports.count.value, 7);
  exports.count.value = 2 ** 32 + 1;
  assert.equal(exports.count.value, 1);
});

test('a start function runs however long it takes, and may be stopped', () => {
  mock.allowWasmCompilation();
  const logged = [];
  new WebAssembly.Instance(new WebAssembly.Module(START), { env: { log: (value) => logged.push(value) } });
  assert.deepEqual(logged, [100000]);
});

test('what an instance left in a table before it failed can be called', () => {
  const table = new WebAssembly.Table({ element: 'anyfunc', initial: 1 });
  assert.throws(() => new WebAssembly.Instance(new WebAssembly.Module(BROKEN), { env: { table } }), 'RuntimeError');
  assert.equal(table.get(0)?.(), 1);
});

test('a shared memory is a SharedArrayBuffer of its own', () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 3, shared: true });
  const { buffer } = memory;
  new Uint8Array(buffer)[65535] = 5;
  assert.deepEqual([buffer instanceof SharedArrayBuffer, Object.isFrozen(buffer), memory.buffer === buffer], [true, true, true]);
  assert.equal(memory.grow(1), 1);
  assert.deepEqual([buffer.byteLength, memory.buffer.byteLength, new Uint8Array(memory.buffer)[65535]], [65536, 131072, 5]);
  assert.throws(() => memory.grow(2), 'RangeError');
  assert.throws(() => new WebAssembly.Memory({ initial: 1, shared: true }), 'TypeError');
  assert.throws(() => structuredClone(buffer), 'DataCloneError');
});

test('Atomics work on both kinds of buffer, and nothing waits', () => {
  for (const Buffer of [ArrayBuffer, SharedArrayBuffer]) {
    const view = new Int32Array(new Buffer(8));
    assert.deepEqual([Atomics.add(view, 0, 5), Atomics.compareExchange(view, 0, 5, 7), Atomics.load(view, 0), Atomics.notify(view, 0)], [0, 5, 7, 0]);
    assert.throws(() => Atomics.wait(view, 0, 7, 0), 'TypeError');
  }
});

test('the buffer of a memory is not transferred by anybody', () => {
  const { memory: { buffer } } = make();
  assert.throws(() => structuredClone(1, { transfer: [buffer] }), 'DataCloneError');
  const stream = new ReadableStream({ type: 'bytes', start: (controller) => { assert.throws(() => controller.enqueue(new Uint8Array(buffer)), 'TypeError'); } });
  assert.equal(stream.locked, false);
});
