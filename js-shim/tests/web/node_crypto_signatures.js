// node:crypto: signatures and encryption with RSA. The signatures are made with Node.js 20, where nothing else is said.

import { Buffer } from 'node:buffer';
import crypto, { constants, createPrivateKey, createPublicKey, createSecretKey, createSign, createVerify, privateDecrypt, publicEncrypt, sign, verify } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** PKCS #8. */
const KEYS = {
  rsa: 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC/IYIZSZOJxuUefBBsMV+7thMabp9YribGYxZWV47dnllal3AnCUcIWKxkVCx11RvPpIkZk3iN+sZSCA6bHaSqliCncCDugAWJlqaE3I6lNNsumw6oIIfqG48GD2vLAt5fK/WyK5xAhMYRbxFMh8FT0Oa0zkEBPCqBxAhDb2QfCoR2cS8aJzYOgBy9iqPeFy2lz6G+dHG0B9F554/BVFreaRil5qlX4f4SmfPw2s1kyjnQWO1kCnGukb3oao0c9b9REtwt3RDfGk68l0zgmrsLO4/pH20oqr5HrqivduoYitj1MxrI7v8s8kd0ZhMt3Vt6qiHDSBrJ3pa3l8Lb3CNBAgMBAAECggEAKvhPlXvTLbCHpljiIFDhYwRGOzUPohJVKVjxlqvMtMp68EEHt98AF0JIT64U6NDmlcI6CIP9IH52w86H6hu5/5gM81fkL3qcxBgYi9pCP6YoeMvneakGpX1YpFYnN9cHQ4JQlKP1VxQCq7y6uOf0cPGQTKnqN2rda5s0+GQ8sDV7oQg06V0fWIHKps66xWY3JbZtp3vOxdN/7Zu+IdUk0qp0qLWU+s2DR6VEV8YPIqA791eHtlPmpSy/VXPmj1A9+dfslwBaDLXeIqhUt0IZM0xczAlOGXRfPcsh75LP4nL7VgILZPfwcQPjB2iNkLDIXy6ySxPlPfN/JLmEqOXioQKBgQDifmcoH41jpcEApR1hpJ47ihgW2bUaQ6AQlpogC4akjXzW2yUqvTx7xoo+WDBu/rYJsvHlUmBcIrER8Vu6iYx52iyMLS2X/+5mc2bZO5nMMsyhbNYfV6aHJGhISi6/B6oL0BXWka+xlMRol6befhJK+OvamBwAQ3fVws6GBMWkDQKBgQDYB7+y7VxWbd6kaFOn1HkcKA94TdbltcugwpL5iMfc5DQ8LVYN55LP8TdtpYz0b3jhww/3LuU+6hgfieNZw+hc4ljW60xQOyewHxl1WrrM59XA/cvSKhJG4GAhc7Cig1P/92UI4XZSaHZbfIhapXdwRvaU1nv8v07uZ58zjgjrBQKBgC8kkkImtx47nP2OYJw3UHwiFTuEWw65brKlNjVfUMolbQunl4fa1aEJxTKO1p3zxF4mcfUCfW4QBn0umKIuCSA/yi/vI2NU8QFAGfMzVaLMHA2pgrQJYW8Vo+MQFcTLSpik2jbMIh67UVpX3nLHGPWj9CuOp51iban/n08D5UNtAoGAGK+h/09Saun5NC5byOTlxgrp4aR7dxp0H3W8l9lChYJqWaoQmFwrEaoN3HC7j78hQCMrMuLf/XWAtjHqkfpqFhsjbcPLn6ty2JRlM1zf1cR0T65w2R5HomPHeGsg9yEsuyZJHF+vRrF7PO8ZIcqgwGrLiKyN1I8D9QhQT/LeIAUCgYEA0PfKEsfqurSh5gWOq7/xCTYFFyJVtMYPJ9NQiVQSjqkdJWX0fpdplNMRPj5mTlfBPBLKEuAHnjy3NOk6Vds7NeOlnQFgfO3iHdSeTqVCOf+AvpH+LUvGx00zXAoiY6RFUiYlwtEew0PQMgtNoPb6DnZoPGhOi0CpY4iHWstfKbk=',
  p256: 'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQggWtI+Gm5WOVFeg8c2kz15lLMAhOm5b3+zICKG4z9ldOhRANCAAQXf1s6SAOFb021oeH25OmR18rxd0gTtPZnN4nnz6mhZYcOd8WEs1zCRPB6H4xXTZ9yDRRtBVZ85v/3vCC0cM0z',
  p384: 'MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDBK4dHDR3Bx5aDRrntziq8+LbEyqgPGvtTVp42qqPXKdN+ppuFFKdegYCHH1nNXpZChZANiAATkkLjQaSWopQ0GLttmcPyZ6S28PXJcvYr9tvX7x6y++Ir1t9BkdLwQqrr60p136cfErlYxD+oXrsaYv7SDp9Jr3ZB/T5wjo0ymyoI4/gYJ7wE2CVAUlmFVeg76qlvQ53I=',
  p521: 'MIHuAgEAMBAGByqGSM49AgEGBSuBBAAjBIHWMIHTAgEBBEIA5ngSy/EhPkZwNImiMPJnG7IfMCJkJqLhK0WTD9AgNOsTeiBOZ/og19VCQUOlbBXefTptW+niRZm+Iuich4qBDPShgYkDgYYABAEDGcVG7lDwvjALIVZyltMPyeGgatGs7SPnzAuexFU3uEF9CVguSabg7xzIRJjujGUuFYCxdBiD4OVobAWSpO48vAA7Geq6ELuiNo5kYeZjC7C3KimkH/AJUm/LIagltPdgERvoAC5+gCVIKjJrU/4+deZpQ1MgRRTAqPotRLcI+doPXA==',
  ed25519: 'MC4CAQAwBQYDK2VwBCIEICIIyOwDHE5R4VLvfX5HVEW+LAMhbIf0+9BPkPz43hqb',
  ed448: 'MEcCAQAwBQYDK2VxBDsEOai6/egyDaxfRn+7Nf83ltgXP+c+0Zsb50Jrd36Yq9eqdhzUorg0elwTGqzssg6+/gG20GicRjaVLA==',
  x25519: 'MC4CAQAwBQYDK2VuBCIEIHimFXAK8jgNXxXa8ZVfk6+4ZDBSp0FkoaKeBk5lGYZ4',
};

