// setTimeout, setInterval, scheduler, queueMicrotask, performance.

test('timers fire in order, with their arguments', async () => {
  const seen = [];
  await new Promise((resolve) => {
    setTimeout((...args) => { seen.push(args); resolve(); }, 20, 'b', 2);
    setTimeout((x) => seen.push(x), 10, 'a');
    clearTimeout(setTimeout(() => seen.push('never'), 5));
    clearTimeout(12345);
    clearTimeout(undefined);
  });
  assert.deepEqual(seen, ['a', ['b', 2]]);
});

test('an interval repeats until it is cleared', async () => {
  let count = 0;
  await new Promise((resolve) => {
    const id = setInterval(() => {
      if (++count === 3) { clearInterval(id); resolve(); }
    }, 10);
    assert.equal(typeof id, 'number');
    assert.ok(/^setInterval\(…, 10\) \(begun at .*timers\.js:/.test(hooks.pending()[0]), hooks.pending()[0]);
  });
  assert.equal(count, 3);
  assert.equal(mock.timers(), 0);
  assert.deepEqual(hooks.pending(), []);
});

test('odd delays count as zero', async () => {
  for (const delay of [undefined, -5, NaN, 'x', null, Infinity]) {
    const before = performance.now();
    const id = setTimeout(() => {}, delay);
    if (delay === Infinity) { clearTimeout(id); continue; }
    await new Promise((resolve) => { setTimeout(resolve, delay); });
    assert.equal(performance.now(), before);
  }
  assert.throws(() => setTimeout('code'), 'TypeError', /must be a function/);
  assert.deepEqual([setTimeout.length, setInterval.length, setTimeout.name], [1, 1, 'setTimeout']);
});

test('errors in callbacks are reported', async () => {
  setTimeout(() => { throw new Error('late'); }, 1);
  queueMicrotask(() => { throw new Error('soon'); });
  await scheduler.wait(5);
  assert.deepEqual(mock.logs.map((log) => log[1].split('\n')[0]), ['Uncaught Error: soon', 'Uncaught Error: late']);
  assert.throws(() => queueMicrotask(5), 'TypeError');
});

test('too many timers are refused', () => {
  const ids = [];
  assert.throws(() => { for (;;) ids.push(setTimeout(() => {}, 1000)); }, 'QuotaExceededError', /10000/);
  assert.equal(ids.length, 10_000);
  ids.forEach(clearTimeout);
});

test('scheduler.wait obeys a signal', async () => {
  const controller = new AbortController();
  const waiting = scheduler.wait(1000, { signal: controller.signal });
  controller.abort();
  await assert.rejects(waiting, 'AbortError');
  assert.equal(mock.timers(), 0);
});

test('timers are not for start-up', () => {
  mock.startup = true;
  for (const [call, name] of [[() => setTimeout(() => {}), 'setTimeout'], [() => setInterval(() => {}), 'setInterval'], [() => crypto.randomUUID(), 'crypto.randomUUID'], [() => crypto.getRandomValues(new Uint8Array(1)), 'crypto.getRandomValues'], [() => AbortSignal.timeout(1), 'AbortSignal.timeout']]) {
    assert.throws(call, 'Error', `Disallowed operation called within global scope: ${name}()`);
  }
  mock.startup = false;
});

test('performance follows the virtual clock', async () => {
  const before = performance.now();
  await scheduler.wait(7);
  assert.equal(performance.now() - before, 7);
  // A millisecond before the request's clock began, so that `now()` is never 0.
  assert.equal(performance.timeOrigin, 1_699_999_999_999);
  assert.deepEqual(performance.toJSON(), { timeOrigin: 1_699_999_999_999 });
});

test('a callback sees the global object as this, and delays wrap as WebIDL says', async () => {
  const before = performance.now();
  await new Promise((resolve) => { setTimeout(function () { assert.equal(this, globalThis); resolve(); }, 2 ** 32 + 4); });
  assert.equal(performance.now() - before, 4);
  assert.throws(() => Reflect.apply(setTimeout, {}, [() => {}]), 'TypeError', /Illegal invocation/);
  assert.throws(() => setTimeout(() => {}, 1n), 'TypeError');
  await assert.rejects(scheduler.wait.call({}, 1), 'TypeError', /Illegal invocation/);
  await assert.rejects(scheduler.wait(), 'TypeError');
  await assert.rejects(scheduler.wait(1, { signal: {} }), 'TypeError');
  assert.equal(await scheduler.wait(1, { signal: AbortSignal.abort('no') }).catch((reason) => reason), 'no');
});
