// node:crypto.

import { Buffer } from 'node:buffer';
import crypto, {
  createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, pbkdf2Sync, randomBytes, randomInt, scryptSync, timingSafeEqual,
} from 'node:crypto';
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

const hex = (text) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const KEY = hex('2b7e151628aed2a6abf7158809cf4f3c');
const IV = hex('000102030405060708090a0b0c0d0e0f');
const PLAIN = '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51';

test('AES in blocks and as a stream (NIST SP 800-38A)', () => {
  for (const [mode, iv, expected] of [
    ['cbc', IV, '7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2'],
    ['ctr', hex('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff'), '874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff'],
    ['ecb', null, '3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf'],
  ]) {
    const cipher = createCipheriv(`aes-128-${mode}`, KEY, iv).setAutoPadding(false);
    assert.equal(cipher.update(PLAIN, 'hex', 'hex') + cipher.final('hex'), expected);
    const decipher = createDecipheriv(`AES-128-${mode}`, KEY, iv).setAutoPadding(false);
    assert.equal(decipher.update(expected, 'hex', 'hex') + decipher.final('hex'), PLAIN);
  }
  const wrapped = createCipheriv('aes-128-ctr', KEY, Buffer.alloc(16, 0xff));
  assert.equal(wrapped.update(Buffer.alloc(32)).subarray(16).toString('hex'), createCipheriv('aes-128-ctr', KEY, Buffer.alloc(16)).update(Buffer.alloc(16)).toString('hex'));
});

test('AES in pieces of any length, padded', () => {
  const data = Buffer.from(Array.from({ length: 50 }, (_, index) => index));
  for (const name of ['aes-128-cbc', 'aes-192-cbc', 'aes256', 'aes-256-ctr', 'aes-256-gcm', 'aes-192-ecb']) {
    const key = data.subarray(0, crypto.getCipherInfo(name).keyLength);
    const iv = name.endsWith('ecb') ? '' : IV;
    const run = (make, input, step, tag = undefined) => {
      const cipher = make(name, key, iv);
      if (tag) cipher.setAuthTag(tag);
      const parts = [];
      for (let at = 0; at < input.length; at += step) parts.push(cipher.update(input.subarray(at, at + step)));
      return [Buffer.concat([...parts, cipher.final()]), name.endsWith('gcm') && !tag ? cipher.getAuthTag() : undefined];
    };
    for (let length = 0; length <= 50; length += 1) {
      const input = data.subarray(0, length);
      const [whole, tag] = run(createCipheriv, input, 64);
      assert.equal(whole.length, /ctr|gcm/.test(name) ? length : (Math.floor(length / 16) + 1) * 16);
      for (const step of [1, 15, 16, 17]) {
        const [pieces, same] = run(createCipheriv, input, step);
        assert.ok(pieces.equals(whole) && (tag === undefined || same.equals(tag)));
        assert.ok(run(createDecipheriv, whole, step, tag)[0].equals(input), `${name} ${length} ${step}`);
      }
    }
  }
});

test('AES-GCM (test cases 2 and 4 of its authors)', () => {
  const zeros = createCipheriv('aes-128-gcm', Buffer.alloc(16), Buffer.alloc(12));
  assert.equal(zeros.update(Buffer.alloc(16)).toString('hex') + zeros.final('hex'), '0388dace60b6a392f328c2b971b2fe78');
  assert.equal(zeros.getAuthTag().toString('hex'), 'ab6e47d42cec13bdf53a67b21257bddf');
  const key = hex('feffe9928665731c6d6a8f9467308308');
  const iv = hex('cafebabefacedbaddecaf888');
  const plain = 'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39';
  const secret = '42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091';
  const additional = hex('feedfacedeadbeeffeedfacedeadbeefabaddad2');
  const cipher = createCipheriv('aes-128-gcm', key, iv).setAAD(additional.subarray(0, 7)).setAAD(additional.subarray(7));
  assert.equal(cipher.update(plain, 'hex', 'hex') + cipher.final('hex'), secret);
  assert.equal(cipher.getAuthTag().toString('hex'), '5bc94fbc3221a5db94fae95ae7121a47');
  const decrypt = (tag, aad = additional) => {
    const decipher = createDecipheriv('aes-128-gcm', key, iv).setAAD(aad).setAuthTag(tag);
    return decipher.update(secret, 'hex', 'hex') + decipher.final('hex');
  };
  assert.equal(decrypt(hex('5bc94fbc3221a5db94fae95ae7121a47')), plain);
  assert.equal(decrypt(hex('5bc94fbc3221a5db94fae95a')), plain);
  for (const attempt of [() => decrypt(hex('5bc94fbc3221a5db94fae95ae7121a48')), () => decrypt(hex('5bc94fbc3221a5db94fae95ae7121a47'), KEY)]) {
    assert.throws(attempt, 'Error', 'Unsupported state or unable to authenticate data');
  }
  const short = createCipheriv('aes-128-gcm', key, iv, { authTagLength: 12 });
  short.final();
  assert.equal(short.getAuthTag().length, 12);
});

