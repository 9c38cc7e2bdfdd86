// Headers.

test('values of one name are combined, names are lowered and sorted', () => {
  const headers = new Headers([['B', '2'], ['a', '1'], ['b', ' 3\t']]);
  assert.equal(headers.get('B'), '2, 3');
  assert.deepEqual([...headers], [['a', '1'], ['b', '2, 3']]);
  assert.deepEqual([...headers.keys()], ['a', 'b']);
  assert.deepEqual([...headers.values()], ['1', '2, 3']);
  assert.equal(headers.get('c'), null);
});

test('set-cookie is never combined', () => {
  const headers = new Headers();
  headers.append('Set-Cookie', 'a=1');
  headers.append('set-cookie', 'b=2');
  assert.deepEqual(headers.getSetCookie(), ['a=1', 'b=2']);
  assert.deepEqual(headers.getAll('Set-Cookie'), ['a=1', 'b=2']);
  assert.deepEqual([...headers], [['set-cookie', 'a=1'], ['set-cookie', 'b=2']]);
  assert.equal(headers.get('set-cookie'), 'a=1, b=2');
  assert.throws(() => headers.getAll('accept'), 'TypeError', /Set-Cookie/);
});

test('set replaces all values in the place of the first', () => {
  const headers = new Headers([['a', '1'], ['b', '2'], ['A', '3']]);
  headers.set('a', 4);
  assert.deepEqual([...headers], [['a', '4'], ['b', '2']]);
  headers.delete('A');
  assert.equal(headers.has('a'), false);
});

test('it is made from a record, pairs, or Headers', () => {
  assert.equal(new Headers({ a: 1, b: undefined }).get('b'), 'undefined');
  assert.equal(new Headers(new Headers({ a: 'x' })).get('a'), 'x');
  assert.equal(new Headers(new Map([['a', 'y']])).get('a'), 'y');
  const symbols = { [Symbol('s')]: '1', a: '2' };
  Object.defineProperty(symbols, 'hidden', { value: '3', enumerable: false });
  assert.deepEqual([...new Headers(symbols)], [['a', '2']]);
  assert.throws(() => new Headers([['a']]), 'TypeError', /pair/);
  assert.throws(() => new Headers(null), 'TypeError');
  assert.throws(() => new Headers('a: b'), 'TypeError');
});

test('bad names and values are refused', () => {
  const headers = new Headers();
  assert.throws(() => headers.append('a b', 'x'), 'TypeError', /Invalid header name: "a b"/);
  assert.throws(() => headers.set('', 'x'), 'TypeError', /Invalid header name/);
  assert.throws(() => headers.get('ä'), 'TypeError', /Invalid header name/);
  assert.throws(() => headers.append('a', 'x\r\ny'), 'TypeError', /Invalid header value/);
  assert.throws(() => headers.append('a', 'x\0'), 'TypeError', /Invalid header value/);
  assert.throws(() => headers.append('a', '€'), 'TypeError', /ByteString/);
  assert.throws(() => headers.append('a', Symbol('x')), 'TypeError');
  headers.append('a', '\n é \r');
  assert.equal(headers.get('a'), 'é');
});

test('iterators are live', () => {
  const headers = new Headers({ a: '1', c: '3' });
  const seen = [];
  for (const [name] of headers) {
    seen.push(name);
    if (name === 'a') headers.append('b', '2');
  }
  assert.deepEqual(seen, ['a', 'b', 'c']);
});

test('forEach gives value, name and the headers', () => {
  const headers = new Headers({ a: '1' });
  headers.forEach(function (value, name, whole) {
    assert.deepEqual([value, name, whole === headers, this.x], ['1', 'a', true, 5]);
  }, { x: 5 });
  assert.throws(() => headers.forEach(), 'TypeError');
});

test('incoming headers cannot be changed, a copy can', async () => {
  const response = await serve({ fetch(request) {
    assert.throws(() => request.headers.set('a', 'b'), 'TypeError', /Can't modify immutable headers/);
    assert.throws(() => request.headers.delete('a'), 'TypeError');
    assert.throws(() => request.headers.append('a', 'b'), 'TypeError');
    const copy = new Request(request);
    copy.headers.set('a', 'b');
    return new Response(copy.headers.get('a') + request.headers.get('a'));
  } });
  assert.equal(response.text, 'bnull');
});

test('it looks as WebIDL says', () => {
  assert.equal(String(new Headers()), '[object Headers]');
  assert.equal(Object.keys(Headers.prototype).includes('append'), true);
  assert.equal(Object.getOwnPropertyDescriptor(globalThis, 'Headers').enumerable, false);
  assert.equal(Headers.prototype[Symbol.iterator], Headers.prototype.entries);
  assert.equal(Headers.prototype.append.length, 2);
  assert.equal(Headers.prototype.append.name, 'append');
  assert.equal(Headers.length, 0);
  assert.equal(String(new Headers().entries()), '[object Headers Iterator]');
  assert.throws(() => Headers.prototype.get.call({}, 'a'), 'TypeError');
  assert.throws(() => Headers.prototype.entries.call({}), 'TypeError');
});

test('a subclass works', () => {
  class Mine extends Headers {
    constructor(init) { super(init); this.extra = 1; }
    get(name) { return `mine ${super.get(name)}`; }
  }
  const mine = new Mine({ a: 'x' });
  assert.equal(mine.get('a'), 'mine x');
  assert.ok(mine instanceof Headers);
  assert.equal(new Headers(mine).get('a'), 'x');
});

test('Headers with an iterator of their own are read by it, and a proxy step by step', () => {
  const source = new Headers({ a: '1' });
  source[Symbol.iterator] = function* iterate() { yield ['b', '2']; };
  assert.deepEqual([...new Headers(source)], [['b', '2']]);

  const steps = [];
  const handler = {};
  for (const name of ['get', 'ownKeys', 'getOwnPropertyDescriptor']) {
    handler[name] = (...args) => {
      steps.push(`${name} ${String(args[1])}`);
      return Reflect[name](...args);
    };
  }
  const record = Object.defineProperty({ x: '1', y: '2' }, 'hidden', { value: '3' });
  assert.deepEqual([...new Headers(new Proxy(record, handler))], [['x', '1'], ['y', '2']]);
  assert.deepEqual(steps, [
    'get Symbol(Symbol.iterator)', 'ownKeys undefined', 'getOwnPropertyDescriptor x', 'get x', 'getOwnPropertyDescriptor y', 'get y',
    'getOwnPropertyDescriptor hidden',
  ]);
  assert.throws(() => new Headers(new Proxy({ [Symbol('s')]: '1' }, {})), 'TypeError');
});

test('methods need their arguments', () => {
  const headers = new Headers();
  assert.throws(() => headers.get(), 'TypeError', /1 argument/);
  assert.throws(() => headers.has(), 'TypeError', /1 argument/);
  assert.throws(() => headers.delete(), 'TypeError', /1 argument/);
  assert.throws(() => headers.set('a'), 'TypeError', /2 arguments/);
  assert.throws(() => headers.append('a'), 'TypeError', /2 arguments/);
});
