// console and how it shows values.

const shown = (...args) => {
  mock.logs = [];
  console.log(...args);
  return mock.logs[0][1];
};

test('levels', () => {
  console.debug('a'); console.log('b'); console.info('c'); console.warn('d'); console.error('e');
  assert.deepEqual(mock.logs, [[0, 'a'], [1, 'b'], [2, 'c'], [3, 'd'], [4, 'e']]);
});

test('primitives', () => {
  assert.equal(shown('text', 1, -0, 2n, true, null, undefined, Symbol('s')), 'text 1 -0 2n true null undefined Symbol(s)');
  assert.equal(shown(['a', "it's"]), `[ 'a', "it's" ]`);
  assert.equal(shown(), '');
});

test('objects, arrays, classes', () => {
  class Point { constructor() { this.x = 1; } get y() { return 2; } }
  assert.equal(shown({ a: 1, 'b-c': [1, 2], d: { e: { f: { g: 1 } } } }), "{ a: 1, 'b-c': [ 1, 2 ], d: { e: { f: [Object] } } }");
  assert.equal(shown(new Point()), 'Point { x: 1 }');
  assert.equal(shown({}), '{}');
  assert.equal(shown([]), '[]');
  assert.equal(shown([1, , 3]), '[ 1, <1 empty item>, 3 ]');
  assert.equal(shown(Object.create(null)), '[Object: null prototype] {}');
  assert.equal(shown({ get a() { return 1; }, set a(v) {}, get b() { return 1; } }), '{ a: [Getter/Setter], b: [Getter] }');
  assert.equal(shown(Array.from({ length: 103 }, () => 0)).split('\n').at(-2).trim(), '... 3 more items');
  assert.equal(shown({ [Symbol('k')]: 1 }), '{ [Symbol(k)]: 1 }');
});

test('collections and built-ins', () => {
  assert.equal(shown(new Map([['a', { b: 1 }]])), "Map(1) { 'a' => { b: 1 } }");
  assert.equal(shown(new Set([1, 'x'])), "Set(2) { 1, 'x' }");
  assert.equal(shown(new Uint8Array([1, 2])), 'Uint8Array(2) [ 1, 2 ]');
  assert.equal(shown(new Date(0)), '1970-01-01T00:00:00.000Z');
  assert.equal(shown(/a/g), '/a/g');
  assert.equal(shown(function named() {}), '[Function: named]');
  assert.equal(shown(class A {}), '[class A]');
  assert.equal(shown(async () => {}), '[AsyncFunction (anonymous)]');
  assert.equal(shown(new Number(3)), '[Number: 3]');
  assert.equal(shown(Promise.resolve(4)), 'Promise { 4 }');
  assert.equal(shown(new Proxy({ a: 1 }, {})), '{ a: 1 }');
});

test('circular references', () => {
  const a = { name: 'a' };
  a.self = a;
  assert.equal(shown(a), "<ref *1> { name: 'a', self: [Circular *1] }");
  const twice = {};
  assert.equal(shown([twice, twice]), '[ {}, {} ]');
});

test('errors', () => {
  const text = shown(new TypeError('bad', { cause: new Error('root') }));
  assert.ok(/^TypeError: bad\n\s+at .*console\.js:\d+:\d+\)?\n[\s\S]*\[cause\]: Error: root\n/.test(text), text);
  assert.ok(!text.includes('glowplug:prelude'), text);
  const extra = Object.assign(new Error('x'), { code: 5 });
  assert.ok(/code: 5/.test(shown(extra)));
  assert.equal(shown({ get a() { throw new Error(); } }), '{ a: [Getter] }');
  assert.ok(/cannot be shown/.test(shown(new Proxy({}, { ownKeys() { throw new Error('trap'); } }))));
});

test('web objects', () => {
  assert.equal(shown(new Headers({ a: 'b' })), "Headers { a: 'b' }");
  assert.equal(shown(new URLSearchParams('a=b')), "URLSearchParams { a: 'b' }");
  assert.ok(/^Response \{\n  status: 404,/.test(shown(new Response('x', { status: 404 }))), shown(new Response()));
  assert.ok(/^Request \{\n  method: 'GET',\n  url: 'http:\/\/a\/'/.test(shown(new Request('http://a'))));
  assert.equal(shown(new URL('http://a/b')).split('\n')[1], "  href: 'http://a/b',");
});

test('long values take several lines', () => {
  const text = shown({ first: 'x'.repeat(40), second: 'y'.repeat(40) });
  assert.equal(text, `{\n  first: '${'x'.repeat(40)}',\n  second: '${'y'.repeat(40)}'\n}`);
});

test('format specifiers', () => {
  assert.equal(shown('%s is %d years and %i%%, %j', 'X', '42', 3.9, { a: 1 }, 'rest'), 'X is 42 years and 3%, {"a":1} rest');
  assert.equal(shown('%c styled', 'color: red'), ' styled');
  assert.equal(shown('%o %O', [1], { a: 1 }), '[ 1 ] { a: 1 }');
  assert.equal(shown('100%', 'x'), '100% x');
  assert.equal(shown('%s'), '%s');
  assert.equal(shown({ a: '%s' }, 'x'), "{ a: '%s' } x");
});

test('groups indent, counts count, timers time, assert asserts', async () => {
  console.group('g');
  console.log('a\nb');
  console.groupEnd();
  console.groupEnd();
  console.count(); console.count('x'); console.count(); console.countReset(); console.count();
  console.assert(true, 'no'); console.assert(false, 'yes %d', 1); console.assert();
  console.time('t');
  await scheduler.wait(3);
  console.timeLog('t', 'x');
  console.timeEnd('t');
  console.timeEnd('t');
  assert.deepEqual(mock.logs.map((log) => log[1]), ['g', '  a\n  b', 'default: 1', 'x: 1', 'default: 2', 'default: 1', 'Assertion failed: yes 1', 'Assertion failed', 't: 3ms x', 't: 3ms', "Timer 't' does not exist"]);
});

test('table', () => {
  mock.logs = [];
  console.table([{ a: 1, b: 'x' }, { a: 2 }, 5]);
  assert.equal(mock.logs[0][1], [
    '┌─────────┬───┬─────┬────────┐',
    '│ (index) │ a │ b   │ Values │',
    '├─────────┼───┼─────┼────────┤',
    "│ 0       │ 1 │ 'x' │        │",
    '│ 1       │ 2 │     │        │',
    '│ 2       │   │     │ 5      │',
    '└─────────┴───┴─────┴────────┘',
  ].join('\n'));
  console.table('x');
  assert.equal(mock.logs[1][1], 'x');
});

test('trace shows where', () => {
  console.trace('here');
  assert.ok(/^Trace: here\n\s+at .*console\.js:/.test(mock.logs[0][1]), mock.logs[0][1]);
});

test('dir takes a depth', () => {
  console.dir({ a: { b: { c: {} } } }, { depth: 0 });
  assert.equal(mock.logs[0][1], '{ a: [Object] }');
  console.dir({ a: { b: { c: { d: 1 } } } }, { depth: null });
  assert.equal(mock.logs[1][1], '{ a: { b: { c: { d: 1 } } } }');
});
