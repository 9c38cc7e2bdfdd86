// node:crypto: keys that are objects. What they are compared with is what Node.js 20 makes of the same keys.

import { Buffer } from 'node:buffer';
import crypto, { createHash, createPrivateKey, createPublicKey, createSecretKey, diffieHellman, generateKeyPairSync, KeyObject } from 'node:crypto';
import { promisify, types } from 'node:util';

/** PKCS #8. */
const KEYS = {
  rsa: 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC/IYIZSZOJxuUefBBsMV+7thMabp9YribGYxZWV47dnllal3AnCUcIWKxkVCx11RvPpIkZk3iN+sZSCA6bHaSqliCncCDugAWJlqaE3I6lNNsumw6oIIfqG48GD2vLAt5fK/WyK5xAhMYRbxFMh8FT0Oa0zkEBPCqBxAhDb2QfCoR2cS8aJzYOgBy9iqPeFy2lz6G+dHG0B9F554/BVFreaRil5qlX4f4SmfPw2s1kyjnQWO1kCnGukb3oao0c9b9REtwt3RDfGk68l0zgmrsLO4/pH20oqr5HrqivduoYitj1MxrI7v8s8kd0ZhMt3Vt6qiHDSBrJ3pa3l8Lb3CNBAgMBAAECggEAKvhPlXvTLbCHpljiIFDhYwRGOzUPohJVKVjxlqvMtMp68EEHt98AF0JIT64U6NDmlcI6CIP9IH52w86H6hu5/5gM81fkL3qcxBgYi9pCP6YoeMvneakGpX1YpFYnN9cHQ4JQlKP1VxQCq7y6uOf0cPGQTKnqN2rda5s0+GQ8sDV7oQg06V0fWIHKps66xWY3JbZtp3vOxdN/7Zu+IdUk0qp0qLWU+s2DR6VEV8YPIqA791eHtlPmpSy/VXPmj1A9+dfslwBaDLXeIqhUt0IZM0xczAlOGXRfPcsh75LP4nL7VgILZPfwcQPjB2iNkLDIXy6ySxPlPfN/JLmEqOXioQKBgQDifmcoH41jpcEApR1hpJ47ihgW2bUaQ6AQlpogC4akjXzW2yUqvTx7xoo+WDBu/rYJsvHlUmBcIrER8Vu6iYx52iyMLS2X/+5mc2bZO5nMMsyhbNYfV6aHJGhISi6/B6oL0BXWka+xlMRol6befhJK+OvamBwAQ3fVws6GBMWkDQKBgQDYB7+y7VxWbd6kaFOn1HkcKA94TdbltcugwpL5iMfc5DQ8LVYN55LP8TdtpYz0b3jhww/3LuU+6hgfieNZw+hc4ljW60xQOyewHxl1WrrM59XA/cvSKhJG4GAhc7Cig1P/92UI4XZSaHZbfIhapXdwRvaU1nv8v07uZ58zjgjrBQKBgC8kkkImtx47nP2OYJw3UHwiFTuEWw65brKlNjVfUMolbQunl4fa1aEJxTKO1p3zxF4mcfUCfW4QBn0umKIuCSA/yi/vI2NU8QFAGfMzVaLMHA2pgrQJYW8Vo+MQFcTLSpik2jbMIh67UVpX3nLHGPWj9CuOp51iban/n08D5UNtAoGAGK+h/09Saun5NC5byOTlxgrp4aR7dxp0H3W8l9lChYJqWaoQmFwrEaoN3HC7j78hQCMrMuLf/XWAtjHqkfpqFhsjbcPLn6ty2JRlM1zf1cR0T65w2R5HomPHeGsg9yEsuyZJHF+vRrF7PO8ZIcqgwGrLiKyN1I8D9QhQT/LeIAUCgYEA0PfKEsfqurSh5gWOq7/xCTYFFyJVtMYPJ9NQiVQSjqkdJWX0fpdplNMRPj5mTlfBPBLKEuAHnjy3NOk6Vds7NeOlnQFgfO3iHdSeTqVCOf+AvpH+LUvGx00zXAoiY6RFUiYlwtEew0PQMgtNoPb6DnZoPGhOi0CpY4iHWstfKbk=',
  p256: 'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQggWtI+Gm5WOVFeg8c2kz15lLMAhOm5b3+zICKG4z9ldOhRANCAAQXf1s6SAOFb021oeH25OmR18rxd0gTtPZnN4nnz6mhZYcOd8WEs1zCRPB6H4xXTZ9yDRRtBVZ85v/3vCC0cM0z',
  p384: 'MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDBK4dHDR3Bx5aDRrntziq8+LbEyqgPGvtTVp42qqPXKdN+ppuFFKdegYCHH1nNXpZChZANiAATkkLjQaSWopQ0GLttmcPyZ6S28PXJcvYr9tvX7x6y++Ir1t9BkdLwQqrr60p136cfErlYxD+oXrsaYv7SDp9Jr3ZB/T5wjo0ymyoI4/gYJ7wE2CVAUlmFVeg76qlvQ53I=',
  p521: 'MIHuAgEAMBAGByqGSM49AgEGBSuBBAAjBIHWMIHTAgEBBEIA5ngSy/EhPkZwNImiMPJnG7IfMCJkJqLhK0WTD9AgNOsTeiBOZ/og19VCQUOlbBXefTptW+niRZm+Iuich4qBDPShgYkDgYYABAEDGcVG7lDwvjALIVZyltMPyeGgatGs7SPnzAuexFU3uEF9CVguSabg7xzIRJjujGUuFYCxdBiD4OVobAWSpO48vAA7Geq6ELuiNo5kYeZjC7C3KimkH/AJUm/LIagltPdgERvoAC5+gCVIKjJrU/4+deZpQ1MgRRTAqPotRLcI+doPXA==',
  ed25519: 'MC4CAQAwBQYDK2VwBCIEICIIyOwDHE5R4VLvfX5HVEW+LAMhbIf0+9BPkPz43hqb',
  ed448: 'MEcCAQAwBQYDK2VxBDsEOai6/egyDaxfRn+7Nf83ltgXP+c+0Zsb50Jrd36Yq9eqdhzUorg0elwTGqzssg6+/gG20GicRjaVLA==',
  x25519: 'MC4CAQAwBQYDK2VuBCIEIHimFXAK8jgNXxXa8ZVfk6+4ZDBSp0FkoaKeBk5lGYZ4',
  x448: 'MEYCAQAwBQYDK2VvBDoEOLz7TlMAruR6VrmEhR/EijX62inTKrprKeasidmGFuAzek4FtNA6FqLUWNXpu+1jYSm4rbChqfOo',
};

