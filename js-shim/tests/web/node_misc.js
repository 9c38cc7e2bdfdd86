// node:path, node:url, node:querystring, node:process, node:timers, and what makes their names global.

import { env } from 'cloudflare:workers';
import os from 'node:os';
import path, { posix, win32 } from 'node:path';
import process, { nextTick } from 'node:process';
import querystring from 'node:querystring';
import timers from 'node:timers';
import { setInterval as ticks, setTimeout as wait } from 'node:timers/promises';
import url, { fileURLToPath, pathToFileURL } from 'node:url';
import 'node:globals';

test('paths', () => {
  assert.equal(path.join('/a', '..', 'b', './c.txt'), '/b/c.txt');
  assert.equal(path.resolve('/a', '../b', 'c'), '/b/c');
  assert.equal(path.relative('/a/b', '/a/c/d'), '../c/d');
  assert.deepEqual(path.parse('/home/x.tar.gz'), { root: '/', dir: '/home', base: 'x.tar.gz', ext: '.gz', name: 'x.tar' });
  assert.equal(path.resolve('x'), '/x');
  assert.equal(path.format({ dir: '/a', name: 'b', ext: 'c' }), '/a/b.c');
  assert.throws(() => path.join(5), 'TypeError', 'The "path" argument must be of type string. Received type number (5)');
  assert.equal(posix, path);
  assert.equal(win32.join('C:\\a', '..', 'b'), 'C:\\b');
  assert.equal(win32.basename('C:\\a\\b.txt', '.txt'), 'b');
  assert.ok(path.matchesGlob('/a/b/c.js', '/a/**/*.{js,ts}') && !path.matchesGlob('/a/b.c', '/a/*.js'));
});

test('old URLs and query strings', () => {
  const { protocol, auth, host, pathname, query } = url.parse('http://u:p@example.com:80/a?x=1#h', true);
  assert.deepEqual([protocol, auth, host, pathname, query.x], ['http:', 'u:p', 'example.com:80', '/a', '1']);
  assert.equal(url.resolve('http://a/b/c', '../d'), 'http://a/d');
  assert.equal(url.format({ protocol: 'https', hostname: 'a.b', pathname: '/x', query: { q: 'ü' } }), 'https://a.b/x?q=%C3%BC');
  assert.equal(url.format(new URL('http://a/b#c'), { fragment: false }), 'http://a/b');
  assert.equal(fileURLToPath('file:///a%20b'), '/a b');
  assert.equal(pathToFileURL('/a b#c').href, 'file:///a%20b%23c');
  assert.equal(querystring.stringify({ a: ['1', '2'], b: 'ü &' }), 'a=1&a=2&b=%C3%BC%20%26');
  assert.deepEqual({ ...querystring.parse('a=1&a=2&b=%C3%BC+x&c') }, { a: ['1', '2'], b: 'ü x', c: '' });
});

test('process tells about the worker', async () => {
  assert.deepEqual([process.platform, process.cwd(), typeof process.version, process.title], ['linux', '/bundle', 'string', 'workerd']);
  process.env.NUMBER = 5;
  assert.equal(process.env.NUMBER, '5');
  assert.ok('NUMBER' in process.env && process.env.MISSING === undefined);
  delete process.env.NUMBER;
  assert.equal(process.env.NUMBER, undefined);
  const order = [];
  await new Promise((resolve) => {
    nextTick((value) => { order.push(value); resolve(); }, 'tick');
    order.push('now');
  });
  assert.deepEqual(order, ['now', 'tick']);
  const [seconds, nanoseconds] = process.hrtime();
  assert.ok(Number.isInteger(seconds) && nanoseconds < 1e9 && typeof process.hrtime.bigint() === 'bigint');
  assert.throws(() => process.kill(1), 'Error', 'The process.kill method is not implemented');
  assert.throws(() => process.exit(1), 'Error');
  process.stdout.write('to the log\n');
  assert.deepEqual(mock.logs.at(-1)[1], 'to the log');
  assert.equal(os.EOL, '\n');
  assert.ok(env !== process.env);
});

test('timers are objects, and can be awaited', async () => {
  const timer = timers.setTimeout(() => {}, 1000);
  assert.deepEqual([timer.hasRef(), timer.unref().hasRef(), typeof (+timer)], [true, false, 'number']);
  timers.clearTimeout(timer);
  assert.equal(await wait(1, 'value'), 'value');
  const controller = new AbortController();
  const waiting = wait(1000, null, { signal: controller.signal });
  controller.abort();
  await assert.rejects(waiting, 'AbortError');
  let count = 0;
  for await (const value of ticks(1, 'x')) {
    count += 1;
    if (value === 'x' && count === 3) break;
  }
  assert.equal(count, 3);
  assert.equal(await new Promise((resolve) => { setImmediate(resolve, 'at once'); }), 'at once');
});

test('the globals are there', () => {
  assert.ok(globalThis.Buffer.from('x').length === 1 && globalThis.process === process && globalThis.global === globalThis);
  assert.ok(typeof setImmediate === 'function' && typeof clearImmediate === 'function');
});
