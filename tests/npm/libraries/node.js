// What modules of Node.js do, as far as it does not depend on the machine or the runtime's version.
import assert from 'node:assert';
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { Buffer } from 'node:buffer';
import {
  constants, createCipheriv, createDecipheriv, createHash, createHmac, createPrivateKey, createPublicKey, createSecretKey, createSign, createVerify, generateKeyPairSync, hkdfSync,
  pbkdf2Sync, privateDecrypt, publicEncrypt, randomBytes, randomInt, scryptSync, sign, timingSafeEqual, verify,
} from 'node:crypto';
import diagnostics from 'node:diagnostics_channel';
import { EventEmitter, on, once } from 'events';
import path from 'node:path';
import process from 'node:process';
import querystring from 'querystring';
import { PassThrough, pipeline, Readable, Transform, Writable } from 'node:stream';
import { buffer, json, text } from 'node:stream/consumers';
import { finished, pipeline as piped } from 'node:stream/promises';
import { StringDecoder } from 'string_decoder';
import timers from 'node:timers';
import { setTimeout as wait } from 'node:timers/promises';
import url from 'node:url';
import util from 'node:util';

/** PKCS #8: finding primes would take long. */
const RSA = 'MIICeAIBADANBgkqhkiG9w0BAQEFAASCAmIwggJeAgEAAoGBAL8DsTRnNxuMuiN2zd4f9gt5hyvFrFtIHc0MWARRSn1V0li1mawub/msQNg2+4pyNwE/nEMwcjbJH6FzLefXRbiu7jWK3ejaeL31aYC+8w1VxwKhkhyOcNhhEFYM1sycK1aSwreBxAAkWA69EcndiuJmZFpkv2i5QyGsNW+rh9htAgMBAAECgYEAs8yM6+/QHp2bxLAa3mAlYO22/8vlDlNWweFBpGbEgC/dfOULztgzTMgIjb1Ljyktf35Z36DlkY5FuNpLNrUbCTlKLbCv4gGIFQHeNpxXPw6EB2PDa52KS23AkitFkqHCYt8O6h35lsDxnz2tLYwEk2WhTxwNpxfJtxxB89eN5mECQQDdiJgvNuH9p5gEzRUBwKl43o+5kQk7S1SqHZjWy92zGWn4um2rgt9UJGpTjujy6acXlfVWkryiZdVD2GDlx/2VAkEA3LuO4TeTWp142IQeCxTv3PprB90GMNCyJahpV+PTUiPUBTHegoYtusQlwe4p5zsHCRX6AA7FnxrSBTxecovJeQJBAITh3V9czVwIfnBKz9H4Te+ZmJ6Xt/DgM83C6R3WtYorsVwn/4bEfs+K9FhgvayPqNHF+p7Ob+X9rVn/3ceXGa0CQQC8CtB6zxSqUpK7qTnK6Qg6sd7ycPmwJmpNqH4t0LmbNUiPMF/FxDc675TW9GUgRuoEdINo/yyeEYQvz7EKVknJAkAqZXFlGL0PKeBMuOMmnFuWd/YfbDa7NzAQdF2plEjGaSFolz7JtfZrCV4lp2pv/NQe02pz+2Vl1sLA6mRyR+e/';

const storage = new AsyncLocalStorage();

/** What is thrown, as what it says. */
function attempt(fn) {
  try {
    return fn();
  } catch (error) {
    return `${error.name} ${error.code}: ${error.message}`;
  }
}

const rsaKey = () => createPrivateKey({ key: Buffer.from(RSA, 'base64'), type: 'pkcs8', format: 'der' });

const upper = () => new Transform({ transform(chunk, encoding, callback) { callback(null, String(chunk).toUpperCase()); } });
const wordsOf = async (stream) => (await Array.fromAsync(stream)).map(String);

async function inner(label) {
  const before = storage.getStore();
  await null;
  const first = storage.getStore();
  await wait(2);
  try {
    await Promise.reject(new Error(label));
  } catch {
    return [before, first, storage.getStore(), await storage.run(`${label}!`, async () => { await 1; return storage.getStore(); }), storage.getStore()];
  } finally {
    await undefined;
  }
}