/** The first half of SHA-256 of each way to write them, in the order of `forms`. */
const WRITTEN = {
  rsa: 'f443b5acec7f6e76 5250ddfb87e436c4 745f6132e5e29ad2 7bf529e8c3b67e6a 9bcf961273d7f62a 68dc3c78446b7c0c 0e3d32371b0e4cf7 ddb51a8bbf493bb1 94128f300f55ca1e 4f738e229462326c',
  p256: '3d13e27f518291dd a033cf8a3af38549 6d073b84a48ed31a b5b799cbb38236a2 abc75c6ef836312e dc9ad90b841a8899 09f0ef257c4e9459 51f69e2e287ae3bb',
  p384: '36145de4390ea42c 923a65f5522e88ff e3ec4a6f82879a7f 08c062618cf0a93d 5a210a46d970284b 73bf9040032c53bf ce6920e487ed11b5 a107f8133ebdbfd2',
  p521: '71e4e33831a27e90 0facdbfad52fd266 ce380c7c7aeb3849 82ff0d269c8fd21d cf8b4e806eac29bd 08f2f883b0dcddc2 feefd3819243a00c 7fc2964293b2b6a1',
  ed25519: 'ead92dc4aa5cda75 89a5ea8ea73f3dc2 cfa89ce1e1d4eaaa d1a7de4e4a528d44 3283f091a11807bc ec76a2a2eccf6a81',
  ed448: '7591e99aa3ad8f23 0b353f65db7842d2 7a7fadf8235b84b8 806db8e2d0b748b8 0b2bd016272f79ee 4935a86d70fcb568',
  x25519: '67c5686b8f684c3e 5aa83bf2ef4a7278 d42ad3207e9a6105 42de6fe29a945767 1e788b4ba2726ce9 cbd5810097a02853',
  x448: '5da018896c2f3c8a 71ade3722523ee13 bb6beeeb2be308d5 7f1a6baa6df438bf f827ed5eefa8031d 5130207258995616',
};

