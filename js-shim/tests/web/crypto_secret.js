// crypto.subtle with secret keys: AES, HMAC, HKDF, PBKDF2. The vectors are those of the standards named.

const { subtle } = crypto;
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
const bytes = (text) => new Uint8Array((text.match(/../g) ?? []).map((pair) => parseInt(pair, 16)));
const aes = (name, key, usages = ['encrypt', 'decrypt']) => subtle.importKey('raw', bytes(key), name, true, usages);

test('AES-CBC (SP 800-38A F.2.1) pads', async () => {
  const key = await aes('AES-CBC', '2b7e151628aed2a6abf7158809cf4f3c');
  const params = { name: 'aes-cbc', iv: bytes('000102030405060708090a0b0c0d0e0f') };
  const sealed = await subtle.encrypt(params, key, bytes('6bc1bee22e409f96e93d7e117393172a'));
  assert.equal(hex(sealed).slice(0, 32), '7649abac8119b246cee98e9b12e9197d');
  assert.equal(sealed.byteLength, 32);
  assert.equal(hex(await subtle.decrypt(params, key, sealed)), '6bc1bee22e409f96e93d7e117393172a');
  const broken = new Uint8Array(sealed);
  broken[15] ^= 1;
  await assert.rejects(subtle.decrypt(params, key, broken.subarray(0, 31)), 'OperationError');
  await assert.rejects(subtle.encrypt({ ...params, iv: new Uint8Array(12) }, key, broken), 'OperationError', /16 bytes/);
  await assert.rejects(subtle.encrypt({ name: 'AES-CBC' }, key, broken), 'TypeError');
});

test('AES-CTR (SP 800-38A F.5.1), and a counter that starts again', async () => {
  const key = await aes('AES-CTR', '2b7e151628aed2a6abf7158809cf4f3c');
  const counter = bytes('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff');
  const sealed = await subtle.encrypt({ name: 'AES-CTR', counter, length: 64 }, key, bytes('6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51'));
  assert.equal(hex(sealed), '874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff');
  const zeros = (count) => new Uint8Array(16 * count);
  // one bit of counter: the second block has the counter of ...fe, and there is no third
  const two = new Uint8Array(await subtle.encrypt({ name: 'AES-CTR', counter, length: 1 }, key, zeros(2)));
  const before = counter.slice();
  before[15] = 0xfe;
  const again = await subtle.encrypt({ name: 'AES-CTR', counter: before, length: 128 }, key, zeros(1));
  assert.equal(hex(two.slice(16)), hex(again));
  await assert.rejects(subtle.encrypt({ name: 'AES-CTR', counter, length: 1 }, key, zeros(3)), 'OperationError');
  await assert.rejects(subtle.encrypt({ name: 'AES-CTR', counter, length: 0 }, key, zeros(1)), 'OperationError');
  await assert.rejects(subtle.encrypt({ name: 'AES-CTR', counter, length: 256 }, key, zeros(1)), 'TypeError');
  // all 128 bits: the counter goes over its end
  const last = await subtle.encrypt({ name: 'AES-CTR', counter: new Uint8Array(16).fill(255), length: 128 }, key, zeros(2));
  assert.equal(hex(last.slice(16)), hex(await subtle.encrypt({ name: 'AES-CTR', counter: new Uint8Array(16), length: 128 }, key, zeros(1))));
});

test('AES-GCM (the test cases 4 and 6 of its specification)', async () => {
  const key = await aes('AES-GCM', 'feffe9928665731c6d6a8f9467308308');
  const plain = bytes('d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39');
  const additionalData = bytes('feedfacedeadbeeffeedfacedeadbeefabaddad2');
  const params = { name: 'AES-GCM', iv: bytes('cafebabefacedbaddecaf888'), additionalData };
  const sealed = await subtle.encrypt(params, key, plain);
  assert.equal(hex(sealed).slice(-32), '5bc94fbc3221a5db94fae95ae7121a47');
  assert.equal(hex(await subtle.decrypt(params, key, sealed)), hex(plain));
  const long = { ...params, iv: bytes('9313225df88406e555909c5aff5269aa6a7a9538534f7da1e4c303d2a318a728c3c0c95156809539fcf0e2429a6b525416aedbf5a0de6a57a637b39b') };
  assert.equal(hex(await subtle.encrypt(long, key, plain)).slice(-32), '619cc5aefffe0bfa462af43c1699d050');
  const short = await subtle.encrypt({ ...params, tagLength: 32 }, key, plain);
  assert.equal(hex(short).slice(-8), '5bc94fbc');
  await assert.rejects(subtle.decrypt({ ...params, additionalData: new Uint8Array(0) }, key, sealed), 'OperationError', /tag/);
  await assert.rejects(subtle.decrypt(params, key, sealed.slice(0, 15)), 'OperationError');
  await assert.rejects(subtle.encrypt({ ...params, tagLength: 33 }, key, plain), 'OperationError');
  await assert.rejects(subtle.encrypt({ ...params, iv: new Uint8Array(0) }, key, plain), 'OperationError');
});

