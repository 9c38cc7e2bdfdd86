// URL and URLSearchParams.

test('the parts of a URL', () => {
  const url = new URL('https://u:p@example.com:8080/a/b?c=d#e');
  assert.deepEqual([url.protocol, url.username, url.password, url.host, url.hostname, url.port, url.pathname, url.search, url.hash, url.origin], ['https:', 'u', 'p', 'example.com:8080', 'example.com', '8080', '/a/b', '?c=d', '#e', 'https://example.com:8080']);
  assert.equal(String(url), 'https://u:p@example.com:8080/a/b?c=d#e');
  assert.equal(JSON.stringify({ url }), '{"url":"https://u:p@example.com:8080/a/b?c=d#e"}');
});

test('relative URLs need a base', () => {
  assert.equal(new URL('../x', 'http://a/b/c/d').href, 'http://a/b/x');
  assert.equal(new URL('//h', new URL('https://a')).href, 'https://h/');
  assert.throws(() => new URL('/x'), 'TypeError', /Invalid URL/);
  assert.throws(() => new URL('/x', 'nope'), 'TypeError', /Invalid URL/);
  assert.throws(() => new URL(), 'TypeError');
  assert.equal(URL.canParse('/x'), false);
  assert.equal(URL.canParse('/x', 'http://a'), true);
  assert.equal(URL.parse('x'), null);
  assert.equal(URL.parse('http://a').href, 'http://a/');
  assert.equal(new URL('http://exämple.com/\ud800').href, 'http://xn--exmple-cua.com/%EF%BF%BD');
  assert.equal(new URL('http://a', undefined).href, 'http://a/');
});

test('setters change one part, or nothing', () => {
  const url = new URL('http://a/');
  url.protocol = 'https';
  url.host = 'b:81';
  url.pathname = 'x y';
  url.search = 'q';
  url.hash = 'h';
  url.username = 'me';
  url.password = 'pw';
  assert.equal(url.href, 'https://me:pw@b:81/x%20y?q#h');
  url.port = 'x';
  url.hostname = '';
  assert.equal(url.host, 'b:81');
  url.port = '443';
  assert.equal(url.host, 'b');
  url.search = '';
  url.hash = '';
  assert.equal(url.href, 'https://me:pw@b/x%20y');
  url.href = 'http://z/?1';
  assert.equal(url.search, '?1');
  assert.throws(() => { url.href = 'bad'; }, 'TypeError');
  assert.equal(url.href, 'http://z/?1');
});

test('searchParams and search are one', () => {
  const url = new URL('http://a/?x=1&y=2');
  const params = url.searchParams;
  assert.equal(params, url.searchParams);
  params.append('z', 'ä b');
  assert.equal(url.href, 'http://a/?x=1&y=2&z=%C3%A4+b');
  url.search = '?n=5';
  assert.deepEqual([...params], [['n', '5']]);
  params.delete('n');
  assert.equal(url.href, 'http://a/');
  url.href = 'http://b/?k=v';
  assert.equal(params.get('k'), 'v');
  url.search = '?a=~';
  assert.equal(url.search, '?a=~');
});

test('URLSearchParams does its work', () => {
  const params = new URLSearchParams('?a=1&b=2&a=3&empty&plus=a+b&pct=%26');
  assert.deepEqual([params.get('a'), params.getAll('a'), params.get('none'), params.get('empty'), params.get('plus'), params.get('pct'), params.size], ['1', ['1', '3'], null, '', 'a b', '&', 6]);
  assert.equal(params.has('a', '3'), true);
  assert.equal(params.has('a', '4'), false);
  params.delete('a', '1');
  assert.deepEqual(params.getAll('a'), ['3']);
  params.set('b', 'x');
  params.sort();
  assert.equal(params.toString(), 'a=3&b=x&empty=&pct=%26&plus=a+b');
  assert.equal(new URLSearchParams([['a', 'b'], ['c', 'd']]).toString(), 'a=b&c=d');
  assert.equal(new URLSearchParams({ a: 1, b: 'x y' }).toString(), 'a=1&b=x+y');
  assert.equal(new URLSearchParams(new URLSearchParams('q=1')).toString(), 'q=1');
  assert.equal(new URLSearchParams().size, 0);
  assert.throws(() => new URLSearchParams([['a']]), 'TypeError');
  assert.equal(new URLSearchParams({ '\ud835x': 'a\ud800' }).toString(), '%EF%BF%BDx=a%EF%BF%BD');
  const seen = [];
  params.forEach((value, name) => seen.push(name + value));
  assert.equal(seen.join(), 'a3,bx,empty,pct&,plusa b');
  assert.deepEqual([...params.keys()].length, 5);
});