/** Of the key `p256`, signed by itself. */
const CERTIFICATE = 'MIIBbzCCARWgAwIBAgIUH5H2FsIN+f3DJ7udJTfl6T7IQGcwCgYIKoZIzj0EAwIwDDEKMAgGA1UEAwwBdDAgFw0yNjExMzAyMTM1NDRaGA8yMTI2MTEwNjIxMzU0NFowDDEKMAgGA1UEAwwBdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABBd/WzpIA4VvTbWh4fbk6ZHXyvF3SBO09mc3iefPqaFlhw53xYSzXMJE8HofjFdNn3INFG0FVnzm//e8ILRwzTOjUzBRMB0GA1UdDgQWBBRG29mebKVdmzsgdGwSZ/7TG2NbPDAfBgNVHSMEGDAWgBRG29mebKVdmzsgdGwSZ/7TG2NbPDAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQDWGsuOHgAkZzuZ0IpG+g26pJkFHcM6VsbvHXjVSgr4oAIgZX4N/Tveeezm6y6Dnhy1JjKuNK5z9GadIOvCbYN/4aU=';

const TYPES = { rsa: 'rsa', p256: 'ec', p384: 'ec', p521: 'ec' };
const NAMES = Object.keys(KEYS);

const pem = (label, text) => `-----BEGIN ${label}-----\n${text.match(/.{1,64}/g).join('\n')}\n-----END ${label}-----\n`;
const privateKey = (name) => createPrivateKey(pem('PRIVATE KEY', KEYS[name]));
const isAsKey = (value) => typeof value === 'string' || ArrayBuffer.isView(value);

/** Each way to write the two keys: `[options, text, bytes or JSON Web Key]`. */
function forms(key) {
  const own = { rsa: ['pkcs1'], ec: ['sec1'] }[key.asymmetricKeyType] ?? [];
  const shared = key.asymmetricKeyType === 'rsa' ? ['pkcs1'] : [];
  return [[key, ['pkcs8', ...own]], [createPublicKey(key), ['spki', ...shared]]].flatMap(([one, names]) => [
    ...names.flatMap((type) => ['pem', 'der'].map((format) => ({ type, format }))), { format: 'jwk' },
  ].map((options) => [one.type, options, one.export(options)]));
}

const digest = (value) => createHash('sha256').update(isAsKey(value) ? value : JSON.stringify(value)).digest('hex').slice(0, 16);

function codeOf(attempt) {
  try {
    attempt();
  } catch (error) {
    return `${error.name} ${error.code}`;
  }
  return 'nothing';
}

test('keys are written byte for byte as Node.js does', () => {
  for (const name of NAMES) assert.equal(forms(privateKey(name)).map(([, , written]) => digest(written)).join(' '), WRITTEN[name]);
});

test('what was written is read', () => {
  for (const name of NAMES) {
    const key = privateKey(name);
    const open = createPublicKey(key);
    assert.equal(key.export({ type: 'pkcs8', format: 'der' }).toString('base64'), KEYS[name]);
    for (const [type, options, written] of forms(key)) {
      const input = { key: written, ...options };
      if (type === 'private') assert.ok(createPrivateKey(input).equals(key), `${name} ${JSON.stringify(options)}`);
      assert.ok(createPublicKey(input).equals(open), `${name} ${JSON.stringify(options)}`);
      if (options.format === 'pem') assert.ok(createPublicKey(Buffer.from(written)).equals(open) && createPublicKey(written.replaceAll('\n', '\r\n')).equals(open));
    }
  }
});

