/** Runs an event's handler to the end of its run. */
async function run(handler, kind, text, time) {
  Object.assign(mock, { failures: [], dones: 0 });
  const names = hooks.register({ default: handler });
  hooks.event(kind, text, time);
  while (mock.dones === 0) await mock.progress();
  return names;
}

test('a scheduled handler gets the trigger, and is waited for', async () => {
  const seen = [];
  const names = await run({
    async scheduled(controller, env, ctx) {
      seen.push(controller.cron, controller.scheduledTime, controller.type, controller.noRetry(), typeof env, typeof ctx.waitUntil);
      await new Promise((resolve) => { setTimeout(resolve, 5); });
      seen.push('end');
    },
  }, 'scheduled', '*/5 * * * *', 1234);
  assert.deepEqual([names, seen], [['scheduled'], ['*/5 * * * *', 1234, 'scheduled', null, 'object', 'function', 'end']]);
  assert.equal(mock.failures.length, 0);
});

test('a tail handler gets what happened', async () => {
  let got;
  await run({ tail(events) { got = events; } }, 'tail', '[{"scriptName":"a"}]', 0);
  assert.deepEqual(got, [{ scriptName: 'a' }]);
});

test('failures of handlers are told', async () => {
  await run({ scheduled() { throw new RangeError('no'); } }, 'scheduled', '* * * * *', 0);
  assert.deepEqual(mock.failures.map(({ name, message }) => [name, message]), [['RangeError', 'no']]);
  await run({ async scheduled() { throw new RangeError('later'); } }, 'scheduled', '* * * * *', 0);
  assert.deepEqual(mock.failures.map(({ message }) => message), ['later']);
  await run({ fetch() {} }, 'scheduled', '* * * * *', 0);
  assert.deepEqual(mock.failures.map(({ message }) => message), ['Handler does not export a scheduled() function.']);
});
