// `env`: what is bound, when it is there, how it looks.

import { env } from 'cloudflare:workers';

hooks.setEnv({ NAME: 'x' }, [
  { name: 'KV', kind: 'kv' }, { name: 'OTHER', kind: 'service' }, { name: 'ASSETS', kind: 'assets' },
  { name: 'META', kind: 'version-metadata' },
], ['TOKEN', 'UNSET']);

const DISALLOWED = /^Disallowed operation called within global scope: /;

test('bindings are on env with the names of Workers', () => {
  assert.deepEqual(Object.keys(env), ['NAME', 'KV', 'OTHER', 'ASSETS', 'META', 'TOKEN', 'UNSET']);
  assert.deepEqual([env.KV, env.OTHER, env.ASSETS].map((binding) => binding.constructor.name), ['KvNamespace', 'Fetcher', 'Fetcher']);
  assert.deepEqual([env.KV, env.OTHER].map(String), ['[object KvNamespace]', '[object Fetcher]']);
  assert.deepEqual(['KvNamespace', 'Fetcher'].map((name) => name in globalThis), [false, false]);
  assert.deepEqual([Object.keys(env.KV), JSON.stringify(env.OTHER)], [[], '{}']);
});

test('bindings cannot be made, taken apart or cloned', async () => {
  assert.throws(() => new env.KV.constructor(), 'TypeError', 'Illegal constructor');
  assert.throws(() => new env.OTHER.constructor(), 'TypeError', 'Illegal constructor');
  const { get } = env.KV;
  await assert.rejects(get('a'), 'TypeError', /^Illegal invocation/);
  const { fetch: taken } = env.OTHER;
  await assert.rejects(taken('https://a.test/'), 'TypeError', /^Illegal invocation/);
  await assert.rejects(env.KV.get.call(env.OTHER, 'a'), 'TypeError', /^Illegal invocation/);
  assert.throws(() => structuredClone(env.KV), 'DataCloneError', /KvNamespace/);
  assert.throws(() => structuredClone({ in: env.OTHER }), 'DataCloneError', /Fetcher/);
  assert.equal(mock.sent.length, 0);
});

test('a log shows what they are', () => {
  console.log(env.KV, env.OTHER);
  assert.equal(mock.logs[0][1], 'KvNamespace {} Fetcher {}');
});

test('nothing is there at start-up', async () => {
  mock.startup = true;
  try {
    for (const call of [() => env.KV.get('a'), () => env.KV.put('a', 'b'), () => env.KV.list(), () => env.KV.delete('a'), () => env.KV.get(['a'])]) {
      await assert.rejects(call(), 'Error', /^Disallowed operation called within global scope: KV [A-Z_]+ on env\.KV$/);
    }
    await assert.rejects(env.OTHER.fetch('https://a.test/'), 'Error', /: env\.OTHER\.fetch\(\)$/);
    assert.throws(() => env.TOKEN, 'Error', /: reading env\.TOKEN, a secret$/);
    assert.throws(() => env.META, 'Error', DISALLOWED);
    assert.equal(env.NAME, 'x');
    assert.equal(env.UNKNOWN, undefined);
    console.log(env);
    assert.ok(mock.logs[0][1].includes('TOKEN: [Getter/Setter]'), mock.logs[0][1]);
  } finally {
    mock.startup = false;
  }
  assert.equal(mock.sent.length + mock.versions, 0);
});

test('the version is asked for when it is read, and once', () => {
  assert.equal(mock.versions, 0);
  const { id, tag, timestamp } = env.META;
  assert.deepEqual({ id, tag, timestamp }, { id: '0123456789ab', tag: 'v1', timestamp: '2026-01-02T03:04:05Z' });
  assert.equal(env.META, env.META);
  assert.equal(JSON.stringify(env.META), '{"id":"0123456789ab","tag":"v1","timestamp":"2026-01-02T03:04:05Z"}');
  assert.equal(mock.versions, 1);
});

test('secrets become plain properties when a request begins', async () => {
  assert.equal(env.TOKEN, undefined);
  hooks.setSecrets({ TOKEN: 's3cret', ['__proto__']: 'odd', LATE: 'not declared' });
  assert.deepEqual(Object.getOwnPropertyDescriptor(env, 'TOKEN'), { value: 's3cret', writable: true, enumerable: true, configurable: true });
  assert.deepEqual([env.LATE, env.UNSET, Object.hasOwn(env, 'LATE')], ['not declared', undefined, true]);
  const response = await serve({ fetch: (request, bindings) => new Response(bindings.TOKEN) });
  assert.equal(response.text, 's3cret');
});

test('a variable may be put in the place of a secret', () => {
  env.UNSET = 'mine';
  assert.deepEqual(Object.getOwnPropertyDescriptor(env, 'UNSET'), { value: 'mine', writable: true, enumerable: true, configurable: true });
});

test('in the Service Worker form bindings and secrets are globals', () => {
  hooks.setEnv({}, [{ name: 'GLOBAL_KV', kind: 'kv' }], ['GLOBAL_TOKEN']);
  const listener = () => {};
  addEventListener('fetch', listener);
  removeEventListener('fetch', listener);
  assert.equal(globalThis.GLOBAL_KV, env.GLOBAL_KV);
  mock.startup = true;
  assert.throws(() => globalThis.GLOBAL_TOKEN, 'Error', DISALLOWED);
  mock.startup = false;
  hooks.setSecrets({ GLOBAL_TOKEN: 'a', GLOBAL_LATE: 'b', Response: 'c' });
  assert.deepEqual([globalThis.GLOBAL_TOKEN, globalThis.GLOBAL_LATE, typeof Response], ['a', 'b', 'function']);
});

test('an unknown kind is refused', () => {
  assert.throws(() => hooks.setEnv({}, [{ name: 'Q', kind: 'queue' }]), 'TypeError', /`Q` is of the kind "queue"/);
});

test('a frozen env still gives the secrets it was declared with', () => {
  hooks.setEnv({}, [], ['FROZEN']);
  Object.freeze(env);
  hooks.setSecrets({ FROZEN: 'f', OTHERS: 'g' });
  assert.deepEqual([env.FROZEN, env.OTHERS], ['f', undefined]);
});
