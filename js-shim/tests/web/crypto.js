// crypto.

const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

test('getRandomValues fills integer arrays', () => {
  const array = new Uint16Array(3);
  assert.equal(crypto.getRandomValues(array), array);
  assert.ok(array.every((value) => value !== 0));
  const part = new Uint8Array(4).subarray(1, 3);
  crypto.getRandomValues(part);
  const [before, first, second, after] = new Uint8Array(part.buffer);
  assert.deepEqual([before, first !== 0, second !== 0, after], [0, true, true, 0]);
  assert.equal(crypto.getRandomValues(new BigInt64Array(1)).length, 1);
  assert.equal(crypto.getRandomValues(new Uint8Array(65_536)).length, 65_536);
  assert.throws(() => crypto.getRandomValues(new Uint8Array(65_537)), 'QuotaExceededError');
  assert.throws(() => crypto.getRandomValues(new Float32Array(1)), 'TypeMismatchError');
  assert.throws(() => crypto.getRandomValues(new DataView(new ArrayBuffer(1))), 'TypeMismatchError');
  assert.throws(() => crypto.getRandomValues([]), 'TypeError');
  assert.throws(() => crypto.getRandomValues(), 'TypeError');
});

test('QuotaExceededError tells amounts', () => {
  const error = new QuotaExceededError('full', { quota: 1, requested: '2.5' });
  assert.ok(error instanceof DOMException && error instanceof Error);
  assert.deepEqual([error.name, error.code, error.message, error.quota, error.requested], ['QuotaExceededError', 22, 'full', 1, 2.5]);
  assert.deepEqual([new QuotaExceededError().quota, new QuotaExceededError().requested], [null, null]);
  assert.throws(() => new QuotaExceededError('', { quota: -1 }), 'RangeError');
  assert.throws(() => new QuotaExceededError('', { quota: 2, requested: 1 }), 'RangeError');
  assert.throws(() => new QuotaExceededError('', { quota: NaN }), 'TypeError');
});

test('randomUUID is of version 4', () => {
  const [first, second] = [crypto.randomUUID(), crypto.randomUUID()];
  assert.ok(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(first));
  assert.ok(first !== second);
});

test('digest', async () => {
  const data = new TextEncoder().encode('abc');
  assert.equal(hex(await crypto.subtle.digest('SHA-256', data)), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  assert.equal(hex(await crypto.subtle.digest({ name: 'sha-1' }, data.buffer)), 'a9993e364706816aba3e25717850c26c9cd0d89d');
  assert.equal(hex(await crypto.subtle.digest('MD5', data)), '900150983cd24fb0d6963f7d28e17f72');
  assert.equal((await crypto.subtle.digest('SHA-384', data)).byteLength, 48);
  assert.equal((await crypto.subtle.digest('SHA-512', data)).byteLength, 64);
  await assert.rejects(crypto.subtle.digest('SHA-3', data), 'NotSupportedError');
  await assert.rejects(crypto.subtle.digest('SHA-1', 'text'), 'TypeError');
  assert.throws(() => new Crypto(), 'TypeError', /Illegal constructor/);
});

test('DigestStream digests what is written to it', async () => {
  const stream = new crypto.DigestStream('SHA-256');
  assert.ok(stream instanceof WritableStream);
  const writer = stream.getWriter();
  await writer.write('a');
  await writer.write(new Uint8Array([98]).buffer);
  await writer.write(new Uint16Array([99]).subarray(0, 0));
  await writer.write(new Uint8Array([0, 99]).subarray(1));
  assert.equal(stream.bytesWritten, 3n);
  await writer.close();
  assert.equal(hex(await stream.digest), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('DigestStream fails with its writer', async () => {
  const aborted = new crypto.DigestStream('md5');
  await aborted.abort(new RangeError('enough'));
  await assert.rejects(aborted.digest, 'RangeError', /enough/);
  const wrong = new crypto.DigestStream({ name: 'MD5' });
  await assert.rejects(wrong.getWriter().write(5), 'TypeError', /DigestStream/);
  await assert.rejects(wrong.digest, 'TypeError');
  assert.throws(() => new crypto.DigestStream('SHA-3'), 'NotSupportedError');
});

test('timingSafeEqual compares bytes of one length', () => {
  const { subtle } = crypto;
  assert.equal(subtle.timingSafeEqual(new Uint8Array([1, 2]), new Uint8Array([1, 2]).buffer), true);
  assert.equal(subtle.timingSafeEqual(new Uint8Array([1, 2]), new Uint8Array([1, 3])), false);
  assert.equal(subtle.timingSafeEqual(new Uint16Array([0x0201]), new Uint8Array([1, 2])), true);
  assert.throws(() => subtle.timingSafeEqual(new Uint8Array(1), new Uint8Array(2)), 'TypeError', /same byte length/);
  assert.throws(() => subtle.timingSafeEqual('a', 'a'), 'TypeError');
});

test('random values are not to be had at start-up, digests are', async () => {
  mock.startup = true;
  try {
    assert.throws(() => crypto.randomUUID(), 'Error', /global scope/);
    await assert.rejects(crypto.subtle.generateKey('Ed25519', true, ['sign']), 'Error', /global scope/);
    await assert.rejects(crypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, ['encrypt']), 'Error', /global scope/);
    assert.equal((await crypto.subtle.digest('SHA-1', new Uint8Array(1))).byteLength, 20);
  } finally {
    mock.startup = false;
  }
});

test('promises do not settle before what is queued right after the call', async () => {
  const order = [];
  const digest = crypto.subtle.digest('SHA-1', new Uint8Array(1)).then(() => order.push('digest'));
  Promise.resolve().then(() => order.push('queued'));
  await digest;
  assert.deepEqual(order, ['queued', 'digest']);
  const refused = async (algorithm) => {
    const seen = [];
    const key = crypto.subtle.generateKey(algorithm, true, []).catch((error) => seen.push(error.name));
    Promise.resolve().then(() => seen.push('queued'));
    await key;
    return seen.join();
  };
  assert.equal(await refused({}), 'TypeError,queued');
  assert.equal(await refused({ name: 'AES-CBC', length: 128 }), 'queued,SyntaxError');
});
