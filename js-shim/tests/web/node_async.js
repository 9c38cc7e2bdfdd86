// node:async_hooks, but for `await`: that needs the bundler, and is tested with it.

import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';

const storage = new AsyncLocalStorage();

test('a store is there while the function runs', () => {
  assert.equal(storage.getStore(), undefined);
  assert.equal(storage.run(1, () => storage.run(2, () => storage.getStore()) + storage.getStore()), 3);
  assert.equal(storage.getStore(), undefined);
  assert.throws(() => storage.run(1, () => { throw new Error('out'); }), 'Error', 'out');
  assert.equal(storage.getStore(), undefined);
  assert.equal(storage.run(1, () => storage.exit(() => storage.getStore())), undefined);
});

test('it follows promises, timers and microtasks', async () => {
  const seen = [];
  const note = (where) => () => { seen.push(`${where} ${storage.getStore()}`); };
  const { promise, resolve } = Promise.withResolvers();
  const all = storage.run('a', () => [
    promise.then(note('then')),
    Promise.reject(new Error()).catch(note('catch')),
    new Promise((done) => { setTimeout(() => { note('timer')(); done(); }, 1); }),
    new Promise((done) => { queueMicrotask(() => { note('microtask')(); done(); }); }),
  ]);
  storage.run('b', () => { promise.then(note('other')); });
  storage.run('c', () => { resolve(); });
  await Promise.all(all);
  assert.deepEqual(seen.sort(), ['catch a', 'microtask a', 'other b', 'then a', 'timer a']);
  assert.equal(storage.getStore(), undefined);
});

test('storages do not see each other, and have defaults', () => {
  const other = new AsyncLocalStorage({ defaultValue: 'none', name: 'other' });
  assert.deepEqual(storage.run(1, () => [storage.getStore(), other.getStore(), other.run(2, () => [storage.getStore(), other.getStore()])]), [1, 'none', [1, 2]]);
  assert.equal(other.name, 'other');
});

test('bind, snapshot and resources carry a frame', () => {
  const bound = storage.run(1, () => AsyncLocalStorage.bind(() => storage.getStore()));
  const snapshot = storage.run(2, () => AsyncLocalStorage.snapshot());
  const resource = storage.run(3, () => new AsyncResource('R'));
  assert.deepEqual([bound(), snapshot(() => storage.getStore()), resource.runInAsyncScope(() => storage.getStore())], [1, 2, 3]);
  const method = resource.bind(function (a, b) { return [storage.getStore(), this.x, a + b]; });
  assert.deepEqual([method.call({ x: 'this' }, 1, 2), method.length], [[3, 'this', 3], 2]);
  assert.equal(resource.type, 'R');
  for (const name of ['enterWith', 'disable']) assert.throws(() => storage[name](1), 'Error', `asyncLocalStorage.${name}() is not implemented`);
});

test('what is wrapped looks as before', () => {
  assert.deepEqual([setTimeout.name, setTimeout.length, Promise.prototype.then.name, Promise.prototype.then.length], ['setTimeout', 1, 'then', 2]);
  assert.equal(Object.getOwnPropertyDescriptor(Promise.prototype, 'then').enumerable, false);
});