test('keys say what they are', () => {
  for (const name of NAMES) {
    const key = privateKey(name);
    assert.equal(`${key.type} ${createPublicKey(key).type} ${key.asymmetricKeyType}`, `private public ${TYPES[name] ?? name}`);
    assert.ok(key instanceof KeyObject && String(key) === '[object KeyObject]' && types.isKeyObject(key));
    assert.equal(key.symmetricKeySize, undefined);
    assert.ok(key.equals(privateKey(name)) && !key.equals(createPublicKey(key)));
  }
  const { modulusLength, publicExponent } = privateKey('rsa').asymmetricKeyDetails;
  assert.ok(modulusLength === 2048 && publicExponent === 65_537n);
  assert.deepEqual(['p256', 'p384', 'p521', 'x448'].map((name) => privateKey(name).asymmetricKeyDetails), [{ namedCurve: 'prime256v1' }, { namedCurve: 'secp384r1' }, { namedCurve: 'secp521r1' }, {}]);
  assert.ok(!privateKey('p256').equals(privateKey('p384')));
  assert.equal(crypto.getCurves().join(), 'prime256v1,secp384r1,secp521r1');
});

test('a public key of a certificate', () => {
  const text = pem('CERTIFICATE', CERTIFICATE);
  assert.ok(createPublicKey(`Subject: t\n${text}`).equals(createPublicKey(privateKey('p256'))));
  assert.equal(codeOf(() => createPrivateKey(text)), 'Error ERR_OSSL_UNSUPPORTED');
});

test('parameters of a curve before its key are passed over (openssl ecparam -genkey)', () => {
  const key = privateKey('p256');
  const parameters = pem('EC PARAMETERS', 'BggqhkjOPQMBBw==');
  assert.ok(createPrivateKey(parameters + key.export({ type: 'sec1', format: 'pem' })).equals(key));
});

test('secret keys', () => {
  const key = createSecretKey('6162', 'hex');
  assert.equal(`${key.type} ${key.symmetricKeySize} ${key.export()} ${JSON.stringify(key.export({ format: 'jwk' }))}`, 'secret 2 ab {"kty":"oct","k":"YWI"}');
  assert.equal(key.asymmetricKeyType, undefined);
  const bytes = new Uint8Array([97, 98]);
  const copied = createSecretKey(bytes);
  bytes[0] = 0;
  copied.export()[0] = 0;
  assert.ok(copied.equals(key) && copied.equals(createSecretKey(new Uint8Array([97, 98]).buffer)));
  assert.ok(!key.equals(createSecretKey('abc')) && !key.equals(createSecretKey('ac')) && !key.equals(createPublicKey(privateKey('x25519'))));
  for (const use of [
    (secret) => crypto.createHmac('sha256', secret).update('x').digest('hex'),
    (secret) => Buffer.from(crypto.hkdfSync('sha256', secret, 'salt', 'info', 20)).toString('hex'),
    (secret) => crypto.createCipheriv('aes-128-ecb', secret, null).final('hex'),
  ]) {
    assert.equal(use(createSecretKey('0123456789abcdef')), use('0123456789abcdef'));
    assert.equal(codeOf(() => use(createPublicKey(privateKey('x25519')))), 'TypeError ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE');
  }
});

/** The other side's public key, and the secret. */
const AGREED = {
  p384: ['MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEHsUWv0t5iXKq6qi+Z6zUJCtcADoJ7WM1UVYgQed6v+/T1bDvj6JSo/z7lc7f04w1GkCejQWORDrzPgMPrOEbPjGFTX4VOlK6LwpLceYNIweioFlGLP3JEyHHt05ZEw3T', 'f361d78e90698f1c59338b471360c8d1c8b6bea42535e588dda041aa661975567226a3b159d54aefe70e8ff199d1ead8'],
  x25519: ['MCowBQYDK2VuAyEAzYgbQJowHvxXkPzfBoaN4MlyexuFFkS+veLJ1n1yyCE=', 'c2d3c8ea11adbaba1de44b4f8eba52ddc3dbc09118b97b72b7ae0dddd9e78e2e'],
  x448: ['MEIwBQYDK2VvAzkA+FJboTruGRo9DbNvBBi0w8tjKnH+3+XheQ6mANBhcGsRzMGxlqHlKZddF0mhpxNjlD6hwLgiV1g=', '0244a4bc349c2e4f609f0e8371f3996503fa89f6128f0e2b2addbd4ca389a7a1ac93eac67505c0da90bbff8fd1fcba53739c6470082d6635'],
};

