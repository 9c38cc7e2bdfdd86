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

test('an event cannot be dispatched within its own dispatch, and can be after it', () => {
  const target = new EventTarget();
  const event = new Event('a');
  target.addEventListener('a', () => { assert.throws(() => target.dispatchEvent(event), 'InvalidStateError'); }, { once: true });
  target.dispatchEvent(event);
  assert.equal(mock.logs.length, 0);
  assert.deepEqual([event.eventPhase, event.composedPath(), event.cancelBubble], [0, [], false]);
  assert.equal(target.dispatchEvent(event), true);
});

test('isTrusted tells events of ours from those of a worker, and cannot be redefined', () => {
  const descriptor = Object.getOwnPropertyDescriptor(new Event('a'), 'isTrusted');
  assert.deepEqual([descriptor.configurable, descriptor.enumerable, descriptor.set], [false, true, undefined]);
  assert.equal(descriptor.get, Object.getOwnPropertyDescriptor(new CustomEvent('b'), 'isTrusted').get);
  assert.throws(() => descriptor.get.call({}), 'TypeError');
  const controller = new AbortController();
  let event;
  controller.signal.onabort = (fired) => { event = fired; };
  controller.abort();
  assert.equal(event.isTrusted, true);
  controller.signal.dispatchEvent(event);
  assert.equal(event.isTrusted, false);
});

test('an init is converted in the order of the IDL', () => {
  const seen = [];
  const init = new Proxy({}, { get(target, key) { seen.push(key); return undefined; } });
  new ErrorEvent('a', init);
  assert.deepEqual(seen, ['bubbles', 'cancelable', 'composed', 'colno', 'error', 'filename', 'lineno', 'message']);
  const event = new ErrorEvent('a', { lineno: -1, colno: 4294967297, filename: '\ud800', message: 5 });
  assert.deepEqual([event.lineno, event.colno, event.filename, event.message, event.error], [4294967295, 1, '\ufffd', '5', undefined]);
  assert.throws(() => new PromiseRejectionEvent('a', { promise: 1 }), 'TypeError');
  assert.throws(() => new MessageEvent('a', { ports: [{}] }), 'TypeError');
  assert.throws(() => new Event('a', 5), 'TypeError');
  const closed = new CloseEvent('close', { code: 65537, reason: 'r', wasClean: 1 });
  assert.deepEqual([closed.code, closed.reason, closed.wasClean], [1, 'r', true]);
});

test('a handler attribute is one listener, in the place where it was first set', () => {
  const seen = [];
  const { signal } = new AbortController();
  signal.onabort = () => seen.push('never');
  signal.addEventListener('abort', () => seen.push('listener'));
  signal.onabort = () => seen.push('handler');
  signal.dispatchEvent(new Event('abort'));
  signal.onabort = null;
  signal.onabort = () => { seen.push('again'); return false; };
  const event = new Event('abort', { cancelable: true });
  signal.dispatchEvent(event);
  assert.deepEqual([seen, event.defaultPrevented], [['handler', 'listener', 'listener', 'again'], true]);
  assert.throws(() => Reflect.set(AbortSignal.prototype, 'onabort', () => {}), 'TypeError');
});

test('a signal that is no signal, and one that is aborted', () => {
  const target = new EventTarget();
  assert.throws(() => target.addEventListener('a', () => {}, { signal: null }), 'TypeError');
  let count = 0;
  target.addEventListener('a', () => { count += 1; }, { signal: AbortSignal.abort() });
  target.dispatchEvent(new Event('a'));
  assert.equal(count, 0);
});

test('the global object is an EventTarget', () => {
  assert.ok(globalThis instanceof EventTarget && globalThis instanceof WorkerGlobalScope);
  const seen = [];
  const listener = (event) => seen.push(event.target === globalThis, event.currentTarget === globalThis);
  addEventListener('x', listener);
  EventTarget.prototype.dispatchEvent.call(null, new Event('x'));
  removeEventListener('x', listener);
  assert.deepEqual(seen, [true, true]);
  assert.throws(() => Object.create(globalThis).addEventListener('x', listener), 'TypeError', /Illegal invocation/);
});

test('onerror gets what the event holds, and prevents the log by returning true', () => {
  let args;
  globalThis.onerror = (...given) => { args = given; return true; };
  const error = new RangeError('x');
  reportError(error);
  globalThis.onerror = null;
  assert.equal(mock.logs.length, 0);
  assert.deepEqual([args.length, args[0], args[1], args[2] > 0, args[3] > 0, args[4] === error], [5, 'Uncaught RangeError: x', 'events.js', true, true, true]);
  assert.throws(() => reportError(), 'TypeError');
});

test('a rejection that gets a handler later is told of, if it was told of before', () => {
  const seen = [];
  globalThis.onrejectionhandled = (event) => seen.push(event.reason);
  const promise = Promise.resolve();
  hooks.rejectionHandled(1, promise);
  hooks.unhandledRejection(2, promise);
  hooks.rejectionHandled(2, promise);
  hooks.rejectionHandled(2, promise);
  globalThis.onrejectionhandled = null;
  assert.deepEqual(seen, [2]);
});

test('signals of AbortSignal.any are aborted before anybody is told', () => {
  const controller = new AbortController();
  const first = AbortSignal.any([controller.signal]);
  const second = AbortSignal.any([first, controller.signal]);
  const seen = [];
  controller.signal.onabort = () => seen.push('source', first.aborted, second.aborted);
  first.onabort = () => seen.push('first');
  second.onabort = () => seen.push('second');
  controller.abort('r');
  assert.deepEqual(seen, ['source', true, true, 'first', 'second']);
  assert.equal(second.reason, 'r');
  assert.throws(() => AbortSignal.any(5), 'TypeError');
  assert.throws(() => AbortSignal.timeout(-1), 'TypeError');
});

test('DOMException makes errors without inheriting from Error itself', () => {
  class Sub extends DOMException {}
  const error = new Sub('m', 'AbortError');
  assert.deepEqual([error instanceof Sub, error instanceof Error, error.code, typeof error.stack], [true, true, 20, 'string']);
  assert.equal(Object.getPrototypeOf(DOMException), Function.prototype);
  assert.equal(Object.getPrototypeOf(DOMException.prototype), Error.prototype);
  assert.throws(() => DOMException('m'), 'TypeError');
  assert.throws(() => DOMException.prototype.name, 'TypeError');
  assert.equal(Object.prototype.toString.call(error), '[object DOMException]');
});
