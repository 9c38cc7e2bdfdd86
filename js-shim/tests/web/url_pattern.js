// URLPattern: what the web platform tests do not look at.

test('URLPattern needs new, a base for a relative string, and no base for an object', () => {
  assert.throws(() => URLPattern('/a'), 'TypeError');
  assert.throws(() => new URLPattern('/a'), 'TypeError', /relative/);
  assert.throws(() => new URLPattern({ pathname: '/a' }, 'https://example.com'), 'TypeError', /base URL/);
  assert.throws(() => new URLPattern('/a', 'no url'), 'TypeError');
  assert.throws(() => new URLPattern('/a', undefined, {}), 'TypeError');
  assert.equal(new URLPattern('/a', 'https://example.com').hostname, 'example.com');
  assert.equal(new URLPattern().pathname, '*');
  assert.equal(new URLPattern(undefined, { ignoreCase: true }).pathname, '*');
});

test('ignoreCase is for the pathname, search and hash alone', () => {
  const pattern = new URLPattern('https://User@example.com/Books?Sort=a#Top', { ignoreCase: true });
  assert.ok(pattern.test('https://User@EXAMPLE.com/bOOKS?sORT=A#tOP'));
  assert.equal(pattern.test('https://user@example.com/Books?Sort=a#Top'), false);
});

test('exec() gives the inputs, and named and numbered groups', () => {
  const pattern = new URLPattern({ pathname: '/:kind/(\\d+)/*', search: '*' });
  const result = pattern.exec('/books/12/a/b?x=1', 'https://example.com/');
  assert.deepEqual(result.inputs, ['/books/12/a/b?x=1', 'https://example.com/']);
  assert.deepEqual(result.pathname, { input: '/books/12/a/b', groups: { kind: 'books', 0: '12', 1: 'a/b' } });
  assert.deepEqual(result.search, { input: 'x=1', groups: { 0: 'x=1' } });
  assert.equal(pattern.exec('/books/x/a', 'https://example.com/'), null);
  assert.throws(() => pattern.test({ pathname: '/books/1/a' }, 'https://example.com'), 'TypeError', /base URL/);
  assert.equal(pattern.test('/books/1/a', 'no url'), false);
});

test('the members of an init are read in the order of their names', () => {
  const seen = [];
  new URLPattern(new Proxy({}, { get: (_, name) => { seen.push(name); } }));
  assert.deepEqual(seen, ['baseURL', 'hash', 'hostname', 'password', 'pathname', 'port', 'protocol', 'search', 'username']);
});

test('a regular expression may have dashes, slashes and doubled marks outside of classes', () => {
  const pattern = new URLPattern({ pathname: '/((?:a-b|c::d)/[e-g]+)' });
  assert.ok(pattern.hasRegExpGroups);
  assert.equal(pattern.exec({ pathname: '/a-b/ef' }).pathname.groups[0], 'a-b/ef');
  assert.ok(pattern.test({ pathname: '/c::d/g' }));
  assert.equal(pattern.test({ pathname: '/a-b/h' }), false);
  // sets are what the flag v is for
  assert.ok(new URLPattern({ pathname: '/([[a-z]--b])' }).test({ pathname: '/c' }));
  assert.equal(new URLPattern({ pathname: '/([[a-z]--b])' }).test({ pathname: '/b' }), false);
  assert.throws(() => new URLPattern({ pathname: '/([a-)' }), 'TypeError', /Invalid pattern/);
});

test('a worker cannot change how patterns match', () => {
  const { exec } = RegExp.prototype;
  const pattern = new URLPattern({ pathname: '/a' });
  RegExp.prototype.exec = () => null;
  try {
    assert.ok(pattern.test({ pathname: '/a' }));
  } finally {
    RegExp.prototype.exec = exec;
  }
});

test('members are read-only accessors that check their object', () => {
  const { get, set } = Object.getOwnPropertyDescriptor(URLPattern.prototype, 'pathname');
  assert.equal(set, undefined);
  assert.throws(() => get.call({}), 'TypeError');
  assert.throws(() => URLPattern.prototype.test.call({}, {}), 'TypeError');
  assert.equal(URLPattern.length, 0);
  assert.equal(Object.prototype.toString.call(new URLPattern()), '[object URLPattern]');
});
