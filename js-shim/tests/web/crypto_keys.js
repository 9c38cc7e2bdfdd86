// crypto.subtle with key pairs: RSA, elliptic curves, octet key pairs. The vectors are those of the standards named.

const { subtle } = crypto;
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
const bytes = (text) => new Uint8Array((text.match(/../g) ?? []).map((pair) => parseInt(pair, 16)));
const base64url = (text) => btoa(String.fromCharCode(...bytes(text))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const utf8 = (text) => new TextEncoder().encode(text);

const exported = async (key, format) => {
  const data = await subtle.exportKey(format, key);
  return format === 'jwk' ? data : hex(data);
};

/** Every format gives the same key back. */
async function roundTrip(pair, algorithm, publicFormats) {
  for (const format of publicFormats) {
    const data = await subtle.exportKey(format, pair.publicKey);
    const back = await subtle.importKey(format, data, algorithm, true, pair.publicKey.usages);
    assert.equal(await exported(back, 'spki'), await exported(pair.publicKey, 'spki'), format);
  }
  for (const format of ['pkcs8', 'jwk']) {
    const data = await subtle.exportKey(format, pair.privateKey);
    const back = await subtle.importKey(format, data, algorithm, true, pair.privateKey.usages);
    assert.equal(await exported(back, 'pkcs8'), await exported(pair.privateKey, 'pkcs8'), format);
    assert.equal(back.type, 'private');
  }
}

test('ECDSA is deterministic (RFC 6979 A.2.5)', async () => {
  const jwk = {
    kty: 'EC', crv: 'P-256',
    d: base64url('c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721'),
    x: base64url('60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6'),
    y: base64url('7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299'),
  };
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const key = await subtle.importKey('jwk', jwk, algorithm, true, ['sign']);
  const signature = await subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, utf8('sample'));
  assert.equal(hex(signature), 'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8');
  const { d, ...point } = jwk;
  const publicKey = await subtle.importKey('jwk', point, algorithm, true, ['verify']);
  const verify = (data, given) => subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, publicKey, given, data);
  assert.equal(await verify(utf8('sample'), signature), true);
  assert.equal(await verify(utf8('simple'), signature), false);
  assert.equal(await verify(utf8('sample'), signature.slice(1)), false);
  assert.equal(await verify(utf8('sample'), new Uint8Array(64)), false);
  const load = (change) => subtle.importKey('jwk', { ...jwk, ...change }, algorithm, true, ['sign']);
  for (const change of [{ crv: 'P-384' }, { alg: 'ES384' }, { d: jwk.x }, { y: jwk.x }, { x: jwk.x.slice(4) }, { kty: 'OKP' }]) {
    await assert.rejects(load(change), 'DataError');
  }
  await assert.rejects(subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-224' }, true, ['sign']), 'NotSupportedError');
});

test('elliptic curve keys of all curves and hashes', async () => {
  for (const namedCurve of ['P-256', 'P-384', 'P-521']) {
    const algorithm = { name: 'ECDSA', namedCurve };
    const pair = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
    await roundTrip(pair, algorithm, ['raw', 'spki', 'jwk']);
    for (const hash of ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512']) {
      const signature = await subtle.sign({ name: 'ECDSA', hash }, pair.privateKey, utf8('data'));
      assert.equal(await subtle.verify({ name: 'ECDSA', hash }, pair.publicKey, signature, utf8('data')), true);
    }
  }
});

test('compressed points are taken', async () => {
  const pair = await subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, false, ['deriveBits']);
  const point = new Uint8Array(await subtle.exportKey('raw', pair.publicKey));
  const compressed = point.slice(0, 33);
  compressed[0] = 2 + point[64] % 2;
  const key = await subtle.importKey('raw', compressed, { name: 'ECDH', namedCurve: 'P-256' }, true, []);
  assert.equal(await exported(key, 'raw'), hex(point));
  await assert.rejects(subtle.importKey('raw', point.slice(1), { name: 'ECDH', namedCurve: 'P-256' }, true, []), 'DataError');
  await assert.rejects(subtle.exportKey('pkcs8', pair.privateKey), 'InvalidAccessError');
});