const routes = {
  buffer: () => [
    Buffer.from('héllo €').toJSON(), Buffer.alloc(5, 'ab').toString(), Buffer.concat([Buffer.from('a'), Buffer.from('b')]).toString(),
    Buffer.from([1, 2, 3]).readUIntBE(0, 3), Buffer.from('abc').subarray(1).toString(), Buffer.compare(Buffer.from('a'), Buffer.from('b')),
    Buffer.from('abcabc').lastIndexOf('b'), Buffer.from('ff00', 'hex').swap16().toString('hex'), Buffer.byteLength('€'), Buffer.from('x').equals(Buffer.from('x')),
    util.inspect(Buffer.from('inspect me')), Buffer.isBuffer(Buffer.from('')), Buffer.from('a b').toString('latin1'),
  ],
  encodings: () => ['utf8', 'latin1', 'ascii', 'base64', 'base64url', 'hex', 'utf16le', 'ucs2', 'binary'].map((encoding) => [
    encoding, Buffer.from('aGk-_ 6869 é€', encoding).toString('hex'), Buffer.from([0, 0x7f, 0x80, 0xe2, 0x82, 0xac, 0xff]).toString(encoding), Buffer.byteLength('abc=', encoding), Buffer.alloc(4).write('616263ü', encoding),
  ]),
  async events() {
    const emitter = new EventEmitter();
    const log = [];
    emitter.once('a', (...args) => log.push(args)).on('a', function () { log.push(this === emitter); }).prependListener('a', () => log.push('first'));
    log.push(emitter.emit('a', 1, 2), emitter.emit('a'), emitter.emit('none'), emitter.listenerCount('a'), emitter.eventNames(), emitter.getMaxListeners());
    const waiting = once(emitter, 'b');
    emitter.emit('b', 'value');
    log.push(await waiting, attempt(() => emitter.emit('error', new RangeError('x'))), attempt(() => emitter.emit('error', 'no error')), attempt(() => emitter.on('x', 5)));
    const iterator = on(emitter, 'c');
    emitter.emit('c', 1);
    log.push(await iterator.next(), await iterator.return());
    return log;
  },
  inspect: () => [
    { a: 1, 'b-c': [1, , 3], [Symbol('s')]: new Map([[{ k: 1 }, new Set(['v'])]]) }, [undefined, null, -0, 5n, 'it\'s', "\n"], new Error('e').message, () => {}, class A extends Map {},
    Object.create(null), new (class Foo { x = 1; get y() { return 2; } })(), [new Date(NaN), /x/g, new Uint8Array(3)], { f: { g: { h: { i: 1 } } } }, 'x'.repeat(10).split(''),
    Promise.resolve(4), new WeakMap(), Symbol('q'), [[[[]]]], { long: 'a'.repeat(80), other: 'b'.repeat(30) }, Array.from({ length: 120 }, (_, index) => index), Object.assign(() => {}, { p: 1 }), new Number(3), globalThis.undefined,
  ].map((value) => util.inspect(value)),
  format: () => [util.format('%s %d %i %f %j %o %O %%', 'a', '42', 4.5, '1.25', { x: 1 }, [1], { y: { z: {} } }), util.format('%s', null, undefined, 5n, Symbol('a')), util.format('a', { b: 1 }, 'c'), util.format('%x', 1), util.format(1, 2, '3')],
  types: () => Object.entries({ map: new Map(), date: new Date(), regexp: /x/, async: async () => {}, generator: function* () {}, promise: Promise.resolve(), bytes: new Uint8Array(), view: new DataView(new ArrayBuffer(1)), boxed: Object('x'), error: new TypeError(), weak: new WeakSet(), fake: Object.create(Map.prototype), memory: new ArrayBuffer(1) })
    .map(([name, value]) => [name, ['isMap', 'isDate', 'isRegExp', 'isAsyncFunction', 'isGeneratorFunction', 'isPromise', 'isUint8Array', 'isTypedArray', 'isDataView', 'isArrayBufferView', 'isBoxedPrimitive', 'isStringObject', 'isNativeError', 'isWeakSet', 'isAnyArrayBuffer'].filter((type) => util.types[type](value))]),
  async promisify() {
    const add = (a, b, callback) => { setTimeout(() => { callback(b ? null : new Error('zero'), a + b); }, 1); };
    const back = await new Promise((resolve) => { util.callbackify(async (x) => { if (x) return x; throw null; })(0, (error, value) => { resolve([error.message, error.code, value]); }); });
    return [await util.promisify(add)(1, 2), await util.promisify(add)(1, 0).catch(String), back, attempt(() => util.promisify('x')), util.inherits.length, util.isDeepStrictEqual({ a: [1] }, { a: [1] }), util.stripVTControlCharacters('\u001b[31mx\u001b[0m'), util.styleText('red', 'x'), util.styleText(['bold', 'red'], 'x', { validateStream: false })];
  },
  assert: () => [() => assert.ok(1), () => assert.deepStrictEqual({ a: [1, { b: new Date(0) }] }, { a: [1, { b: new Date(0) }] }), () => assert.throws(() => { throw new TypeError('x'); }, TypeError), () => assert.match('abc', /b/), () => assert.notStrictEqual(1, 1, 'same'), () => assert.rejects(Promise.resolve(1)) && 'a promise', () => assert.fail('failed'), () => assert.ifError(null)]
    .map((check) => { try { return check() ?? null; } catch (error) { return [error.name, error.code, error.generatedMessage, error.operator]; } }),
  path: () => [path.join('a', '..', '/b//c/.'), path.resolve('/a', 'b', '../c'), path.relative('/a/b/c', '/a/d'), path.parse('/x/y.tar.gz'), path.format({ dir: '/a', name: 'b', ext: 'c' }), path.extname('.bashrc'), path.basename('/a/b.js', '.js'), path.dirname('/a'), path.normalize('./a/../../b/'), path.isAbsolute('a'), path.sep, path.win32.join('C:\\a', '..', 'b'), path.win32.parse('C:\\x\\y.z'), path.resolve('x'), attempt(() => path.join(5))],
  url: () => [url.parse('http://user:pa%20ss@EXAMPLE.com:8080/p/a?q=1&r=ü#h', true).query.r, Object.entries(url.parse('//a/b?c', false, true)), url.format({ protocol: 'http', host: 'a.b', pathname: 'c', search: '?d=e' }), url.resolve('/one/two/three', 'four'), url.resolve('http://a.com/b', '//c.com/d'), url.fileURLToPath('file:///a%20b/c'), url.pathToFileURL('/a b?#').href, url.domainToASCII('español.com'), url.urlToHttpOptions(new URL('http://a:b@c/d?e')).auth],
  querystring: () => [querystring.parse('a=1&b=2&a=3&c=%20d+e&=f&g'), querystring.stringify({ a: [1, 'x y'], b: true, c: null, d: 'ü&=' }), querystring.parse('a:1;b:2', ';', ':'), querystring.escape('a b&c'), querystring.unescape('%41%zz')],
  decoder() {
    const decoder = new StringDecoder('utf8');
    return [0xf0, 0x9f, 0xa6, 0x89, 0x61, 0xe2].map((byte) => decoder.write(Buffer.from([byte]))).concat(decoder.end());
  },
  async streams() {
    const log = [];
    const sink = new Writable({ highWaterMark: 2, write(chunk, encoding, callback) { log.push(`write ${chunk} ${encoding}`); setTimeout(callback, 1); }, final(callback) { log.push('final'); callback(); } });
    log.push(sink.write('a'), sink.write('bc'), sink.writableNeedDrain);
    await once(sink, 'drain');
    sink.end('d');
    await finished(sink);
    const readable = new Readable({ read() { this.push(this.left-- ? 'x' : null); } });
    readable.left = 3;
    log.push(await wordsOf(readable), await wordsOf(Readable.from([1, 2, 3, 4]).filter((x) => x % 2).map((x) => x * 10)), await Readable.from([1, 2, 3]).reduce((a, b) => a + b));
    log.push(attempt(() => sink.write('late')), sink.writableFinished, readable.destroyed, await Readable.from(['a', 'b', 'c']).take(2).toArray());
    return log;
  },
  async pipelines() {
    const out = [];
    await piped(Readable.from(['a', 'b']), upper(), async function* (source) { for await (const chunk of source) yield `<${chunk}>`; }, new Writable({ write(chunk, encoding, callback) { out.push(String(chunk)); callback(); } }));
    const failing = piped(Readable.from(['a']), new Transform({ transform(chunk, encoding, callback) { callback(new Error('broken')); } }), new PassThrough());
    const byCallback = await new Promise((resolve) => { pipeline(Readable.from(['x']), new PassThrough(), new Writable({ write(c, e, callback) { callback(new Error('full')); } }), (error) => { resolve(error.message); }); });
    const web = Readable.fromWeb(new Response('from the web').body).pipe(upper());
    return [out, await failing.catch(String), byCallback, await text(web), await new Response(Readable.toWeb(Readable.from([Buffer.from('to '), Buffer.from('the web')]))).text()];
  },
  consumers: async () => [await text(Readable.from(['a', Buffer.from('ü')])), await json(Readable.from(['[1,', '2]'])), (await buffer(Readable.from([Buffer.from('x')]))).toString('hex')],
  hashes: () => [...['md5', 'sha1', 'sha256', 'sha384', 'sha512', 'SHA256'].map((name) => createHash(name).update('a').update(Buffer.from('bc')).digest('hex')), createHmac('sha256', 'key').update('data').digest('base64'), createHmac('sha512', Buffer.alloc(200, 1)).update('x').digest('base64url'), createHash('sha1').copy().digest('hex'), attempt(() => createHash('sha1').update(5)), attempt(() => { const hash = createHash('sha1'); hash.digest(); hash.digest(); }), attempt(() => timingSafeEqual(Buffer.from('a'), Buffer.from('ab'))), timingSafeEqual(Buffer.from('a'), Buffer.from('a')), randomBytes(9).length, randomInt(1)],
  derive: () => [pbkdf2Sync('secret', 'salt', 1000, 32, 'sha256').toString('hex'), Buffer.from(hkdfSync('sha512', 'key', 'salt', 'info', 64)).toString('hex'), attempt(() => pbkdf2Sync('a', 'b', 0, 1, 'sha1'))],
  ciphers: () => {
    const [key, iv] = [Buffer.alloc(32, 7), Buffer.alloc(16, 9)];
    const inAndOut = ['aes-256-cbc', 'aes-256-ctr', 'aes-256-gcm'].map((name) => {
      const cipher = createCipheriv(name, key, iv);
      const secret = cipher.update('some text that is longer than a block', 'utf8', 'hex') + cipher.final('hex');
      const decipher = createDecipheriv(name, key, iv);
      // asked for once: workerd gives it no second time
      const tag = name.endsWith('gcm') ? cipher.getAuthTag() : null;
      if (tag) decipher.setAuthTag(tag);
      return [secret, decipher.update(secret, 'hex', 'utf8') + decipher.final('utf8'), tag?.toString('hex')];
    });
    return inAndOut;
  },
  keys: () => ['rsa', 'ec', 'ed25519', 'x25519'].map((type) => {
    const privateKey = type === 'rsa' ? rsaKey() : generateKeyPairSync(type, { namedCurve: 'P-256' }).privateKey;
    const publicKey = createPublicKey(privateKey);
    const pem = privateKey.export({ type: type === 'rsa' ? 'pkcs1' : 'pkcs8', format: 'pem' });
    const der = publicKey.export({ type: 'spki', format: 'der' });
    const same = [createPrivateKey(pem).equals(privateKey), createPublicKey(pem).equals(publicKey), createPublicKey({ key: der, type: 'spki', format: 'der' }).equals(publicKey), privateKey.equals(publicKey)];
    const { modulusLength, namedCurve } = publicKey.asymmetricKeyDetails;
    return [publicKey.type, privateKey.type, publicKey.asymmetricKeyType, modulusLength, namedCurve, same, pem.split('\n')[0], privateKey.export({ format: 'jwk' }).kty, String(publicKey)];
  }),
  secrets: () => {
    const key = createSecretKey(Buffer.from('a secret'));
    return [key.type, key.symmetricKeySize, key.export().toString(), key.export({ format: 'jwk' }).k, key.equals(createSecretKey(Buffer.from('a secret'))), createHmac('sha256', key).update('x').digest('hex'), Buffer.from(hkdfSync('sha256', key, 'salt', 'info', 16)).toString('hex')];
  },
  signatures: () => {
    const data = Buffer.from('The quick brown fox');
    const rsa = { publicKey: createPublicKey(rsaKey()).export({ type: 'spki', format: 'pem' }), privateKey: rsaKey().export({ type: 'pkcs1', format: 'pem' }) };
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256', publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
    const ed = generateKeyPairSync('ed25519');
    const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING };
    const checked = [[rsa, {}], [rsa, PSS], [rsa, { ...PSS, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }], [ec, {}], [ec, { dsaEncoding: 'ieee-p1363' }]].map(([{ publicKey, privateKey }, options]) => {
      const signature = createSign('RSA-SHA256').update(data).sign({ key: privateKey, ...options });
      const passes = (given) => createVerify('sha256').update(given).verify({ key: publicKey, ...options }, signature);
      return [passes(data), passes('other'), options.dsaEncoding && signature.length];
    });
    const signature = sign(null, data, ed.privateKey);
    const secret = publicEncrypt({ key: rsa.publicKey, oaepHash: 'sha256' }, data);
    return [checked, signature.length, verify(null, data, ed.publicKey, signature), verify(null, data, ed.publicKey, signature.fill(1, 3, 9)), privateDecrypt({ key: rsa.privateKey, oaepHash: 'sha256' }, secret).toString()];
  },
  scrypt: () => scryptSync('password', 'salt', 32, { N: 1024 }).toString('hex'),
  async als() {
    const resource = storage.run('resource', () => new AsyncResource('R'));
    const bound = storage.run('bound', () => AsyncLocalStorage.bind(() => storage.getStore()));
    const results = await Promise.all([storage.run('a', inner, 'A'), storage.run('b', () => inner('B')), inner('C')]);
    const timer = await storage.run('t', () => new Promise((resolve) => { setTimeout(() => { resolve(storage.getStore()); }, 1); }));
    const micro = await storage.run('m', () => new Promise((resolve) => { queueMicrotask(() => { resolve(storage.getStore()); }); }));
    const tick = await storage.run('n', () => new Promise((resolve) => { process.nextTick(() => { resolve(storage.getStore()); }); }));
    return [results, timer, micro, tick, bound(), resource.runInAsyncScope(() => storage.getStore()), storage.run(1, () => storage.exit(() => storage.getStore())) ?? null, storage.getStore() ?? null, attempt(() => storage.enterWith(1)), attempt(() => storage.disable())];
  },
  'als/streams': async () => storage.run('outer', async () => {
    const seen = [];
    for await (const chunk of Readable.from(['a', 'b'])) seen.push([chunk, storage.getStore()]);
    async function* values() {
      yield storage.getStore();
      await wait(1);
      yield storage.getStore();
    }
    for await (const value of values()) seen.push([value, storage.getStore()]);
    await Promise.allSettled([Promise.reject(new Error('x')).finally(() => { seen.push(storage.getStore()); })]);
    return seen;
  }),
  process: () => [process.env.TEXT, process.env.JSON, process.env.NONE ?? null, Object.keys(process.env), process.platform, process.arch, process.cwd(), process.argv, process.title, process.pid, process.exitCode ?? null, process.execArgv, process.umask(), process.memoryUsage(), typeof process.hrtime.bigint(), attempt(() => process.kill(1)), String(process), process.version, process.release.name],
  timers: async () => [typeof setTimeout(() => {}, 1), timers.setTimeout(() => {}, 1).constructor.name, await wait(1, 'waited'), await new Promise((resolve) => { setImmediate(resolve, 'immediate'); }), await wait(5, null, { signal: AbortSignal.abort() }).catch((error) => [error.name, error.code]), timers.setInterval(() => {}, 1).unref().hasRef()],
  channels() {
    const log = [];
    const listener = (message, name) => { log.push([message, name]); };
    diagnostics.subscribe('c', listener);
    diagnostics.channel('c').publish({ x: 1 });
    log.push(diagnostics.hasSubscribers('c'));
    diagnostics.unsubscribe('c', listener);
    log.push(diagnostics.hasSubscribers('c'));
    const channel = diagnostics.channel('s');
    channel.bindStore(storage, ({ user }) => user);
    channel.runStores({ user: 'Ada' }, () => { log.push(storage.getStore()); });
    const traced = diagnostics.tracingChannel('t');
    traced.subscribe({ start: () => { log.push('start'); }, end: ({ result }) => { log.push(['end', result]); }, error: ({ error }) => { log.push(error.message); } });
    log.push(traced.traceSync((x) => x + 1, {}, null, 1), attempt(() => traced.traceSync(() => { throw new Error('no'); })));
    return log;
  },
  globals: () => [typeof globalThis.Buffer, global === globalThis, typeof globalThis.process, typeof setImmediate, typeof clearImmediate, globalThis.Buffer === Buffer, globalThis.process === process],
  required() {
    const events = require('events');
    const stream = require('stream');
    class Old extends events {}
    return [new Old() instanceof EventEmitter, typeof require('util').inspect, stream.Readable === Readable, typeof require('node:path').join, require('buffer').Buffer === Buffer];
  },
};

export default {
  async fetch(request) {
    const name = new URL(request.url).pathname.slice(1);
    try {
      return Response.json(await routes[name]());
    } catch (error) {
      return new Response(`${error.name}: ${error.message}\n${error.stack}`, { status: 500 });
    }
  },
};
