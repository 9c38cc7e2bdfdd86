// From an incoming request to the handler and back.

import { env, waitUntil, WorkerEntrypoint } from 'cloudflare:workers';

test('a synchronous handler answers without a turn of the job queue', () => {
  hooks.register({ default: { fetch: () => new Response('hello') } });
  hooks.fetch(mock.incoming());
  assert.deepEqual(mock.response, { status: 200, headers: { 'content-type': 'text/plain;charset=UTF-8' }, body: 'hello', written: [] });
  assert.equal(mock.dones, 1);
});

test('an async handler that never waits answers at once too', () => {
  hooks.register({ default: { async fetch() { return new Response('hello'); } } });
  hooks.fetch(mock.incoming());
  assert.equal(mock.response.body, 'hello');
});

test('the handler gets request, env and ctx', async () => {
  hooks.setEnv({ NAME: 'x' });
  const response = await serve({
    async fetch(request, bindings, ctx) {
      await null;
      return Response.json([request.method, request.url, request.headers.get('X-A'), bindings.NAME, bindings === env, ctx.constructor.name, this.own], { status: 201 });
    },
    own: 'this is the object',
  }, { method: 'DELETE', url: 'https://a.test/b?c', headers: { 'x-a': '1' } });
  assert.equal(response.status, 201);
  assert.equal(response.headers['content-type'], 'application/json');
  assert.equal(response.text, '["DELETE","https://a.test/b?c","1","x",true,"ExecutionContext","this is the object"]');
});

test('a class that extends WorkerEntrypoint has env and ctx', async () => {
  class Worker extends WorkerEntrypoint {
    fetch(request) { return new Response(`${this.env === env} ${typeof this.ctx.waitUntil} ${request.method}`); }
  }
  assert.deepEqual(hooks.register({ default: Worker }), ['fetch']);
  assert.equal((await serve(Worker)).text, 'true function GET');
});

test('other handlers are named, a worker with none is refused', () => {
  assert.deepEqual(hooks.register({ default: { fetch() {}, scheduled() {} } }), ['fetch', 'scheduled']);
  assert.throws(() => hooks.register({ default: {} }), 'NoHandlerError', /does not export a fetch\(\) function/);
  assert.throws(() => hooks.register({ default: 5 }), 'NoHandlerError', /must be an object/);
  assert.throws(() => hooks.register({}), 'NoHandlerError', /No event handlers were registered/);
  assert.throws(() => hooks.register({ default: class { fetch() {} } }), 'NoHandlerError', /must extend WorkerEntrypoint/);
});

test('a handler that throws, rejects, or gives no Response fails the request', async () => {
  await serve({ fetch() { throw new RangeError('no'); } });
  assert.equal(mock.failures[0].name, 'RangeError');
  assert.ok(/at fetch \(handler\.js:\d+:\d+\)/.test(mock.failures[0].stack), mock.failures[0].stack);
  assert.ok(!mock.failures[0].stack.includes('glowplug:prelude'), mock.failures[0].stack);
  assert.equal(mock.dones, 1);
  await serve({ async fetch() { await null; throw 'text'; } });
  assert.equal(mock.failures[0].message, "uncaught 'text'");
  await serve({ fetch() {} });
  assert.ok(/did not resolve to 'Response'/.test(mock.failures[0].message), mock.failures[0].message);
  await serve({ fetch: () => ({ status: 200 }) });
  assert.equal(mock.failures[0].name, 'TypeError');
  assert.equal(mock.response, null);
});

test('an error in its cause is told too', async () => {
  await serve({ fetch() { throw new Error('outer', { cause: new TypeError('inner') }); } });
  assert.ok(/Caused by: TypeError: inner\n\s+at/.test(mock.failures[0].stack), mock.failures[0].stack);
});

test('a thenable is waited for', async () => {
  const response = await serve({ fetch: () => ({ then(resolve) { resolve(new Response('later')); } }) });
  assert.equal(response.text, 'later');
});