const DATA = Buffer.from('The quick brown fox');

/** Signatures that are always the same. */
const FIXED = [
  ['rsa', 'sha1', 'oA7awvyhffxaRPqG8JnxnYl7B9j6vs63dxKh0C0sW/Co90uhYL0pt66us8kekTZy0xETzq//5F30DPHlwoIMds6gPvFY1HVNKGWqcq0OiU6/6f/FIXPFVrYLCc3eC2dX4WbP1fJE60kt5aoAQJCf7/6I6D4OZOZQ9R3GQ+qMdwQtOCdFBTDglW7/URSbzXCdPhnOjLs9JtGrt+XNf51UflG3eyKdmIFnJSy9idmL0PotaEfk91wCpRe7GnlM7X5rgp+huvDUZ96aPTwZIYmk47bv1Uyiyr8fA6vUKiZkwImwP0bNsaIFK07sJb4WdD8WrJzOngmXfmnPj4PR2NlUbA=='],
  ['rsa', 'sha256', 'lmU82ehpk6gS+bq6SDC/Z6x7jhfuPhCfxY/2cxAo0ZO29VfNp3xVdqiCkn+H91XjLiej/41hNw+eJ5fMSOhm0YkL28Wgy8VESE2LPRqP9FOI7TBHM99riqo5xYOsQV4CtGBgTqnWtItA4+fs88d902vKZQEw0bIkcDCIv236Fj7RuHJPVNoEYg+gilBMX92CC6NPf21ujprEuuBnxpD4hlmxVPP8pVMquFbh+7GfZNk/HmxUc8hI767XytkUxzC5edBrpsgm9icmoVm0BFcyPdtURL+da6hjrNt4cx3V7kpjRyuF+2IPU02WDxRFr8FVD+P4e32seGJLh8ypD2xorw=='],
  ['rsa', 'sha384', 'NzAmZxbbcfCm/+ogeqeN2lI1Yvp9D4zdhJwWfmLVq5il6Cw4JBHMrL/Ftqv1g1crN5jET1dEioLWX7Z6KiRe9+5URv2GagZyvX+EeezC87uHfh0YTRhmFafHRTwV5DFPjN2FMIwcrjUJ1Oly6Y3gG48NgntGnM5iWAmUlO0UEkZinRqoML3/zNZh5cmqN1NXId7TtxgS8Fdb+Mlh0T4HBWP+4X3xWCwwnWGfsvMqJlh+P/YD9iQb+ygn8zUNwqHvmLNVxubsUZ7bVEj165LGqSM9kXuC6mx7CezNxb/79Xo4zfoIO5riYBsnb05R/sztvQeNiaZVbbORlZFUrHssMw=='],
  ['rsa', 'sha512', 'FKBdorGTACaWUhK2zWIddJgxAbT9dYkuJxu1Ysr7OXGXobKfJl+uI252Xt6ozuS6NDfQ8dI/7e/cgtmWve/5ZLMHzXkxYo2Ivz3Pw23nHxUBOYBY9i6cxHgDu2POHqEKvhz+CGFeRVWsrkVJy9GVgmw3Fyb5646uj2NnIDjLfdt22g0ihIVTSBEqHUWHqbfn4E+VYkio/R0qYOp5aoB+MSacvbW0q+44arx1Lup5s4IDpte7pYzfbG2Tff5eQvdBZBKG2DwCvroE56gXVF4ORNWr0p7znb1X2uE5DHEdWxBXEjkvMaoV0IxXZRhMlQSjC/C1wbpHtrn8LJe42mSagg=='],
  ['ed25519', null, 'J0QiyiX/d08tp0dPaZJB7j2KNeFcNlNUcYzKKQmJCWPiSebXgS9sesMGuk0Dh1Jpwgks7sEbTPRren2P8AaWDA=='],
  ['ed448', null, 'Yf42qQok3uXLSfGn4H6uNy6+hqQKV9BOaSkbq2fHkrtlyFPuaf9RAq0ZiZp9NJqXgwZLYnVe2liAmAsnB93rNUAoP+jBuct7/vwvzocAjy8GNR3xvl1OUi4P0ZuMZxqkS3lwdwi0djokKnpLX0N2UhEA'],
];

