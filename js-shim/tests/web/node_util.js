// node:util, node:assert.

import nodeAssert, { AssertionError } from 'node:assert';
import strict from 'node:assert/strict';
import util, { inspect, promisify, types } from 'node:util';

test('inspect shows what Node.js shows', () => {
  assert.equal(inspect({ a: 1, b: 'x', c: [undefined, null], d: new Map([['k', new Set([1])]]) }), "{\n  a: 1,\n  b: 'x',\n  c: [ undefined, null ],\n  d: Map(1) { 'k' => Set(1) { 1 } }\n}");
  assert.equal(inspect({ a: { b: { c: { d: 1 } } } }), '{ a: { b: { c: [Object] } } }');
  assert.equal(inspect({ a: { b: { c: { d: 1 } } } }, { depth: Infinity, compact: true }), '{ a: { b: { c: { d: 1 } } } }');
  assert.equal(inspect(new Date(0)), '1970-01-01T00:00:00.000Z');
  assert.equal(inspect([1, 'a', 2n, Symbol('s'), /x/g, () => {}, class A {}]), "[ 1, 'a', 2n, Symbol(s), /x/g, [Function (anonymous)], [class A] ]");
  const circular = {};
  circular.self = circular;
  assert.equal(inspect(circular), '<ref *1> { self: [Circular *1] }');
  const failed = Promise.reject(new Error('no'));
  failed.catch(() => {});
  assert.equal(inspect([Promise.resolve(4), new Promise(() => {})]), '[ Promise { 4 }, Promise { <pending> } ]');
  assert.ok(inspect(failed).startsWith('Promise {\n  <rejected> Error: no'), inspect(failed));
  assert.equal(inspect({ [inspect.custom]: () => 'mine' }), 'mine');
  assert.equal(inspect(new (class Point { x = 1; })()), 'Point { x: 1 }');
});

test('format replaces its placeholders', () => {
  assert.equal(util.format('%s %d %i %f %j %o %% %c.', 'a', 42, 4.7, '1.5', { b: 1 }, [1], 'css'), "a 42 4 1.5 {\"b\":1} [ 1, [length]: 1 ] % .");
  assert.equal(util.format('a', 'b', { c: 1 }), 'a b { c: 1 }');
  assert.equal(util.stripVTControlCharacters(util.styleText('red', 'x')), 'x');
});

test('promisify and callbackify', async () => {
  const add = (a, b, callback) => { queueMicrotask(() => { if (b === 0) callback(new Error('zero')); else callback(null, a + b); }); };
  assert.equal(await promisify(add)(1, 2), 3);
  await assert.rejects(promisify(add)(1, 0), 'Error', 'zero');
  const custom = Object.assign(() => {}, { [promisify.custom]: async () => 'mine' });
  assert.equal(await promisify(custom)(), 'mine');
  const result = await new Promise((resolve) => { util.callbackify(async (x) => x * 2)(21, (error, value) => { resolve([error, value]); }); });
  assert.deepEqual(result, [null, 42]);
  assert.throws(() => promisify(1), 'TypeError', 'The "original" argument must be of type function. Received type number (1)');
});

test('types are told by what objects are, not by their prototypes', () => {
  const fake = (Class) => Object.create(Class.prototype);
  for (const [check, Class] of [['isMap', Map], ['isSet', Set], ['isDate', Date], ['isRegExp', RegExp], ['isArrayBuffer', ArrayBuffer], ['isWeakMap', WeakMap], ['isUint8Array', Uint8Array]]) {
    const real = Class === RegExp ? /x/ : Class === ArrayBuffer || Class === Uint8Array ? new Class(1) : new Class();
    assert.deepEqual([check, types[check](real), types[check](fake(Class)), types[check](null)], [check, true, false, false]);
  }
  assert.ok(types.isAsyncFunction(async () => {}) && types.isGeneratorFunction(function* () {}) && !types.isAsyncFunction(() => {}));
  assert.ok(types.isNativeError(new TypeError()) && types.isBoxedPrimitive(Object('x')) && !types.isBoxedPrimitive('x'));
  assert.ok(types.isTypedArray(new Int8Array(1)) && !types.isTypedArray(new DataView(new ArrayBuffer(1))));
  assert.ok(types.isPromise(Promise.resolve()) && types.isMapIterator(new Map().keys()) && types.isGeneratorObject((function* () {})()));
});

test('inherits, deprecate, parseArgs, isDeepStrictEqual', () => {
  function Base() {}
  function Derived() {}
  util.inherits(Derived, Base);
  assert.ok(new Derived() instanceof Base && Derived.super_ === Base);
  const old = util.deprecate((x) => x + 1, 'old() is old', 'DEP1');
  assert.deepEqual([old(1), old(2)], [2, 3]);
  assert.equal(mock.logs.length, 1);
  const { values, positionals } = util.parseArgs({ args: ['-f', '--bar', 'b', 'rest'], options: { foo: { type: 'boolean', short: 'f' }, bar: { type: 'string' } }, allowPositionals: true });
  assert.deepEqual([values.foo, values.bar, positionals], [true, 'b', ['rest']]);
  assert.ok(util.isDeepStrictEqual({ a: [new Map([[1, { b: NaN }]])] }, { a: [new Map([[1, { b: NaN }]])] }));
  assert.ok(!util.isDeepStrictEqual([1], ['1']) && !util.isDeepStrictEqual(new Set([1]), new Set([2])));
  assert.deepEqual(util.parseEnv('A=1\n# no\nexport B="x\\ny" # c\nC=\'z\'\n'), { A: '1', B: 'x\ny', C: 'z' });
});

test('assert throws AssertionErrors', () => {
  nodeAssert(true);
  nodeAssert.deepEqual([1, { a: '2' }], [1, { a: 2 }]);
  strict.deepEqual({ a: [1, new Date(0)] }, { a: [1, new Date(0)] });
  assert.throws(() => strict.deepEqual([1], ['1']), 'AssertionError');
  assert.throws(() => nodeAssert.strictEqual(1, 2, 'not the same'), 'AssertionError', /not the same/);
  nodeAssert.throws(() => { throw new TypeError('bad value'); }, { name: 'TypeError', message: /bad/ });
  assert.throws(() => nodeAssert.throws(() => {}), 'AssertionError', 'Missing expected exception.');
  nodeAssert.partialDeepStrictEqual({ a: 1, b: { c: 2, d: 3 } }, { b: { c: 2 } });
  assert.throws(() => nodeAssert.partialDeepStrictEqual({ a: 1 }, { a: 2 }), 'AssertionError');
  try {
    nodeAssert.equal(1, 2);
  } catch (error) {
    assert.ok(error instanceof AssertionError && error.code === 'ERR_ASSERTION' && error.actual === 1 && error.operator === '==');
  }
});