test('ECDH gives both sides the same secret', async () => {
  const algorithm = { name: 'ECDH', namedCurve: 'P-384' };
  const [a, b] = [await subtle.generateKey(algorithm, true, ['deriveBits', 'deriveKey']), await subtle.generateKey(algorithm, true, ['deriveBits'])];
  const secret = await subtle.deriveBits({ name: 'ECDH', public: b.publicKey }, a.privateKey, 384);
  assert.equal(hex(secret), hex(await subtle.deriveBits({ name: 'ECDH', public: a.publicKey }, b.privateKey, null)));
  const bits = new Uint8Array(await subtle.deriveBits({ name: 'ECDH', public: b.publicKey }, a.privateKey, 12));
  assert.deepEqual([bits.length, bits[1]], [2, new Uint8Array(secret)[1] & 0xf0]);
  const key = await subtle.deriveKey({ name: 'ECDH', public: b.publicKey }, a.privateKey, { name: 'AES-GCM', length: 256 }, true, ['encrypt']);
  assert.equal(await exported(key, 'raw'), hex(secret).slice(0, 64));
  const other = await subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
  await assert.rejects(subtle.deriveBits({ name: 'ECDH', public: other.publicKey }, a.privateKey, 8), 'InvalidAccessError');
  await assert.rejects(subtle.deriveBits({ name: 'ECDH', public: b.privateKey }, a.privateKey, 8), 'InvalidAccessError');
  await assert.rejects(subtle.deriveBits({ name: 'ECDH', public: b.publicKey }, a.privateKey, 392), 'OperationError');
});