/** Those that are never the same. */
const RANDOM = [
  ['rsa', 'sha256', { padding: 6, saltLength: -1 }, 'orrJG/2M9JrLtl6L6eB6Cdo95yaX2tM3HIDc/lBCoi928L3SqvoEJH92EOK/el92IPbqNhUJLVSjEI/V3l/CFWia58UivBe4Jbmd97MtDJaPUUUT2v9dD+XNz23IyXNzx3pt2AJoRdLFMhBz/AFAomIGPRcZ4+x8XcivyeF7JfKkcanqiO39/j0m0h/kXiwUfMPDs0m4Kvq4E+QBVi33dw7FuEnMjzLo+O53Kzyt9sNa/ndEqO6rMcMHdLDcq0Y45hoPEcCp0Y9NPraX+gynYf3d2tNPgSo6BtzJcIkn+agxcJyHiR61oHynaDsWyl0X3Ia3i2bnD8OfiryKQNPJJQ=='],
  ['rsa', 'sha384', { padding: 6, saltLength: -2 }, 'c1KE7GJyj0XfOybfkh0KIIIn364eUGluc4BrrMocPXose4Fh6ebFyZsIDtHAL5TwKqK1+wKfam5c8Ye2ZXzBrvenKbc5LBpxga4oulR7SQcu6fb+3kXbSMb4w0fbwZBU5+On2EW0pQD6uDB+1y+hxmxIhCkAlO1UwQxVz7Z+ewbhspawyxUb/mH9dPm4VEn9XHC3U6NcuM71VnoE3pgYhc4iRrk4UINsGy7g8ru8EiFDihODntz9IeTASPlJ05ku6eZVWGfSha/h8UwiFQW0L0m8wGeQgKhwMc8S5oNZWhcx1LyvdfmIJmSBF8d84HbgoWkwMNDt159Lj5k8KJIMBg=='],
  ['rsa', 'sha512', { padding: 6, saltLength: 0 }, 'SCy3UnmZunDIemd2ohgsCzNX12dCAutn9se+LyGYcbQo0Ojfb0DFtrevOhPmUCewQR92RV0FEgBwjW25K+sI74m9M9dE+pXUccfcW6njJdKqOrPWwLitrH4lE4SNqKxunkYxRygy3Tx8LnNd3mL/Sqp1Rx7RZAygp+2auDg9UIRVuPLFt/CKpVsyiHfQ1bKgW3pFKdnbH5vjRAwX/vzKvgKvyCJagM3jjxVoYy5gDMkXNLuYiUvH7lmGgrtmRrdRHP8r86RyUDqSzNbjOjpvulwcUDOUvM7ktPh+YT8TvKYcCqrZ6M8kaqCtjOYlvjjnR6D0siJPnFS9/MAx5nnf8w=='],
  ['rsa', 'sha256', { padding: 6, saltLength: 20 }, 'uRU6BMXGsh9CO/ksSafsA9IPgzJlp8VuJIPoCpwgfRqP/OYLcC22vFmRXs9hYFRh9jFWLdHv1kJsVSZivKu9n2jxK49E5dfDqHdj4H2m80a+B/FoA9IWwd1vvubWlABUqcn1IN8cORJ4MPGo3mdZv5jgBt/AIZl7KLB1zM36iF8mwdzC/FLd3rRlshqj7l7DeAnfIYs4HrARipfmrg3Sbr2RkTKyYAFdnYMMTdlw8TylhrYvAqci6jNEEip3YKEEASGEI7fgO7L5+FwYh8mTGpIhecTGYj52/7a3Ove7LSOiSLLrwru99Qu2BXq5nQj3OLwKx2QKFUAiLrGgztu5/A=='],
  ['p256', 'sha256', {}, 'MEUCIQClmVTooztE64726WKBRlWgmZqPWQIl9J3I/O/YMJs+EwIgSJEY57a5YvzWLieGMF986bJQpm69+nfqK2spxrIVYHs='],
  ['p384', 'sha384', {}, 'MGYCMQCGVdWGu7ed30AtncpDpUDcHyVojIWqEYjhaFWcW2aCJgD2vfMPUBik2KkFJKTjUYwCMQD16ljvN4Vl8MEEcylnhVyrzxbCDLjO+XaiiZjtj4b5CLTC0/xLua4xTrK8Hi6tfak='],
  ['p521', 'sha512', {}, 'MIGIAkIByF25eh5qYOQVHl9rG278+JfdoZfNvWA0ewgqLeG1DUQrGJWSnNmsGmdEGeunJTPPfYcsss7mATIAEOXwh7sf/nYCQgD+47N77pLQUJ5pJ+1/azslYMMs9fi+u8ttrGSvE5UckdN6MlPKSMPpblsOxBF3o7Hyf/Pmm3RxZZujDPUmWFk34g=='],
  ['p256', 'sha512', {}, 'MEQCIHUNuguq2Pkbk6P2w2oJDtYbj32+TK3xxROEitd4QakQAiBH7YO+vLgB8Wc0RBBOkPu4HXLeV8OXeKv4EkqmDmEJqg=='],
  ['p521', 'sha1', {}, 'MIGHAkIBqPHM87ttuQinXA9XXPeQuK/AzxuR3SJxeOsg9eVrdT06JEdP32cnSXqP6o5YPcHMoiCLqoPLnNUOXTXjEN9Hi/wCQXttt1RwPpaI7dzeFAShgyLK4NzrPEKrXtjjNWqtxdyVE2ds9AbQS1AdwzRqfOoTV3kcoSvekLbBN2ncBLwaZM+7'],
  ['p256', 'sha256', { dsaEncoding: 'ieee-p1363' }, 'SAQ1oKMP7UPqQnGn3g+7c8+I2l8NkM8H6wu6dk+Q1R7MITm4YmmWfUBEBwAUiu7NZtLeFCfB73cb0GfAYWRRhQ=='],
];

