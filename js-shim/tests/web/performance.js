// performance: marks, measures, the timeline and its observers.

test('marks and measures', async () => {
  performance.mark('start', { detail: { x: [1] } });
  await scheduler.wait(5);
  const end = performance.mark('end');
  const measure = performance.measure('both', 'start', 'end');
  assert.deepEqual([measure.duration, measure.startTime, end.startTime - measure.startTime, measure.entryType, measure.detail], [5, end.startTime - 5, 5, 'measure', null]);
  assert.deepEqual(performance.getEntries().map((entry) => entry.name), ['start', 'both', 'end']);
  assert.equal(performance.getEntriesByName('start', 'mark')[0].detail.x[0], 1);
  assert.equal(performance.measure('from', { start: 1, duration: 2 }).startTime, 1);
  assert.equal(performance.measure('to', { end: 9, duration: 2 }).startTime, 7);
  performance.clearMarks('start');
  assert.throws(() => performance.measure('m', 'start'), 'SyntaxError');
  assert.deepEqual(performance.getEntriesByType('mark').map((entry) => entry.name), ['end']);
  performance.clearMarks();
  performance.clearMeasures();
  assert.deepEqual(performance.getEntries(), []);
});

test('what marks and measures refuse', () => {
  for (const call of [
    () => performance.mark(),
    () => performance.mark('a', { startTime: -1 }),
    () => performance.mark('a', { startTime: NaN }),
    () => performance.measure('a', { duration: 1 }),
    () => performance.measure('a', { start: 1, end: 2, duration: 1 }),
    () => performance.measure('a', { start: 1 }, 'b'),
    () => new PerformanceMeasure(),
    () => performance.now.call({}),
  ]) assert.throws(call, 'TypeError');
  assert.throws(() => performance.mark('a', { detail: () => {} }), 'DataCloneError');
  assert.deepEqual(performance.getEntries(), []);
});

test('an entry as JSON', () => {
  const { id, ...rest } = new PerformanceMark('m', { startTime: 3, detail: 'd' }).toJSON();
  assert.deepEqual([typeof id, rest], ['number', { name: 'm', entryType: 'mark', startTime: 3, duration: 0, navigationId: 0 }]);
});

test('an observer is told in a task, of what it asked for', async () => {
  performance.mark('before');
  const seen = [];
  const observer = new PerformanceObserver((list, self, options) => { seen.push(list.getEntries().map((entry) => entry.name), self === observer, options.droppedEntriesCount); });
  observer.observe({ type: 'mark', buffered: true });
  performance.mark('after');
  performance.measure('ignored');
  assert.deepEqual(seen, []);
  await scheduler.wait(1);
  performance.mark('more');
  assert.deepEqual(observer.takeRecords().map((entry) => entry.name), ['more']);
  performance.mark('last');
  observer.disconnect();
  await scheduler.wait(1);
  assert.deepEqual(seen, [['before', 'after'], true, 0]);
  assert.throws(() => observer.observe({ entryTypes: ['mark'] }), 'InvalidModificationError');
  assert.throws(() => new PerformanceObserver(() => {}).observe({}), 'TypeError');
  assert.deepEqual(PerformanceObserver.supportedEntryTypes, ['mark', 'measure', 'resource']);
  performance.clearMarks();
  performance.clearMeasures();
});

test('each fetch is on the timeline, as long as there is room', async () => {
  mock.routes['https://a.test/x'] = () => new Promise((resolve) => { setTimeout(() => resolve({ body: 'ok' }), 5); });
  await fetch('https://a.test/x#fragment');
  await fetch('data:,x');
  await fetch('https://nowhere.test/').catch(() => {});
  const entries = performance.getEntriesByType('resource');
  assert.deepEqual(entries.map(({ name, initiatorType, duration, responseStart }) => [name, initiatorType, duration, responseStart]), [['https://a.test/x', 'fetch', 5, 0], ['https://nowhere.test/', 'fetch', 0, 0]]);
  assert.equal(entries[0].responseEnd, entries[0].fetchStart + 5);
  assert.equal(entries[0].toJSON().renderBlockingStatus, 'non-blocking');
  assert.throws(() => new PerformanceResourceTiming(), 'TypeError');

  performance.setResourceTimingBufferSize(2);
  let full = 0;
  performance.onresourcetimingbufferfull = () => { full += 1; };
  await fetch('https://a.test/x');
  await scheduler.wait(1);
  assert.deepEqual([full, performance.getEntriesByType('resource').length], [1, 2]);
  const told = await new Promise((resolve) => {
    new PerformanceObserver((list, observer, { droppedEntriesCount }) => { observer.disconnect(); resolve([list.getEntries().length, droppedEntriesCount]); }).observe({ type: 'resource', buffered: true });
  });
  assert.deepEqual(told, [2, 1]);
  performance.clearResourceTimings();
  performance.setResourceTimingBufferSize(250);
  performance.onresourcetimingbufferfull = null;
  assert.deepEqual(performance.getEntries(), []);
});