test('it looks as WebIDL says', () => {
  assert.equal(Object.prototype.toString.call(new URL('http://a')), '[object URL]');
  assert.deepEqual([URL.length, URL.canParse.length, URLSearchParams.length], [1, 1, 0]);
  assert.throws(() => Object.getOwnPropertyDescriptor(URL.prototype, 'href').get.call({}), 'TypeError');
});

test('file: URLs, opaque paths and empty segments are parsed as the standard has them', () => {
  const parsed = (url, base) => new URL(url, base).href;
  assert.equal(parsed('file:///C|/a/../..'), 'file:///C:/');
  assert.equal(parsed('/D:/x', 'file://host/C:/y'), 'file://host/D:/x');
  assert.equal(parsed('x', 'file:///C:/a/b'), 'file:///C:/a/x');
  assert.equal(parsed('/x', 'file:///C:/a/b'), 'file:///C:/x');
  assert.equal(parsed('file://localhost//a'), 'file:////a');
  assert.equal(parsed('////a/b', 'https://h.test/'), 'https://a/b');
  assert.equal(parsed('a:/..//b'), 'a:/.//b');
  assert.equal(parsed('data:x  ?q'), 'data:x %20?q');
  assert.equal(parsed('#f', 'mailto:a?b'), 'mailto:a?b#f');
  assert.equal(parsed('https://h/^`{}'), 'https://h/%5E%60%7B%7D');
  assert.equal(URL.parse('x', 'mailto:a'), null);
  assert.equal(new URL('blob:https://a.test:8/x').origin, 'https://a.test:8');
  assert.equal(new URL('blob:ftp://a.test/x').origin, 'null');
});

test('setters stop where the parser with a state override does', () => {
  const changed = (url, part, value) => {
    const object = new URL(url);
    object[part] = value;
    return object.href;
  };
  assert.equal(changed('https://h:8/', 'host', 'a:90x/b'), 'https://a:90/');
  assert.equal(changed('https://h:8/', 'hostname', 'a:90'), 'https://h:8/');
  assert.equal(changed('https://h/', 'port', '8o'), 'https://h:8/');
  assert.equal(changed('https://h/', 'port', '65536'), 'https://h/');
  assert.equal(changed('https://h:443/', 'protocol', 'http'), 'http://h/');
  assert.equal(changed('https://h:80/', 'protocol', 'http'), 'http://h/');
  assert.equal(changed('https://h/', 'protocol', 'foo'), 'https://h/');
  assert.equal(changed('foo:/.//p', 'hostname', 'h'), 'foo://h//p');
  assert.equal(changed('foo://h/a', 'pathname', ''), 'foo://h');
  assert.equal(changed('foo:/a', 'pathname', '//b'), 'foo:/.//b');
  assert.equal(changed('mailto:a', 'pathname', 'b'), 'mailto:a');
  assert.equal(changed('file:///a', 'host', 'localhost'), 'file:///a');
  assert.equal(changed('https://h/', 'pathname', '?#'), 'https://h/%3F%23');
});

test('URLSearchParams reads a proxy step by step, and an iterator once', () => {
  const keys = [];
  const record = new Proxy({ a: '1', b: '2' }, { get(target, key) { keys.push(key); return target[key]; } });
  assert.equal(String(new URLSearchParams(record)), 'a=1&b=2');
  assert.deepEqual(keys.map(String), ['Symbol(Symbol.iterator)', 'a', 'b']);
  assert.throws(() => new URLSearchParams([['a']]), 'TypeError', /pair/);
  assert.throws(() => new URLSearchParams(['ab']), 'TypeError');
  assert.throws(() => new URLSearchParams().get(), 'TypeError', /1 argument/);
});