const bytes = (text) => Buffer.from(text, 'base64');
const privateKey = (name) => createPrivateKey({ key: bytes(KEYS[name]), format: 'der', type: 'pkcs8' });
const publicKey = (name) => createPublicKey(privateKey(name));
const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING };

function codeOf(attempt) {
  try {
    attempt();
  } catch (error) {
    return `${error.name} ${error.code}`;
  }
  return 'nothing';
}

/** Neither other data, nor another signature, nor another key may pass. */
function checkOnly(name, hash, options, signature) {
  const key = { key: publicKey(name), ...options };
  assert.ok(verify(hash, DATA, key, signature), `${name} ${hash}`);
  assert.ok(!verify(hash, Buffer.from('The quick brown fix'), key, signature));
  for (const at of [0, signature.length >> 1, signature.length - 1]) {
    const forged = Buffer.from(signature);
    forged[at] ^= 1;
    assert.ok(!verify(hash, DATA, key, forged), `${name} ${hash} with the byte ${at} changed`);
  }
  for (const wrong of [signature.subarray(1), signature.subarray(0, -1), Buffer.concat([signature, Buffer.alloc(1)]), Buffer.alloc(0)]) assert.ok(!verify(hash, DATA, key, wrong));
}

test('signatures are byte for byte those of Node.js', () => {
  for (const [name, hash, expected] of FIXED) {
    assert.equal(sign(hash, DATA, privateKey(name)).toString('base64'), expected);
    checkOnly(name, hash, {}, bytes(expected));
    if (hash !== null) assert.equal(createSign(`RSA-${hash.toUpperCase()}`).update('The quick ').update(Buffer.from('brown fox')).sign(privateKey(name), 'base64'), expected);
  }
});

