// Event, EventTarget, AbortSignal, DOMException.

test('listeners are called in order, once each', () => {
  const target = new EventTarget();
  const seen = [];
  const listener = (event) => seen.push(event.type + event.eventPhase);
  target.addEventListener('a', listener);
  target.addEventListener('a', listener);
  target.addEventListener('a', { handleEvent(event) { seen.push(this !== undefined && event.target === target); } });
  target.addEventListener('a', () => seen.push('once'), { once: true });
  target.addEventListener('b', () => seen.push('b'));
  assert.equal(target.dispatchEvent(new Event('a')), true);
  target.removeEventListener('a', listener);
  target.dispatchEvent(new Event('a'));
  assert.deepEqual(seen, ['a2', true, 'once', true]);
});

test('events can be stopped and canceled', () => {
  const target = new EventTarget();
  target.addEventListener('a', (event) => { event.preventDefault(); event.stopImmediatePropagation(); });
  target.addEventListener('a', () => { throw new Error('not reached'); });
  const event = new CustomEvent('a', { cancelable: true, detail: 5 });
  assert.equal(target.dispatchEvent(event), false);
  assert.deepEqual([event.defaultPrevented, event.detail, event.currentTarget, event.target === target], [true, 5, null, true]);
  const passive = new EventTarget();
  passive.addEventListener('a', (e) => e.preventDefault(), { passive: true });
  assert.equal(passive.dispatchEvent(new Event('a', { cancelable: true })), true);
  assert.throws(() => target.dispatchEvent({}), 'TypeError');
  assert.throws(() => new Event(), 'TypeError');
});

test('a listener that throws is reported and does not stop the others', () => {
  const target = new EventTarget();
  let reached = false;
  target.addEventListener('a', () => { throw new Error('in a listener'); });
  target.addEventListener('a', () => { reached = true; });
  target.dispatchEvent(new Event('a'));
  assert.ok(reached);
  assert.ok(/^Uncaught Error: in a listener\n/.test(mock.logs[0][1]), mock.logs[0][1]);
});

test('a signal removes a listener', () => {
  const target = new EventTarget();
  const controller = new AbortController();
  let count = 0;
  target.addEventListener('a', () => { count += 1; }, { signal: controller.signal });
  target.dispatchEvent(new Event('a'));
  controller.abort();
  target.dispatchEvent(new Event('a'));
  assert.equal(count, 1);
});

test('AbortController aborts its signal once', () => {
  const { signal, ...controller } = { signal: null };
  const c = new AbortController();
  const seen = [];
  c.signal.onabort = (event) => seen.push(event.type);
  c.signal.addEventListener('abort', () => seen.push('listener'));
  c.abort();
  c.abort('again');
  assert.deepEqual(seen, ['abort', 'listener']);
  assert.equal(c.signal.reason.name, 'AbortError');
  assert.ok(c.signal.reason instanceof DOMException);
  assert.throws(() => c.signal.throwIfAborted(), 'AbortError');
  c.signal.onabort = 5;
  assert.equal(c.signal.onabort, null);
  assert.throws(() => new AbortSignal(), 'TypeError', /Illegal constructor/);
});

test('AbortSignal.abort, any and timeout', async () => {
  assert.equal(AbortSignal.abort(5).reason, 5);
  const a = new AbortController();
  const any = AbortSignal.any([new AbortController().signal, a.signal]);
  assert.equal(any.aborted, false);
  a.abort('x');
  assert.equal(any.reason, 'x');
  assert.equal(AbortSignal.any([AbortSignal.abort(1)]).reason, 1);
  assert.throws(() => AbortSignal.any([1]), 'TypeError');
  const timeout = AbortSignal.timeout(50);
  assert.ok(/^AbortSignal\.timeout\(50\)/.test(hooks.pending()[0]));
  await new Promise((resolve) => { timeout.addEventListener('abort', resolve); });
  assert.equal(timeout.reason.name, 'TimeoutError');
  assert.deepEqual(hooks.pending(), []);
});

test('DOMException is an Error', () => {
  const error = new DOMException('m', 'NotFoundError');
  assert.deepEqual([error.name, error.message, error.code, DOMException.NOT_FOUND_ERR, String(error)], ['NotFoundError', 'm', 8, 8, 'NotFoundError: m']);
  assert.ok(error instanceof Error);
  assert.ok(/at .*events\.js/.test(error.stack), error.stack);
  assert.equal(new DOMException('m', { name: 'X', cause: 5 }).cause, 5);
  assert.equal(new DOMException().name, 'Error');
});

test('reportError fires error at the global object', () => {
  let seen;
  const listener = (event) => { seen = event; event.preventDefault(); };
  addEventListener('error', listener);
  reportError(new TypeError('x'));
  assert.equal(seen.error.message, 'x');
  assert.equal(mock.logs.length, 0);
  removeEventListener('error', listener);
  reportError('just text');
  assert.deepEqual(mock.logs[0], [4, "Uncaught Error: uncaught 'just text'"]);
});

test('unhandled rejections fire an event, else they are logged', () => {
  let reason;
  const listener = (event) => { reason = event.reason; event.preventDefault(); };
  addEventListener('unhandledrejection', listener);
  const promise = Promise.resolve();
  hooks.unhandledRejection(5, promise);
  assert.equal(reason, 5);
  removeEventListener('unhandledrejection', listener);
  hooks.unhandledRejection(new RangeError('r'), promise);
  assert.ok(/^Uncaught \(in promise\) RangeError: r\n\s+at/.test(mock.logs[0][1]), mock.logs[0][1]);
});
