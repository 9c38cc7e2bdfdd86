// crypto.

const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

test('getRandomValues fills integer arrays', () => {
  const array = new Uint16Array(3);
  assert.equal(crypto.getRandomValues(array), array);
  assert.deepEqual([...array], [0x2500, 0x6f4a, 0xb994]);
  const part = new Uint8Array(4).subarray(1, 3);
  crypto.getRandomValues(part);
  assert.deepEqual([...new Uint8Array(part.buffer)], [0, 0, 37, 0]);
  assert.equal(crypto.getRandomValues(new BigInt64Array(1)).length, 1);
  assert.throws(() => crypto.getRandomValues(new Uint8Array(65_537)), 'QuotaExceededError');
  assert.throws(() => crypto.getRandomValues(new Float32Array(1)), 'TypeMismatchError');
  assert.throws(() => crypto.getRandomValues([]), 'TypeMismatchError');
});

test('randomUUID is of version 4', () => {
  assert.equal(crypto.randomUUID(), '00254a6f-94b9-4e03-a84d-7297bce1062b');
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
