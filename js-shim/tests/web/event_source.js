// EventSource, and the format of event streams.

const HEADERS = { 'content-type': 'text/event-stream; charset=utf-8' };

/** What an EventSource over these chunks fires, as [type, data, lastEventId]. */
function eventsOf(chunks, types = ['message']) {
  return new Promise((resolve) => {
    const seen = [];
    const encoder = new TextEncoder();
    const source = EventSource.from(ReadableStream.from(chunks.map((chunk) => (typeof chunk === 'string' ? encoder.encode(chunk) : chunk))));
    for (const type of types) source.addEventListener(type, ({ data, lastEventId }) => seen.push([type, data, lastEventId]));
    source.onerror = () => resolve(seen);
  });
}

test('lines, fields and events', async () => {
  assert.deepEqual(await eventsOf(['\ufeffdata: a\ndata\ndata:b\r\r', 'data: c\r', '\n\r', '\n', ': comment\nfoo: bar\ndata:  d\n\n', 'data: never']), [
    ['message', 'a\n\nb', ''], ['message', 'c', ''], ['message', ' d', ''],
  ]);
  assert.deepEqual(await eventsOf(['data\n\ndata:\n\n\n']), [['message', '', ''], ['message', '', '']]);
  assert.deepEqual(await eventsOf(['event: x\ndata: 1\n\nevent: x\n\ndata: 2\n\n'], ['message', 'x']), [['x', '1', ''], ['message', '2', '']]);
  assert.deepEqual(await eventsOf(['id: 1\ndata: a\n\nid: \0\ndata: b\n\nid\ndata: c\n\n']), [['message', 'a', '1'], ['message', 'b', '1'], ['message', 'c', '']]);
});

test('characters may be cut in two by chunks', async () => {
  const bytes = new TextEncoder().encode('data: \u20ac\n\n');
  assert.deepEqual(await eventsOf([bytes.slice(0, 7), bytes.slice(7)]), [['message', '\u20ac', '']]);
});

test('a stream that is there already is read once', async () => {
  const source = EventSource.from(ReadableStream.from([new TextEncoder().encode('data: x\n\n')]));
  assert.deepEqual([source.readyState, source.url, source.withCredentials], [EventSource.CONNECTING, '', false]);
  await new Promise((resolve) => { source.onopen = resolve; });
  assert.equal(source.readyState, EventSource.OPEN);
  const event = await new Promise((resolve) => { source.onmessage = resolve; });
  assert.deepEqual([event.data, event.origin, event.isTrusted], ['x', 'null', true]);
  await new Promise((resolve) => { source.onerror = resolve; });
  assert.equal(source.readyState, EventSource.CLOSED);
  assert.throws(() => EventSource.from({}), 'TypeError');
});

test('it connects again with the last id, after the time the stream told', async () => {
  mock.routes['https://a.test/events'] = { headers: HEADERS, body: ['retry: 50\nid: 7\ndata: x\n\n'] };
  const source = new EventSource('https://a.test/events', { withCredentials: true });
  const seen = [];
  const began = performance.now();
  await new Promise((resolve) => {
    source.onopen = () => {
      seen.push('open', performance.now() - began);
      if (seen.filter((one) => one === 'open').length === 2) resolve();
    };
    source.onmessage = ({ data, origin }) => seen.push(data, origin);
    source.onerror = () => seen.push(source.readyState);
  });
  source.close();
  assert.deepEqual([seen, source.readyState, source.withCredentials], [['open', 0, 'x', 'https://a.test', EventSource.CONNECTING, 'open', 50], EventSource.CLOSED, true]);
  assert.deepEqual(mock.sent.map(({ headers }) => [headers.accept, headers['last-event-id']]), [['text/event-stream', undefined], ['text/event-stream', '7']]);
  await scheduler.wait(1000);
  assert.deepEqual([mock.sent.length, hooks.pending()], [2, []]);
});

test('another status or type ends it', async () => {
  for (const route of [{ status: 204, headers: HEADERS }, { headers: { 'content-type': 'text/event-streams' }, body: 'data: x\n\n' }, { status: 500, headers: HEADERS, body: 'x' }]) {
    mock.routes['https://a.test/'] = route;
    const source = new EventSource('https://a.test/');
    source.onopen = () => { throw new Error('opened'); };
    const event = await new Promise((resolve) => { source.onerror = resolve; });
    assert.deepEqual([source.readyState, event.isTrusted, mock.logs.length], [EventSource.CLOSED, true, 0]);
  }
});

test('a network error is tried again, and close() ends the wait', async () => {
  const source = new EventSource('https://nowhere.test/');
  await new Promise((resolve) => { source.onerror = resolve; });
  assert.equal(source.readyState, EventSource.CONNECTING);
  await Promise.resolve();
  assert.ok(/connects again after 3000 ms/.test(hooks.pending()[0]), hooks.pending()[0]);
  source.close();
  assert.deepEqual(hooks.pending(), []);
});

test('what it refuses', () => {
  assert.throws(() => new EventSource(), 'TypeError');
  assert.throws(() => new EventSource('http://this is invalid/'), 'SyntaxError');
  assert.throws(() => EventSource('https://a.test/'), 'TypeError');
  mock.startup = true;
  assert.throws(() => new EventSource('https://a.test/'), 'Error', /Disallowed operation/);
  mock.startup = false;
});