test('signatures of Node.js are verified', () => {
  for (const [name, hash, options, signature] of RANDOM) {
    checkOnly(name, hash, options, bytes(signature));
    const own = sign(hash, DATA, { key: privateKey(name), ...options });
    if (name === 'rsa') assert.equal(own.length, 256);
    checkOnly(name, hash, options, own);
    assert.ok(createVerify(hash).update(DATA).verify({ key: publicKey(name), ...options }, signature, 'base64'));
  }
});

test('ECDSA (RFC 6979 A.2.5)', () => {
  const encode = (text) => Buffer.from(text, 'hex').toString('base64url');
  const key = createPrivateKey({ format: 'jwk', key: {
    kty: 'EC', crv: 'P-256', d: encode('C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721'),
    x: encode('60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6'), y: encode('7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299'),
  } });
  const signature = sign('sha256', Buffer.from('sample'), { key, dsaEncoding: 'ieee-p1363' }).toString('hex').toUpperCase();
  assert.equal(signature, 'EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8');
});

test('Ed25519 (RFC 8032 section 7.1, test 2)', () => {
  const encode = (text) => Buffer.from(text, 'hex').toString('base64url');
  const key = createPrivateKey({ format: 'jwk', key: {
    kty: 'OKP', crv: 'Ed25519', x: encode('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c'), d: encode('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb'),
  } });
  assert.equal(sign(null, Buffer.from('r'), key).toString('hex'), '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00');
});