test('key agreement', () => {
  for (const [name, [other, secret]] of Object.entries(AGREED)) {
    const publicKey = createPublicKey({ key: Buffer.from(other, 'base64'), format: 'der', type: 'spki' });
    assert.equal(diffieHellman({ privateKey: privateKey(name), publicKey }).toString('hex'), secret);
  }
  const between = (own, other) => () => diffieHellman({ privateKey: privateKey(own), publicKey: createPublicKey(privateKey(other)) });
  assert.equal(codeOf(between('p256', 'p384')), 'Error ERR_OSSL_MISMATCHING_DOMAIN_PARAMETERS');
  assert.throws(between('x25519', 'x448'), 'Error', 'Incompatible key types for Diffie-Hellman: x25519 and x448');
  assert.equal(codeOf(between('rsa', 'rsa')), 'Error ERR_CRYPTO_INCOMPATIBLE_KEY');
  const zero = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'X25519', x: Buffer.alloc(32).toString('base64url') } });
  assert.equal(codeOf(() => diffieHellman({ privateKey: privateKey('x25519'), publicKey: zero })), 'Error ERR_OSSL_FAILED_DURING_DERIVATION');
  assert.equal(codeOf(() => diffieHellman({ privateKey: 'x', publicKey: zero })), 'TypeError ERR_INVALID_ARG_VALUE');
});

test('keys are generated', async () => {
  for (const [type, options] of [['rsa', { modulusLength: 1024 }], ['rsa', { modulusLength: 1024, publicExponent: 3 }], ['ec', { namedCurve: 'P-256' }], ['ec', { namedCurve: 'secp384r1' }], ['ed25519'], ['ed448'], ['x25519'], ['x448']]) {
    const { publicKey, privateKey: own } = generateKeyPairSync(type, options);
    assert.equal(`${publicKey.type} ${own.type} ${own.asymmetricKeyType}`, `public private ${type}`);
    assert.ok(createPublicKey(own).equals(publicKey) && !generateKeyPairSync(type, options).publicKey.equals(publicKey));
    if (type === 'rsa') assert.ok(own.asymmetricKeyDetails.modulusLength === 1024 && own.asymmetricKeyDetails.publicExponent === BigInt(options.publicExponent ?? 65_537));
  }
  const written = generateKeyPairSync('ec', { namedCurve: 'P-256', publicKeyEncoding: { format: 'jwk' }, privateKeyEncoding: { format: 'pem', type: 'sec1' } });
  assert.ok(createPublicKey(written.privateKey).equals(createPublicKey({ key: written.publicKey, format: 'jwk' })));
  const [publicKey, own] = await new Promise((resolve) => { crypto.generateKeyPair('ed25519', undefined, (error, ...keys) => { resolve(keys); }); });
  assert.ok(createPublicKey(own).equals(publicKey));
  const promised = await promisify(crypto.generateKeyPair)('x25519', { publicKeyEncoding: { format: 'der', type: 'spki' } });
  assert.equal(`${promised.publicKey.length} ${promised.privateKey.type}`, '44 private');
  assert.equal(crypto.generateKeySync('hmac', { length: 12 }).symmetricKeySize, 1);
  assert.equal((await promisify(crypto.generateKey)('aes', { length: 256 })).symmetricKeySize, 32);
});

test('at start-up keys are read but not generated', () => {
  mock.startup = true;
  try {
    assert.equal(privateKey('p256').type, 'private');
    assert.throws(() => generateKeyPairSync('ec', { namedCurve: 'P-256' }), 'Error', /^Disallowed operation called within global scope/);
    assert.throws(() => generateKeyPairSync('x25519'), 'Error', /^Disallowed operation called within global scope/);
  } finally {
    mock.startup = false;
  }
});