test('Ed25519 (RFC 8032 test 2)', async () => {
  const d = base64url('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb');
  const x = base64url('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');
  const key = await subtle.importKey('jwk', { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', d, x }, 'Ed25519', true, ['sign']);
  const signature = await subtle.sign('Ed25519', key, new Uint8Array([0x72]));
  assert.equal(hex(signature), '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00');
  const publicKey = await subtle.importKey('raw', bytes('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c'), 'ed25519', true, ['verify']);
  assert.equal(await subtle.verify('Ed25519', publicKey, signature, new Uint8Array([0x72])), true);
  assert.equal(await subtle.verify('Ed25519', publicKey, signature, new Uint8Array([0x73])), false);
  assert.deepEqual(await exported(publicKey, 'jwk'), { kty: 'OKP', crv: 'Ed25519', x, alg: 'Ed25519', key_ops: ['verify'], ext: true });
  await assert.rejects(subtle.importKey('jwk', { kty: 'OKP', crv: 'Ed25519', d, x: d }, 'Ed25519', true, ['sign']), 'DataError');
});

test('X25519 (RFC 7748 section 6.1)', async () => {
  const der = '302e020100300506032b656e04220420';
  const alice = await subtle.importKey('pkcs8', bytes(`${der}77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a`), 'X25519', true, ['deriveBits']);
  const bob = await subtle.importKey('raw', bytes('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f'), 'X25519', true, []);
  assert.equal((await exported(alice, 'jwk')).x, base64url('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a'));
  const secret = await subtle.deriveBits({ name: 'X25519', public: bob }, alice, 256);
  assert.equal(hex(secret), '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742');
});

test('octet key pairs of all curves', async () => {
  for (const name of ['Ed25519', 'Ed448', 'NODE-ED25519']) {
    const pair = await subtle.generateKey(name, true, ['sign', 'verify']);
    await roundTrip(pair, name, ['raw', 'spki', 'jwk']);
    const signature = await subtle.sign(name, pair.privateKey, utf8('data'));
    assert.equal(await subtle.verify(name, pair.publicKey, signature, utf8('data')), true);
    assert.equal(await subtle.verify(name, pair.publicKey, signature, utf8('date')), false);
  }
  for (const name of ['X25519', 'X448']) {
    const [a, b] = [await subtle.generateKey(name, true, ['deriveBits']), await subtle.generateKey(name, true, ['deriveBits'])];
    await roundTrip(a, name, ['raw', 'spki', 'jwk']);
    const secret = await subtle.deriveBits({ name, public: b.publicKey }, a.privateKey);
    assert.equal(hex(secret), hex(await subtle.deriveBits({ name, public: a.publicKey }, b.privateKey)));
    const zero = await subtle.importKey('raw', new Uint8Array(name === 'X448' ? 56 : 32), name, true, []);
    await assert.rejects(subtle.deriveBits({ name, public: zero }, a.privateKey), 'OperationError', /small order/);
  }
});

test('RSA keys sign, encrypt, and go through all formats', async () => {
  const generate = (name, usages, hash = 'SHA-256') => subtle.generateKey({ name, hash, modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]) }, true, usages);
  const signing = await generate('RSASSA-PKCS1-v1_5', ['sign', 'verify']);
  assert.deepEqual([signing.publicKey.algorithm.modulusLength, [...signing.publicKey.algorithm.publicExponent].join()], [1024, '1,0,1']);
  await roundTrip(signing, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, ['spki', 'jwk']);
  const signature = await subtle.sign('RSASSA-PKCS1-v1_5', signing.privateKey, utf8('data'));
  assert.equal(signature.byteLength, 128);
  assert.equal(hex(signature), hex(await subtle.sign('RSASSA-PKCS1-v1_5', signing.privateKey, utf8('data'))));
  assert.equal(await subtle.verify('RSASSA-PKCS1-v1_5', signing.publicKey, signature, utf8('data')), true);
  assert.equal(await subtle.verify('RSASSA-PKCS1-v1_5', signing.publicKey, signature, utf8('date')), false);

  const jwk = await exported(signing.privateKey, 'jwk');
  assert.equal(jwk.alg, 'RS256');
  const { n, e, d, kty } = jwk;
  const recovered = await subtle.importKey('jwk', { kty, n, e, d }, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, true, ['sign']);
  assert.equal(hex(await subtle.sign('RSASSA-PKCS1-v1_5', recovered, utf8('data'))), hex(signature));
  const load = (change) => subtle.importKey('jwk', { ...jwk, ...change }, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, true, ['sign']);
  for (const change of [{ alg: 'RS384' }, { q: undefined }, { p: jwk.q }, { d: jwk.n }, { n: undefined }]) await assert.rejects(load(change), 'DataError');

  const pss = await subtle.importKey('jwk', { ...jwk, alg: 'PS512' }, { name: 'RSA-PSS', hash: 'SHA-512' }, true, ['sign']);
  await assert.rejects(subtle.sign({ name: 'RSA-PSS', saltLength: 64 }, pss, utf8('data')), 'OperationError', /salt/);
  const short = await subtle.sign({ name: 'RSA-PSS', saltLength: 62 }, pss, utf8('data'));
  assert.ok(hex(short) !== hex(await subtle.sign({ name: 'RSA-PSS', saltLength: 62 }, pss, utf8('data'))));
  const pssPublic = await subtle.importKey('spki', await subtle.exportKey('spki', signing.publicKey), { name: 'RSA-PSS', hash: 'SHA-512' }, true, ['verify']);
  assert.equal(await subtle.verify({ name: 'RSA-PSS', saltLength: 62 }, pssPublic, short, utf8('data')), true);
  assert.equal(await subtle.verify({ name: 'RSA-PSS', saltLength: 20 }, pssPublic, short, utf8('data')), false);

  const oaep = await generate('RSA-OAEP', ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'], 'SHA-1');
  const sealed = await subtle.encrypt({ name: 'RSA-OAEP', label: utf8('label') }, oaep.publicKey, utf8('data'));
  assert.equal(hex(await subtle.decrypt({ name: 'RSA-OAEP', label: utf8('label') }, oaep.privateKey, sealed)), hex(utf8('data')));
  await assert.rejects(subtle.decrypt('RSA-OAEP', oaep.privateKey, sealed), 'OperationError');
  await assert.rejects(subtle.encrypt('RSA-OAEP', oaep.publicKey, new Uint8Array(87)), 'OperationError', /too long/);
});

test('RSA keys are generated within limits', async () => {
  const generate = (modulusLength, publicExponent, usages = ['sign']) => subtle.generateKey({ name: 'RSA-PSS', hash: 'SHA-1', modulusLength, publicExponent: new Uint8Array(publicExponent) }, true, usages);
  await assert.rejects(generate(512, [1, 0, 1]), 'OperationError', /1024/);
  await assert.rejects(generate(16_384, [1, 0, 1]), 'OperationError');
  for (const exponent of [[], [1], [0, 1], [2], [1, 0, 0]]) await assert.rejects(generate(1024, exponent), 'OperationError');
  await assert.rejects(generate(1024, [1, 0, 1], ['verify']), 'SyntaxError');
  await assert.rejects(generate(1024, [1, 0, 1], ['encrypt', 'sign']), 'SyntaxError');
  const pair = await generate(1024, [3]);
  assert.deepEqual([pair.publicKey.usages.length, pair.privateKey.usages.join()], [0, 'sign']);
});