test('a signature of ECDSA has one form only', () => {
  const key = publicKey('p256');
  const joined = sign('sha256', DATA, { key: privateKey('p256'), dsaEncoding: 'ieee-p1363' });
  const number = (part, more = []) => {
    const digits = part[0] >= 0x80 ? [0, ...part] : [...part];
    return [2, digits.length + more.length, ...more, ...digits];
  };
  const form = (...numbers) => Buffer.from([0x30, numbers.flat().length, ...numbers.flat()]);
  const [r, s] = [joined.subarray(0, 32), joined.subarray(32)].map((part) => part.subarray(part.findIndex((byte) => byte !== 0)));
  const check = (signature) => verify('sha256', DATA, key, signature);
  assert.ok(check(form(number(r), number(s))));
  for (const wrong of [form(number(r, [0]), number(s)), form(number(r)), form(number(r), number(s), [5, 0]), form([2, 0], [2, 0]), form([2, 1, 0], [2, 1, 0]), joined]) assert.ok(!check(wrong));
});

test('lengths of the salt', () => {
  const signed = (saltLength) => createSign('sha256').update(DATA).sign({ key: privateKey('rsa'), ...PSS, saltLength });
  const passes = (signature, saltLength) => createVerify('sha256').update(DATA).verify({ key: publicKey('rsa'), ...PSS, saltLength }, signature);
  const { RSA_PSS_SALTLEN_AUTO: auto, RSA_PSS_SALTLEN_DIGEST: digest, RSA_PSS_SALTLEN_MAX_SIGN: most } = constants;
  assert.equal([digest, most, auto].join(), '-1,-2,-2');
  for (const [length, real] of [[undefined, 222], [most, 222], [digest, 32], [0, 0], [64, 64]]) {
    const signature = signed(length);
    assert.ok(passes(signature, undefined) && passes(signature, auto) && passes(signature, real) && !passes(signature, real === 1 ? 2 : real - 1));
    assert.equal(passes(signature, digest), real === 32);
  }
  assert.equal(codeOf(() => signed(223)), 'Error ERR_OSSL_RSA_DATA_TOO_LARGE_FOR_KEY_SIZE');
  assert.equal(codeOf(() => signed(-5)), 'Error ERR_OSSL_INVALID_SALT_LENGTH');
  assert.ok(!passes(signed(0), 300));
});

test('keys in every form sign and verify', () => {
  const key = privateKey('rsa');
  const pem = key.export({ type: 'pkcs1', format: 'pem' });
  const [expected] = FIXED.filter(([, hash]) => hash === 'sha256').map(([, , signature]) => signature);
  for (const given of [pem, Buffer.from(pem), { key: pem }, { key: key.export({ format: 'jwk' }), format: 'jwk' }, { key: key.export({ type: 'pkcs1', format: 'der' }), format: 'der', type: 'pkcs1' }, { key }]) {
    assert.equal(createSign('sha256').update(DATA).sign(given, 'base64'), expected);
    assert.ok(createVerify('SHA-256').update(DATA).verify(given, expected, 'base64'));
  }
  for (const name of ['sha256', 'RSA-SHA256', 'sha256WithRSAEncryption']) assert.ok(verify(name, DATA, publicKey('rsa').export({ type: 'pkcs1', format: 'pem' }), bytes(expected)));
  assert.ok(verify(undefined, DATA, publicKey('rsa'), sign(null, DATA, key)));
});

test('Sign and Verify are streams', async () => {
  const parts = () => Readable.from([Buffer.from('The quick '), Buffer.from('brown fox')]);
  const [signer, verifier] = [createSign('sha384'), createVerify('sha384')];
  await pipeline(parts(), signer);
  await pipeline(parts(), verifier);
  assert.ok(verifier.verify(publicKey('p384'), signer.sign(privateKey('p384'))));
  assert.ok(signer instanceof crypto.Sign && verifier instanceof crypto.Verify);
});

test('results by callback', async () => {
  const results = [];
  const call = (run, ...args) => new Promise((resolve) => { run(...args, (error, value) => { resolve(error ?? value); }); results.push('after'); });
  const signature = await call(sign, 'sha256', DATA, privateKey('p256'));
  assert.ok(Buffer.isBuffer(signature) && await call(verify, 'sha256', DATA, publicKey('p256'), signature));
  assert.equal((await call(sign, null, DATA, privateKey('x25519'))).code, 'ERR_OSSL_EVP_OPERATION_NOT_SUPPORTED_FOR_THIS_KEYTYPE');
  assert.equal(results.length, 3);
});