test('ciphers say what is wrong', () => {
  const gcm = () => createDecipheriv('aes-128-gcm', KEY, IV);
  const cbc = () => createDecipheriv('aes-128-cbc', KEY, IV);
  for (const [attempt, name, code] of [
    [() => createCipheriv(1, KEY, IV), 'TypeError', 'ERR_INVALID_ARG_TYPE'],
    [() => createCipheriv('aes-128-xyz', KEY, IV), 'Error', 'ERR_CRYPTO_UNKNOWN_CIPHER'],
    [() => createCipheriv('aes-128-cbc', 'a', IV), 'RangeError', 'ERR_CRYPTO_INVALID_KEYLEN'],
    [() => createCipheriv('aes-128-cbc', KEY, null), 'TypeError', 'ERR_CRYPTO_INVALID_IV'],
    [() => createCipheriv('aes-128-gcm', KEY, ''), 'TypeError', 'ERR_CRYPTO_INVALID_IV'],
    [() => createCipheriv('aes-128-cbc', KEY), 'TypeError', 'ERR_INVALID_ARG_TYPE'],
    [() => createCipheriv('aes-128-gcm', KEY, IV, { authTagLength: 3 }), 'TypeError', 'ERR_CRYPTO_INVALID_AUTH_TAG'],
    [() => gcm().setAuthTag(Buffer.alloc(3)), 'TypeError', 'ERR_CRYPTO_INVALID_AUTH_TAG'],
    [() => gcm().setAuthTag(KEY).setAuthTag(KEY), 'Error', 'ERR_CRYPTO_INVALID_STATE'],
    [() => gcm().final(), 'Error', undefined],
    [() => createCipheriv('aes-128-gcm', KEY, IV).getAuthTag(), 'Error', 'ERR_CRYPTO_INVALID_STATE'],
    [() => cbc().setAAD(KEY), 'Error', 'ERR_CRYPTO_INVALID_STATE'],
    [() => cbc().final(), 'Error', 'ERR_OSSL_WRONG_FINAL_BLOCK_LENGTH'],
    [() => { const cipher = cbc(); cipher.update(KEY); cipher.final(); }, 'Error', 'ERR_OSSL_BAD_DECRYPT'],
    [() => { const cipher = createCipheriv('aes-128-ctr', KEY, IV); cipher.final(); cipher.final(); }, 'Error', 'ERR_CRYPTO_INVALID_STATE'],
    [() => cbc().update(1), 'TypeError', 'ERR_INVALID_ARG_TYPE'],
    [() => scryptSync('a', 'b', 1, { N: 3 }), 'RangeError', 'ERR_CRYPTO_INVALID_SCRYPT_PARAMS'],
    [() => scryptSync('a', 'b', 1, { N: 2 ** 20 }), 'RangeError', 'ERR_CRYPTO_INVALID_SCRYPT_PARAMS'],
  ]) {
    let error;
    try { attempt(); } catch (thrown) { error = thrown; }
    assert.equal(`${error?.name} ${error?.code}`, `${name} ${code}`, String(attempt));
  }
});

test('a cipher is a stream', async () => {
  const cipher = createCipheriv('aes-128-cbc', KEY, IV);
  await pipeline(Readable.from([Buffer.from('a'), Buffer.from('bc')]), cipher, createDecipheriv('aes-128-cbc', KEY, IV), async (parts) => {
    let text = '';
    for await (const part of parts) text += part;
    assert.equal(text, 'abc');
  });
});

test('scrypt (RFC 7914)', async () => {
  assert.equal(scryptSync('', '', 64, { N: 16, r: 1, p: 1 }).toString('hex'), '77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906');
  const derived = await new Promise((resolve) => { crypto.scrypt('password', 'NaCl', 64, { cost: 1024, r: 8, p: 16 }, (error, key) => { resolve(key); }); });
  assert.equal(derived.toString('hex'), 'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640');
  assert.equal(scryptSync('a', 'b', 0).length, 0);
});
