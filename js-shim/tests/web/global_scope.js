// What a worker finds on the global object, and what it does not.

test('self, navigator and the rest', () => {
  assert.equal(self, globalThis);
  assert.equal(navigator.userAgent, 'Cloudflare-Workers');
  assert.equal(Math.random(), 0.5);
  assert.equal(Object.prototype.toString.call(globalThis), '[object ServiceWorkerGlobalScope]');
  for (const name of ['fetch', 'setTimeout', 'structuredClone', 'atob', 'queueMicrotask']) {
    assert.equal(globalThis[name].name, name);
    assert.equal(Object.getOwnPropertyDescriptor(globalThis, name).enumerable, true);
  }
  assert.equal(fetch.length, 1);
  assert.equal(structuredClone.length, 1);
});

test('code cannot be made from strings', () => {
  const message = 'Code generation from strings disallowed for this context';
  const AsyncFunction = (async () => {}).constructor;
  assert.throws(() => eval('1'), 'EvalError', message);
  assert.throws(() => (0, eval)('1'), 'EvalError', message);
  assert.throws(() => globalThis.eval('1'), 'EvalError', message);
  assert.throws(() => new Function('return 1'), 'EvalError', message);
  assert.throws(() => Function('return 1'), 'EvalError', message);
  assert.throws(() => (() => {}).constructor('return 1'), 'EvalError', message);
  assert.throws(() => new AsyncFunction('return 1'), 'EvalError', message);
  assert.throws(() => Object.getPrototypeOf(AsyncFunction)('return 1'), 'EvalError', message);
  assert.throws(() => (function* () {}).constructor('yield 1'), 'EvalError', message);
  assert.throws(() => (async function* () {}).constructor('yield 1'), 'EvalError', message);
  assert.throws(() => Reflect.construct(Function, ['1']), 'EvalError', message);
  assert.equal(eval(5), 5);
});

test('functions are still functions', () => {
  const f = () => {};
  assert.ok(f instanceof Function && f.constructor === Function);
  assert.equal(Function.prototype, Object.getPrototypeOf(f));
  assert.equal(Function.name, 'Function');
  assert.equal(typeof Function.prototype.call, 'function');
  assert.equal((async () => {}).constructor.name, 'AsyncFunction');
});

test('nothing of the prelude leaks', () => {
  for (const name of ['native', 'hooks_', 'HeaderList', 'UrlRecord', 'ParamList', 'Decoder']) assert.equal(typeof globalThis[name], 'undefined');
  const request = new Request('http://a');
  assert.deepEqual(Reflect.ownKeys(request), []);
  assert.deepEqual(Reflect.ownKeys(new Headers()), []);
  assert.deepEqual(Reflect.ownKeys(new URL('http://a')), []);
  assert.equal(fetch.toString().includes('disallow'), false);
});

test('describe never throws', () => {
  class Bad extends Error {
    get message() { throw new Error('no'); }
  }
  assert.equal(hooks.describe(new Bad())[0], 'Error');
  assert.deepEqual(hooks.describe(undefined), ['Error', 'uncaught undefined', '']);
  assert.deepEqual(hooks.describe({ a: 1 }), ['Error', 'uncaught { a: 1 }', '']);
  assert.equal(hooks.describe(new RangeError('r'))[0], 'RangeError');
});