const ENCRYPTED = [
  '-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjpNKqSnAjU1gICCAAw\nDAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEECbmRY0QMFNCBfyrwvashNQEQAVH\nzQETeJipbu0Uhvr/ZOPh3QV7c9IdGxFbVFsbfVTHW06P2lfF1IavxWrOtk3wftJv\n6CfLlrQxCbvf2cPGXUc=\n-----END ENCRYPTED PRIVATE KEY-----',
  '-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,C4CE34B3635F7CB023243B4FDF9BBE8F\n\nrg2ISHgncvtwUzdXIojUGBcltxcLpbA0Ew2cQI7K7ksDQqhRTDEr18Ss7PvZ7m7e\ntJTACGbA0/inSlURmLQ5IlVTk1lDSlFMMQ5cPnrnNAOA5P5AXaF0l+PjtDzD7dLV\nGWQBuwdIVj4nFaGtJEiAAYCxCnbdACFEmdWkbgIUd8M=\n-----END EC PRIVATE KEY-----',
];

test('encrypted private keys are refused', () => {
  for (const text of ENCRYPTED) {
    for (const key of [text, { key: text, passphrase: 'secret' }]) assert.throws(() => createPrivateKey(key), 'TypeError', 'Private keys that are encrypted with a passphrase are not supported');
  }
  assert.throws(() => privateKey('rsa').export({ type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' }), 'TypeError', 'Encrypting private keys with a passphrase is not supported');
  assert.equal(createPrivateKey({ key: pem('PRIVATE KEY', KEYS.x448), passphrase: 'needless' }).type, 'private');
});

test('mistakes are told as in Node.js', () => {
  const rsa = privateKey('rsa');
  const ec = privateKey('p256');
  const secret = createSecretKey('a');
  const jwk = (members) => () => createPublicKey({ format: 'jwk', key: members });
  for (const [attempt, expected] of [
    [() => createPrivateKey('garbage'), 'Error ERR_OSSL_UNSUPPORTED'],
    [() => createPublicKey(''), 'Error ERR_OSSL_UNSUPPORTED'],
    [() => createPrivateKey(pem('PRIVATE KEY', 'AAAA')), 'Error ERR_OSSL_UNSUPPORTED'],
    [() => createPrivateKey(pem('PRIVATE KEY', KEYS.rsa.slice(0, 800))), 'Error ERR_OSSL_UNSUPPORTED'],
    [() => createPrivateKey(createPublicKey(rsa).export({ type: 'spki', format: 'pem' })), 'Error ERR_OSSL_UNSUPPORTED'],
    [() => createPrivateKey({ key: Buffer.from('abc'), format: 'der', type: 'pkcs1' }), 'Error ERR_OSSL_UNSUPPORTED'],
    [() => createPrivateKey({ key: Buffer.from('abc'), format: 'der' }), 'TypeError ERR_INVALID_ARG_VALUE'],
    [() => createPrivateKey({ key: Buffer.from('abc'), format: 'der', type: 'spki' }), 'TypeError ERR_INVALID_ARG_VALUE'],
    [() => createPrivateKey({ key: 'abc', format: 'x' }), 'TypeError ERR_INVALID_ARG_VALUE'],
    [() => createPrivateKey({ key: 'abc', passphrase: 5 }), 'TypeError ERR_INVALID_ARG_VALUE'],
    [() => createPrivateKey(rsa), 'TypeError ERR_INVALID_ARG_TYPE'],
    [() => createPublicKey(5), 'TypeError ERR_INVALID_ARG_TYPE'],
    [() => createPublicKey({}), 'TypeError ERR_INVALID_ARG_TYPE'],
    [() => createPublicKey(createPublicKey(rsa)), 'TypeError ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE'],
    [() => createPublicKey(secret), 'TypeError ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE'],
    [() => createSecretKey(5), 'TypeError ERR_INVALID_ARG_TYPE'],
    [() => secret.export({ format: 'pem' }), 'TypeError ERR_INVALID_ARG_VALUE'],
    [() => rsa.export(), 'TypeError ERR_INVALID_ARG_TYPE'],
    [() => rsa.export({ format: 'pem' }), 'TypeError ERR_INVALID_ARG_VALUE'],
    [() => rsa.export({ format: 'pem', type: 'spki' }), 'TypeError ERR_INVALID_ARG_VALUE'],
    [() => rsa.export({ format: 'pem', type: 'sec1' }), 'Error ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS'],
    [() => ec.export({ format: 'der', type: 'pkcs1' }), 'Error ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS'],
    [() => ec.export({ format: 'jwk', passphrase: 'x' }), 'Error ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS'],
    [() => ec.export({ format: 'pem', type: 'sec1', passphrase: 'x' }), 'TypeError ERR_INVALID_ARG_VALUE'],
    [() => new KeyObject(), 'TypeError ERR_INVALID_ARG_VALUE'],
    [() => new KeyObject('secret', {}), 'TypeError ERR_INVALID_ARG_TYPE'],
    [() => KeyObject.from(secret), 'TypeError ERR_INVALID_ARG_TYPE'],
    [() => rsa.equals(5), 'TypeError ERR_INVALID_ARG_TYPE'],
    [jwk('x'), 'TypeError ERR_INVALID_ARG_TYPE'],
    [jwk({ kty: 'oct' }), 'TypeError ERR_INVALID_ARG_VALUE'],
    [jwk({ kty: 'RSA', n: 'AQAB' }), 'TypeError ERR_INVALID_ARG_TYPE'],
    [jwk({ kty: 'EC', crv: 'P-224' }), 'TypeError ERR_INVALID_ARG_VALUE'],
    [jwk({ kty: 'EC', crv: 'secp256k1' }), 'TypeError ERR_FEATURE_UNAVAILABLE_ON_PLATFORM'],
    [jwk({ kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA' }), 'TypeError ERR_CRYPTO_INVALID_JWK'],
    [jwk({ kty: 'OKP', crv: 'Ed25519', x: 'AAAA' }), 'TypeError ERR_CRYPTO_INVALID_JWK'],
    [() => createPrivateKey({ format: 'jwk', key: createPublicKey(ec).export({ format: 'jwk' }) }), 'TypeError ERR_INVALID_ARG_TYPE'],
    [() => generateKeyPairSync('dsa', { modulusLength: 1024 }), 'TypeError ERR_INVALID_ARG_VALUE'],
    [() => generateKeyPairSync('rsa'), 'TypeError ERR_INVALID_ARG_TYPE'],
    [() => generateKeyPairSync('rsa', { modulusLength: -1 }), 'RangeError ERR_OUT_OF_RANGE'],
    [() => generateKeyPairSync('rsa', { modulusLength: 1024, publicExponent: 4 }), 'Error undefined'],
    [() => generateKeyPairSync('rsa', { modulusLength: 512 }), 'TypeError ERR_FEATURE_UNAVAILABLE_ON_PLATFORM'],
    [() => generateKeyPairSync('ec', { namedCurve: 'secp256k1' }), 'TypeError ERR_CRYPTO_INVALID_CURVE'],
    [() => generateKeyPairSync('ed25519', { publicKeyEncoding: { format: 'pem', type: 'pkcs1' } }), 'Error ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS'],
    [() => crypto.generateKeyPair('ed25519', {}), 'TypeError ERR_INVALID_ARG_TYPE'],
    [() => crypto.generateKeySync('aes', { length: 100 }), 'TypeError ERR_INVALID_ARG_VALUE'],
    [() => crypto.generateKeySync('hmac', { length: 7 }), 'RangeError ERR_OUT_OF_RANGE'],
  ]) assert.equal(`${codeOf(attempt)} ${attempt}`, `${expected} ${attempt}`);
  assert.throws(() => createPrivateKey('garbage'), 'Error', 'error:1E08010C:DECODER routines::unsupported');
  assert.throws(() => createPrivateKey(5), 'TypeError', 'The "key" argument must be of type string or an instance of ArrayBuffer, Buffer, TypedArray, or DataView. Received type number (5)');
  assert.throws(jwk({ kty: 'x' }), 'TypeError', "The property 'key.kty' must be one of: 'RSA', 'EC', 'OKP'. Received 'x'");
});

test('a CryptoKey is no KeyObject', async () => {
  const key = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, true, ['sign']);
  for (const attempt of [() => KeyObject.from(key), () => createPublicKey(key), () => crypto.createHmac('sha256', key)]) {
    assert.equal(codeOf(attempt), 'TypeError ERR_FEATURE_UNAVAILABLE_ON_PLATFORM');
  }
});