test('waitUntil keeps the run open after the response', async () => {
  let finish;
  hooks.register({ default: { fetch(request, bindings, ctx) {
    ctx.waitUntil(new Promise((resolve) => { finish = resolve; }));
    waitUntil(Promise.reject(new Error('in the background')));
    return new Response('x');
  } } });
  hooks.fetch(mock.incoming());
  await null; await null; await null;
  assert.equal(mock.response.body, 'x');
  assert.equal(mock.dones, 0);
  assert.ok(/^a promise given to waitUntil\(\) \(begun at fetch \(handler\.js:/.test(hooks.pending()[0]), hooks.pending()[0]);
  finish();
  await null; await null; await null;
  assert.equal(mock.dones, 1);
  assert.equal(mock.failures[0].message, 'in the background');
  assert.deepEqual(hooks.pending(), []);
});

test('methods taken out of ctx are illegal invocations', async () => {
  const response = await serve({ fetch(request, bindings, ctx) {
    const { waitUntil: taken, passThroughOnException } = ctx;
    const messages = [];
    for (const call of [() => taken(Promise.resolve()), () => passThroughOnException()]) {
      try { call(); } catch (error) { messages.push(`${error.name} ${error.message.slice(0, 18)}`); }
    }
    return Response.json(messages);
  } });
  assert.equal(response.text, '["TypeError Illegal invocation","TypeError Illegal invocation"]');
});

test('passThroughOnException is told to the host', async () => {
  await serve({ fetch(request, bindings, ctx) { ctx.passThroughOnException(); throw new Error('x'); } });
  assert.equal(mock.passedThrough, true);
});

test('a body that was only passed on is not read', async () => {
  const body = mock.body('a', 'b');
  const response = await serve({ fetch: (request) => new Response(request.body) }, { method: 'POST', body });
  assert.equal(response.body, body);
  assert.equal(response.text, 'ab');
});

test('a stream as response body is pumped', async () => {
  const response = await serve({ fetch() {
    let count = 0;
    return new Response(new ReadableStream({
      async pull(controller) {
        await null;
        if (++count > 3) controller.close();
        else controller.enqueue(new TextEncoder().encode(`${count};`));
      },
    }), { headers: { 'content-type': 'text/x' } });
  } });
  assert.equal(response.text, '1;2;3;');
  assert.ok(response.ended);
  assert.equal(response.headers['content-type'], 'text/x');
});

test('the stream goes on while timers run', async () => {
  const response = await serve({ fetch() {
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    (async () => {
      for (const text of ['a', 'b', 'c']) {
        await writer.write(new TextEncoder().encode(text));
        await scheduler.wait(10);
      }
      await writer.close();
    })();
    return new Response(readable);
  } });
  assert.equal(response.text, 'abc');
});

test('a response stream that fails, or gives no bytes, is broken off', async () => {
  const failing = await serve({ fetch: () => new Response(new ReadableStream({ start(c) { c.error(new RangeError('broken')); } })) });
  assert.equal(failing.aborted, 'RangeError: broken');
  const text = await serve({ fetch: () => new Response(new ReadableStream({ start(c) { c.enqueue('text'); } })) });
  assert.ok(/^TypeError: .*it gave a string/.test(text.aborted), text.aborted);
});

test('a client that left cancels the stream', async () => {
  mock.clientGone = true;
  let reason;
  await serve({ fetch: () => new Response(new ReadableStream({
    pull(c) { c.enqueue(new Uint8Array(1)); },
    cancel(error) { reason = error; },
  })) });
  assert.equal(reason.message, 'the client is gone');
});

test('a used response cannot be sent', async () => {
  await serve({ async fetch() { const r = new Response('x'); await r.text(); return r; } });
  assert.ok(/Body has already been used/.test(mock.failures[0].message));
  await serve({ fetch: () => Response.error() });
  assert.ok(/Response\.error\(\)/.test(mock.failures[0].message));
});

test('the Service Worker form answers by respondWith', async () => {
  const listener = (event) => {
    event.waitUntil(Promise.resolve());
    event.respondWith(new Response(`${event.type} ${event.request.method} ${typeof NAME}`));
    try { event.respondWith(new Response()); } catch (error) { mock.second = error.name; }
  };
  addEventListener('fetch', listener);
  assert.equal((await serve(null)).text, 'fetch GET string');
  assert.equal(mock.second, 'InvalidStateError');
  removeEventListener('fetch', listener);
  const late = (event) => { setTimeout(() => event.respondWith(new Response())); };
  addEventListener('fetch', late);
  await serve(null);
  assert.ok(/No fetch event listener called event\.respondWith/.test(mock.failures[0].message));
  removeEventListener('fetch', late);
});