test('AES-KW (RFC 3394 section 4.1)', async () => {
  const wrapping = await aes('AES-KW', '000102030405060708090a0b0c0d0e0f', ['wrapKey', 'unwrapKey']);
  const key = await aes('AES-GCM', '00112233445566778899aabbccddeeff');
  const wrapped = await subtle.wrapKey('raw', key, wrapping, 'AES-KW');
  assert.equal(hex(wrapped), '1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5');
  const back = await subtle.unwrapKey('raw', wrapped, wrapping, 'AES-KW', 'AES-GCM', true, ['encrypt']);
  assert.equal(hex(await subtle.exportKey('raw', back)), '00112233445566778899aabbccddeeff');
  new Uint8Array(wrapped)[3] ^= 1;
  await assert.rejects(subtle.unwrapKey('raw', wrapped, wrapping, 'AES-KW', 'AES-GCM', true, ['encrypt']), 'OperationError', /integrity/);
  await assert.rejects(subtle.encrypt('AES-KW', wrapping, wrapped), 'NotSupportedError');
});

test('HMAC (RFC 4231 case 2)', async () => {
  const key = await subtle.importKey('raw', new TextEncoder().encode('Jefe'), { name: 'HMAC', hash: 'SHA-256' }, true, ['sign', 'verify']);
  const data = new TextEncoder().encode('what do ya want for nothing?');
  const signature = await subtle.sign('HMAC', key, data);
  assert.equal(hex(signature), '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
  assert.equal(await subtle.verify('HMAC', key, signature, data), true);
  assert.equal(await subtle.verify('HMAC', key, signature.slice(1), data), false);
  assert.equal(await subtle.verify('HMAC', key, new Uint8Array(32), data), false);
  assert.deepEqual({ ...key.algorithm }, { name: 'HMAC', length: 32, hash: { name: 'SHA-256' } });
  await assert.rejects(subtle.importKey('raw', data, { name: 'HMAC', hash: 'MD5' }, true, ['sign']), 'NotSupportedError');
  await assert.rejects(subtle.importKey('raw', data, { name: 'HMAC', hash: 'SHA-1', length: 8 }, true, ['sign']), 'DataError');
  await assert.rejects(subtle.importKey('raw', new Uint8Array(0), { name: 'HMAC', hash: 'SHA-1' }, true, ['sign']), 'DataError');
  const bits = await subtle.importKey('raw', new Uint8Array([255, 255]), { name: 'HMAC', hash: 'SHA-1', length: 11 }, true, ['sign']);
  assert.equal(hex(await subtle.exportKey('raw', bits)), 'ffe0');
});

test('JSON Web Keys of secret keys', async () => {
  const key = await aes('AES-GCM', '00112233445566778899aabbccddeeff');
  const jwk = await subtle.exportKey('jwk', key);
  assert.deepEqual(jwk, { kty: 'oct', k: 'ABEiM0RVZneImaq7zN3u_w', alg: 'A128GCM', key_ops: ['encrypt', 'decrypt'], ext: true });
  const load = (change, usages = ['encrypt'], extractable = true) => subtle.importKey('jwk', { ...jwk, ...change }, 'AES-GCM', extractable, usages);
  assert.equal(hex(await subtle.exportKey('raw', await load({}))), '00112233445566778899aabbccddeeff');
  assert.equal((await load({ ext: false }, ['encrypt'], false)).extractable, false);
  for (const change of [{ alg: 'A256GCM' }, { kty: 'RSA' }, { k: 'AB+/' }, { k: undefined }, { use: 'sig' }, { ext: false }, { key_ops: ['decrypt'] }, { key_ops: ['encrypt', 'encrypt'] }]) {
    await assert.rejects(load(change), 'DataError');
  }
  await assert.rejects(load({}, []), 'SyntaxError');
  await assert.rejects(load({}, ['sign']), 'SyntaxError');
  await assert.rejects(load({}, ['nothing']), 'TypeError');
  await assert.rejects(subtle.importKey('jwk', new Uint8Array(16), 'AES-GCM', true, ['encrypt']), 'TypeError');
  await assert.rejects(subtle.importKey('raw', jwk, 'AES-GCM', true, ['encrypt']), 'TypeError');
});

test('HKDF (RFC 5869 case 1)', async () => {
  const key = await subtle.importKey('raw', new Uint8Array(22).fill(0x0b), 'HKDF', false, ['deriveBits', 'deriveKey']);
  const params = { name: 'HKDF', hash: 'SHA-256', salt: bytes('000102030405060708090a0b0c'), info: bytes('f0f1f2f3f4f5f6f7f8f9') };
  const derived = await subtle.deriveBits(params, key, 336);
  assert.equal(hex(derived), '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865');
  assert.equal((await subtle.deriveBits(params, key, 0)).byteLength, 0);
  await assert.rejects(subtle.deriveBits(params, key, 255 * 256 + 8), 'OperationError');
  await assert.rejects(subtle.deriveBits(params, key), 'OperationError');
  await assert.rejects(subtle.deriveBits(params, key, 7), 'OperationError');
  const derivedKey = await subtle.deriveKey(params, key, { name: 'AES-CBC', length: 128 }, true, ['encrypt']);
  assert.equal(hex(await subtle.exportKey('raw', derivedKey)), '3cb25f25faacd57a90434f64d0362f2a');
  await assert.rejects(subtle.importKey('raw', new Uint8Array(1), 'HKDF', true, ['deriveBits']), 'SyntaxError');
  await assert.rejects(subtle.exportKey('raw', key), 'NotSupportedError');
});

test('PBKDF2 (RFC 6070), up to the number of iterations of Workers', async () => {
  const key = await subtle.importKey('raw', new TextEncoder().encode('password'), 'PBKDF2', false, ['deriveBits']);
  const derive = (iterations) => subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-1', salt: new TextEncoder().encode('salt'), iterations }, key, 160);
  assert.equal(hex(await derive(2)), 'ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957');
  assert.equal(hex(await derive(4096)), '4b007901b765489abead49d926f721d065a429c1');
  assert.equal((await derive(100_000)).byteLength, 20);
  await assert.rejects(derive(100_001), 'NotSupportedError', /100000/);
  await assert.rejects(derive(0), 'OperationError');
  await assert.rejects(derive(-1), 'TypeError');
});

test('a key does what it is for and nothing else', async () => {
  const key = await aes('AES-GCM', '00112233445566778899aabbccddeeff', ['encrypt', 'wrapKey']);
  const data = new Uint8Array(1);
  await assert.rejects(subtle.decrypt({ name: 'AES-GCM', iv: data }, key, data), 'InvalidAccessError');
  await assert.rejects(subtle.encrypt({ name: 'AES-CBC', iv: new Uint8Array(16) }, key, data), 'InvalidAccessError');
  await assert.rejects(subtle.encrypt({ name: 'AES-GCM', iv: data }, { ...key }, data), 'TypeError');
  await assert.rejects(subtle.encrypt({ name: 'AES-GCM', iv: data }, key), 'TypeError', /needs 3 arguments/);
  await assert.rejects(subtle.encrypt({}, key, data), 'TypeError');
  await assert.rejects(subtle.encrypt.call({}, { name: 'AES-GCM', iv: data }, key, data), 'TypeError');
  const hidden = await subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', false, ['encrypt']);
  await assert.rejects(subtle.exportKey('raw', hidden), 'InvalidAccessError');
  await assert.rejects(subtle.wrapKey('raw', hidden, key, { name: 'AES-GCM', iv: data }), 'InvalidAccessError');
  await assert.rejects(subtle.exportKey('pem', key), 'TypeError');
});

test('a CryptoKey shows copies and can be cloned', async () => {
  const key = await aes('AES-GCM', '00112233445566778899aabbccddeeff', ['decrypt', 'encrypt', 'encrypt']);
  assert.deepEqual([key.type, key.extractable, [...key.usages].join()], ['secret', true, 'encrypt,decrypt']);
  assert.equal(key.algorithm, key.algorithm);
  key.algorithm.name = 'AES-CBC';
  key.usages.length = 0;
  const params = { name: 'AES-GCM', iv: new Uint8Array(12) };
  const sealed = await subtle.encrypt(params, key, new Uint8Array(3));
  const copy = structuredClone({ key }).key;
  assert.ok(copy instanceof CryptoKey && copy !== key);
  assert.deepEqual({ ...copy.algorithm }, { name: 'AES-GCM', length: 128 });
  assert.equal(hex(await subtle.decrypt(params, copy, sealed)), '000000');
  assert.throws(() => new CryptoKey(), 'TypeError', /Illegal constructor/);
});

test('buffers are read when they are due', async () => {
  const key = await aes('AES-GCM', '00112233445566778899aabbccddeeff');
  const params = { name: 'AES-GCM', iv: new Uint8Array(12) };
  const empty = hex(await subtle.encrypt(params, key, new Uint8Array(0)));
  const data = new Uint8Array(8);
  const gone = subtle.encrypt({ get name() { data.buffer.transfer(); return 'AES-GCM'; }, iv: new Uint8Array(12) }, key, data);
  assert.equal(hex(await gone), empty);
  await assert.rejects(subtle.digest('SHA-1', new Uint8Array(new SharedArrayBuffer(1))), 'TypeError');
  await assert.rejects(subtle.digest('SHA-1', new ArrayBuffer(1, { maxByteLength: 2 })), 'TypeError');
  await assert.rejects(subtle.digest('\u017fHA-1', data), 'NotSupportedError');
});