/** Made by Node.js: options, text, and what it is encrypted. */
const OAEP = [
  [{}, 'plain', 'RLnhAgtXzzD91g69sK9jgs+dCaM82EV1Z0H2xexGsx3UULX2aFZgkL+gHiF3AqPuko7/F0QkicFP89qJu74y3nD50rrN5BrOOQ0x8UasmSn/qHbFDB9k5FlrZq1EKya3p/9zSzEX5b1D2ccmXT19na6u4+xIHHvyaH2j5upGLfOBI4PZtHrTciTaqa6uXHWMnV0Lz6PfjpfsQoOILmQv9YGW8WihHZ4T+wTNo11YhppOP6QzAsKOlAQPZH8hWw0ZyNpcr/Qg4VgnjshwV9ZAzZn7bZgvYAwbVlY35Xl1XZGT9Kd/Hxdn5gn3AdFlzJlUZJVG2qYqVNrlTVM5JIjJCg=='],
  [{ oaepHash: 'sha256', oaepLabel: 'label' }, 'labelled', 'LPjp5yhZwpC2AY6npyDI80gmVKOWl0WPlSdljY1kgEZDvQaWRjzhDMSZoDdrCGt28ZpUHM+6nl1C/90RqQNzxTXkpWq3TQTHQjW1SwuzGI5IuWWUttrkuSB1lc6VHBlLNmCuTv8sER2YY5Fotn79HB7HP4C62XZVUWlycsxle5r4UuTuyGsUO1W6BtZwZ3dxPGNqqvm4f60H1Z22gTSjbzvbEGrq5JyH+3Q+drJU3YNuiDoq7P1IiVsEvxFqQ4mfiAx2u0I73EDtpIB2zX+Rmb3SJf58s9DIhb+dbyHE/xt23DQu0Fm7s9ccFJL6+bkeAp2zj9JdMNHg9xk14H1lUA=='],
];

test('encryption with RSA', () => {
  const [key, open] = [privateKey('rsa'), publicKey('rsa')];
  for (const [options, text, encrypted] of OAEP) {
    const withLabel = { ...options, ...(options.oaepLabel !== undefined && { oaepLabel: Buffer.from(options.oaepLabel) }) };
    assert.equal(privateDecrypt({ key, ...withLabel }, bytes(encrypted)).toString(), text);
    assert.equal(privateDecrypt({ key, ...withLabel }, publicEncrypt({ key: open, ...withLabel }, Buffer.from(text))).toString(), text);
    assert.equal(codeOf(() => privateDecrypt({ key, ...withLabel, oaepLabel: Buffer.from('other') }, bytes(encrypted))), 'Error ERR_OSSL_RSA_OAEP_DECODING_ERROR');
  }
  assert.equal(privateDecrypt(key, publicEncrypt(key.export({ type: 'pkcs8', format: 'pem' }), 'ü')).toString(), 'ü');
  for (const [attempt, expected] of [
    [() => publicEncrypt(open, Buffer.alloc(215)), 'Error ERR_OSSL_RSA_DATA_TOO_LARGE_FOR_KEY_SIZE'],
    [() => privateDecrypt(key, Buffer.alloc(256)), 'Error ERR_OSSL_RSA_OAEP_DECODING_ERROR'],
    [() => privateDecrypt(open, Buffer.alloc(256)), 'TypeError ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE'],
    [() => publicEncrypt(publicKey('p256'), Buffer.alloc(1)), 'Error ERR_OSSL_EVP_OPERATION_NOT_SUPPORTED_FOR_THIS_KEYTYPE'],
    [() => publicEncrypt({ key: open, padding: constants.RSA_PKCS1_PADDING }, Buffer.alloc(1)), 'TypeError ERR_FEATURE_UNAVAILABLE_ON_PLATFORM'],
    [() => publicEncrypt({ key: open, oaepHash: 'nope' }, Buffer.alloc(1)), 'Error ERR_OSSL_EVP_INVALID_DIGEST'],
    [() => publicEncrypt({ key: open, oaepHash: 'md5' }, Buffer.alloc(1)), 'TypeError ERR_FEATURE_UNAVAILABLE_ON_PLATFORM'],
    [() => publicEncrypt(open, 5), 'TypeError ERR_INVALID_ARG_TYPE'],
    [() => crypto.privateEncrypt(key, Buffer.alloc(1)), 'Error ERR_METHOD_NOT_IMPLEMENTED'],
  ]) assert.equal(`${codeOf(attempt)} ${attempt}`, `${expected} ${attempt}`);
});

