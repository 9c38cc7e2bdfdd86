// What a worker finds on the global object, and what it does not.

test('self, navigator and the rest', () => {
  assert.equal(self, globalThis);
  assert.equal(navigator.userAgent, 'Cloudflare-Workers');
  assert.equal(Math.random(), 0.5);
  assert.equal(Object.prototype.toString.call(globalThis), '[object ServiceWorkerGlobalScope]');
  for (const name of ['fetch', 'setTimeout', 'structuredClone', 'atob', 'queueMicrotask']) {
    assert.equal(globalThis[name].name, name);
    assert.equal(Object.getOwnPropertyDescriptor(WorkerGlobalScope.prototype, name).enumerable, true);
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

test('the members of the global object stand where WebIDL puts them', () => {
  assert.ok(globalThis instanceof ServiceWorkerGlobalScope);
  assert.throws(() => new WorkerGlobalScope(), 'TypeError', /Illegal constructor/);
  const { get, set } = Object.getOwnPropertyDescriptor(WorkerGlobalScope.prototype, 'self');
  assert.deepEqual([get.name, set, get.call(undefined) === globalThis], ['get self', undefined, true]);
  assert.throws(() => get.call({}), 'TypeError');
  assert.deepEqual([origin, isSecureContext, crossOriginIsolated], ['null', true, false]);
  const { performance: own } = globalThis;
  performance = 5;
  assert.equal(Object.getOwnPropertyDescriptor(globalThis, 'performance').value, 5);
  delete globalThis.performance;
  assert.equal(performance, own);
});

test('navigator', async () => {
  assert.ok(navigator instanceof Navigator && navigator instanceof WorkerNavigator);
  assert.deepEqual([navigator.language, navigator.languages, navigator.hardwareConcurrency, navigator.onLine, typeof navigator.platform], ['en', ['en'], 1, true, 'string']);
  assert.throws(() => Object.create(navigator).userAgent, 'TypeError');
  assert.deepEqual(Cloudflare.compatibilityFlags, {});
  mock.routes['https://beacon.test/'] = { status: 204 };
  assert.equal(navigator.sendBeacon('https://beacon.test/', 'data'), true);
  assert.throws(() => navigator.sendBeacon('ftp://a'), 'TypeError');
  await scheduler.wait(1);
  assert.deepEqual([mock.sent[0].method, mock.sent[0].body], ['POST', 'data']);
});
