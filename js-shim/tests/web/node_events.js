// node:events, node:diagnostics_channel.

import channels, { tracingChannel } from 'node:diagnostics_channel';
import EventEmitter, { errorMonitor, EventEmitter as Named, getEventListeners, on, once } from 'node:events';

test('listeners are called in order, with this and arguments', () => {
  const emitter = new EventEmitter();
  const calls = [];
  emitter.on('x', function (...args) { calls.push(['on', this === emitter, ...args]); });
  emitter.once('x', (value) => { calls.push(['once', value]); });
  emitter.prependListener('x', () => { calls.push('first'); });
  assert.equal(emitter.emit('x', 1, 2), true);
  assert.equal(emitter.emit('x', 3), true);
  assert.equal(emitter.emit('y'), false);
  assert.deepEqual(calls, ['first', ['on', true, 1, 2], ['once', 1], 'first', ['on', true, 3]]);
  assert.deepEqual([emitter.listenerCount('x'), emitter.eventNames()], [2, ['x']]);
});

test('classes of before ES2015 inherit from it', () => {
  function Old() { EventEmitter.call(this); }
  Object.setPrototypeOf(Old.prototype, EventEmitter.prototype);
  const [one, other] = [new Old(), new Old()];
  one.on('x', () => {});
  assert.deepEqual([one.listenerCount('x'), other.listenerCount('x')], [1, 0]);
  assert.ok(one instanceof EventEmitter);
  const mixed = Object.assign({}, EventEmitter.prototype);
  let called = 0;
  mixed.on('x', () => { called += 1; });
  mixed.emit('x');
  assert.equal(called, 1);
  assert.equal(Named, EventEmitter);
  assert.equal(EventEmitter.EventEmitter, EventEmitter);
  class Modern extends EventEmitter {}
  assert.equal(new Modern().constructor, Modern);
});

test('an error nobody listens for is thrown', () => {
  const emitter = new EventEmitter();
  assert.throws(() => emitter.emit('error', new RangeError('oops')), 'RangeError', 'oops');
  assert.throws(() => emitter.emit('error', 'text'), 'Error', "Unhandled error. ('text')");
  assert.throws(() => emitter.on('x', 5), 'TypeError', 'The "listener" argument must be of type function. Received type number (5)');
  let seen = null;
  emitter.on(errorMonitor, (error) => { seen = error.message; });
  emitter.on('error', () => {});
  emitter.emit('error', new Error('watched'));
  assert.equal(seen, 'watched');
});

test('once() and on() as promises and iterators', async () => {
  const emitter = new EventEmitter();
  const waiting = once(emitter, 'x');
  emitter.emit('x', 1, 2);
  assert.deepEqual(await waiting, [1, 2]);
  const failing = once(emitter, 'x');
  emitter.emit('error', new Error('no'));
  await assert.rejects(failing, 'Error', 'no');

  const controller = new AbortController();
  const seen = [];
  const reading = (async () => {
    for await (const [value] of on(emitter, 'n', { signal: controller.signal })) {
      seen.push(value);
      if (value === 2) break;
    }
  })();
  emitter.emit('n', 1);
  emitter.emit('n', 2);
  await reading;
  assert.deepEqual(seen, [1, 2]);
  assert.deepEqual(getEventListeners(emitter, 'n'), []);
});

test('channels tell their subscribers', () => {
  const messages = [];
  const subscriber = (message, name) => { messages.push([message, name]); };
  assert.equal(channels.hasSubscribers('a'), false);
  channels.subscribe('a', subscriber);
  channels.channel('a').publish(1);
  assert.equal(channels.unsubscribe('a', subscriber), true);
  channels.channel('a').publish(2);
  assert.deepEqual(messages, [[1, 'a']]);
});

test('a tracing channel tells how a promise went', async () => {
  const traced = tracingChannel('work');
  const events = [];
  traced.subscribe({
    start: () => { events.push('start'); },
    end: () => { events.push('end'); },
    asyncStart: () => { events.push('asyncStart'); },
    asyncEnd: ({ result, error }) => { events.push(`asyncEnd ${result ?? error.message}`); },
    error: ({ error }) => { events.push(`error ${error.message}`); },
  });
  assert.equal(await traced.tracePromise(async (x) => x * 2, {}, null, 21), 42);
  assert.deepEqual(events.splice(0), ['start', 'end', 'asyncStart', 'asyncEnd 42']);
  await assert.rejects(traced.tracePromise(async () => { throw new Error('no'); }), 'Error', 'no');
  assert.deepEqual(events.splice(0), ['start', 'end', 'error no', 'asyncStart', 'asyncEnd no']);
  assert.throws(() => traced.traceSync(() => { throw new Error('now'); }), 'Error', 'now');
  assert.deepEqual(events, ['start', 'error now', 'end']);
});
