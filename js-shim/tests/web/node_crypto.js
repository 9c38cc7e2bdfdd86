// node:crypto.

import { Buffer } from 'node:buffer';
import crypto, { createHash, createHmac, hkdfSync, pbkdf2Sync, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

test('hashes', () => {
  assert.equal(createHash('sha256').update('a').update(Buffer.from('bc')).digest('hex'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  assert.equal(createHash('MD5').update('').digest('base64'), '1B2M2Y8AsgTpgAmY7PhCfg==');
  assert.equal(createHash('RSA-SHA1').update('abc').digest('hex'), 'a9993e364706816aba3e25717850c26c9cd0d89d');
  assert.equal(createHash('sha512').update('YWJj', 'base64').digest().length, 64);
  const first = createHash('sha256').update('a');
  const copy = first.copy();
  assert.equal(copy.update('bc').digest('hex'), createHash('sha256').update('abc').digest('hex'));
  assert.equal(first.digest('hex'), crypto.hash('sha256', 'a'));
  assert.throws(() => first.update('x'), 'Error', 'Digest already called');
  assert.throws(() => createHash('sha9'), 'Error', 'Digest method not supported: sha9');
  assert.throws(() => createHash('sha1').update(5), 'TypeError');
});

test('a hash is a stream', async () => {
  const hash = createHash('sha1');
  await pipeline(Readable.from([Buffer.from('a'), Buffer.from('bc')]), hash);
  assert.equal(hash.read().toString('hex'), 'a9993e364706816aba3e25717850c26c9cd0d89d');
});

test('HMAC (RFC 4231)', () => {
  assert.equal(createHmac('sha256', 'Jefe').update('what do ya want for nothing?').digest('hex'), '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
  const long = Buffer.alloc(131, 0xaa);
  assert.equal(createHmac('sha512', long).update('Test Using Larger Than Block-Size Key - Hash Key First').digest('hex').slice(0, 32), '80b24263c7c1a3ebb71493c1dd7be8b4');
});

test('key derivation (RFC 6070, RFC 5869)', () => {
  assert.equal(pbkdf2Sync('password', 'salt', 2, 20, 'sha1').toString('hex'), 'ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957');
  const okm = hkdfSync('sha256', Buffer.alloc(22, 0x0b), Buffer.from('000102030405060708090a0b0c', 'hex'), Buffer.from('f0f1f2f3f4f5f6f7f8f9', 'hex'), 42);
  assert.equal(Buffer.from(okm).toString('hex'), '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865');
  assert.throws(() => pbkdf2Sync('p', 's', 1, 1, 'nope'), 'TypeError', 'Invalid digest: nope');
});

test('random values and comparison', async () => {
  assert.equal(randomBytes(5).length, 5);
  assert.equal(await new Promise((resolve) => { randomBytes(3, (error, bytes) => { resolve(bytes.length); }); }), 3);
  for (let index = 0; index < 20; index += 1) assert.ok(randomInt(3) < 3 && randomInt(5, 7) >= 5);
  assert.throws(() => randomInt(5, 5), 'RangeError');
  assert.ok(timingSafeEqual(Buffer.from('ab'), new Uint8Array([97, 98])) && !timingSafeEqual(Buffer.from('a'), Buffer.from('b')));
  assert.throws(() => timingSafeEqual(Buffer.from('a'), Buffer.from('ab')), 'TypeError', 'Input buffers must have the same byte length.');
  assert.equal(crypto.webcrypto, globalThis.crypto);
  assert.equal(crypto.randomUUID().length, 36);
});