test('mistakes are told as in Node.js', () => {
  const [key, open] = [privateKey('rsa'), publicKey('rsa')];
  const signer = () => createSign('sha256').update(DATA);
  for (const [attempt, expected] of [
    [() => createSign('xyz'), 'TypeError ERR_CRYPTO_INVALID_DIGEST'],
    [() => createVerify(5), 'TypeError ERR_INVALID_ARG_TYPE'],
    [() => sign('xyz', DATA, key), 'TypeError ERR_CRYPTO_INVALID_DIGEST'],
    [() => createSign('md5'), 'TypeError ERR_FEATURE_UNAVAILABLE_ON_PLATFORM'],
    [() => sign('sha256', DATA), 'Error ERR_CRYPTO_SIGN_KEY_REQUIRED'],
    [() => signer().sign(), 'Error ERR_CRYPTO_SIGN_KEY_REQUIRED'],
    [() => signer().sign('secret'), 'Error ERR_OSSL_UNSUPPORTED'],
    [() => signer().sign(open), 'TypeError ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE'],
    [() => signer().sign(createSecretKey('a')), 'TypeError ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE'],
    [() => signer().sign(privateKey('ed25519')), 'Error ERR_CRYPTO_UNSUPPORTED_OPERATION'],
    [() => signer().sign(privateKey('x25519')), 'Error ERR_OSSL_EVP_OPERATION_NOT_SUPPORTED_FOR_THIS_KEYTYPE'],
    [() => signer().sign({ key, padding: 'x' }), 'TypeError ERR_INVALID_ARG_VALUE'],
    [() => signer().sign({ key, padding: constants.RSA_PKCS1_OAEP_PADDING }), 'Error ERR_OSSL_ILLEGAL_OR_UNSUPPORTED_PADDING_MODE'],
    [() => signer().sign({ key: privateKey('p256'), dsaEncoding: 'x' }), 'TypeError ERR_INVALID_ARG_VALUE'],
    [() => signer().update(5), 'TypeError ERR_INVALID_ARG_TYPE'],
    [() => { const one = signer(); one.sign(key); one.sign(key); }, 'Error ERR_CRYPTO_INVALID_STATE'],
    [() => { const one = signer(); one.sign(key); one.update('x'); }, 'Error ERR_CRYPTO_INVALID_STATE'],
    [() => sign('sha256', DATA, privateKey('ed25519')), 'Error ERR_OSSL_INVALID_DIGEST'],
    [() => sign('sha256', 5, key), 'TypeError ERR_INVALID_ARG_TYPE'],
    [() => sign('sha256', DATA, key, 5), 'TypeError ERR_INVALID_ARG_TYPE'],
    [() => verify('sha256', DATA, open, 'text'), 'TypeError ERR_INVALID_ARG_TYPE'],
    [() => verify('sha256', DATA, createSecretKey('a'), DATA), 'TypeError ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE'],
    [() => createVerify('sha256').verify(undefined, DATA), 'TypeError ERR_INVALID_ARG_TYPE'],
  ]) assert.equal(`${codeOf(attempt)} ${attempt}`, `${expected} ${attempt}`);
  const retried = signer();
  assert.equal(codeOf(() => retried.sign('secret')), 'Error ERR_OSSL_UNSUPPORTED');
  assert.equal(retried.sign(key).length, 256);
});
