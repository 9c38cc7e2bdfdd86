// Tokens signed with keys of node:crypto. Signatures of ES256 are never the same, so they are checked here. PS256 is left out: workerd
// takes no KeyObject with a padding, which is what the library gives.
import jwt from 'jsonwebtoken';
import { createPrivateKey, createPublicKey, createSecretKey } from 'node:crypto';

const SECRET = 'a secret of at least 256 bits, which HS256 asks for';
const RSA = `-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC/IYIZSZOJxuUe
fBBsMV+7thMabp9YribGYxZWV47dnllal3AnCUcIWKxkVCx11RvPpIkZk3iN+sZS
CA6bHaSqliCncCDugAWJlqaE3I6lNNsumw6oIIfqG48GD2vLAt5fK/WyK5xAhMYR
bxFMh8FT0Oa0zkEBPCqBxAhDb2QfCoR2cS8aJzYOgBy9iqPeFy2lz6G+dHG0B9F5
54/BVFreaRil5qlX4f4SmfPw2s1kyjnQWO1kCnGukb3oao0c9b9REtwt3RDfGk68
l0zgmrsLO4/pH20oqr5HrqivduoYitj1MxrI7v8s8kd0ZhMt3Vt6qiHDSBrJ3pa3
l8Lb3CNBAgMBAAECggEAKvhPlXvTLbCHpljiIFDhYwRGOzUPohJVKVjxlqvMtMp6
8EEHt98AF0JIT64U6NDmlcI6CIP9IH52w86H6hu5/5gM81fkL3qcxBgYi9pCP6Yo
eMvneakGpX1YpFYnN9cHQ4JQlKP1VxQCq7y6uOf0cPGQTKnqN2rda5s0+GQ8sDV7
oQg06V0fWIHKps66xWY3JbZtp3vOxdN/7Zu+IdUk0qp0qLWU+s2DR6VEV8YPIqA7
91eHtlPmpSy/VXPmj1A9+dfslwBaDLXeIqhUt0IZM0xczAlOGXRfPcsh75LP4nL7
VgILZPfwcQPjB2iNkLDIXy6ySxPlPfN/JLmEqOXioQKBgQDifmcoH41jpcEApR1h
pJ47ihgW2bUaQ6AQlpogC4akjXzW2yUqvTx7xoo+WDBu/rYJsvHlUmBcIrER8Vu6
iYx52iyMLS2X/+5mc2bZO5nMMsyhbNYfV6aHJGhISi6/B6oL0BXWka+xlMRol6be
fhJK+OvamBwAQ3fVws6GBMWkDQKBgQDYB7+y7VxWbd6kaFOn1HkcKA94Tdbltcug
wpL5iMfc5DQ8LVYN55LP8TdtpYz0b3jhww/3LuU+6hgfieNZw+hc4ljW60xQOyew
Hxl1WrrM59XA/cvSKhJG4GAhc7Cig1P/92UI4XZSaHZbfIhapXdwRvaU1nv8v07u
Z58zjgjrBQKBgC8kkkImtx47nP2OYJw3UHwiFTuEWw65brKlNjVfUMolbQunl4fa
1aEJxTKO1p3zxF4mcfUCfW4QBn0umKIuCSA/yi/vI2NU8QFAGfMzVaLMHA2pgrQJ
YW8Vo+MQFcTLSpik2jbMIh67UVpX3nLHGPWj9CuOp51iban/n08D5UNtAoGAGK+h
/09Saun5NC5byOTlxgrp4aR7dxp0H3W8l9lChYJqWaoQmFwrEaoN3HC7j78hQCMr
MuLf/XWAtjHqkfpqFhsjbcPLn6ty2JRlM1zf1cR0T65w2R5HomPHeGsg9yEsuyZJ
HF+vRrF7PO8ZIcqgwGrLiKyN1I8D9QhQT/LeIAUCgYEA0PfKEsfqurSh5gWOq7/x
CTYFFyJVtMYPJ9NQiVQSjqkdJWX0fpdplNMRPj5mTlfBPBLKEuAHnjy3NOk6Vds7
NeOlnQFgfO3iHdSeTqVCOf+AvpH+LUvGx00zXAoiY6RFUiYlwtEew0PQMgtNoPb6
DnZoPGhOi0CpY4iHWstfKbk=
-----END PRIVATE KEY-----`;
const EC = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQggWtI+Gm5WOVFeg8c
2kz15lLMAhOm5b3+zICKG4z9ldOhRANCAAQXf1s6SAOFb021oeH25OmR18rxd0gT
tPZnN4nnz6mhZYcOd8WEs1zCRPB6H4xXTZ9yDRRtBVZ85v/3vCC0cM0z
-----END PRIVATE KEY-----`;
/** An RSA key of 1024 bits. */
const SHORT = 'MIICeAIBADANBgkqhkiG9w0BAQEFAASCAmIwggJeAgEAAoGBAL8DsTRnNxuMuiN2zd4f9gt5hyvFrFtIHc0MWARRSn1V0li1mawub/msQNg2+4pyNwE/nEMwcjbJH6FzLefXRbiu7jWK3ejaeL31aYC+8w1VxwKhkhyOcNhhEFYM1sycK1aSwreBxAAkWA69EcndiuJmZFpkv2i5QyGsNW+rh9htAgMBAAECgYEAs8yM6+/QHp2bxLAa3mAlYO22/8vlDlNWweFBpGbEgC/dfOULztgzTMgIjb1Ljyktf35Z36DlkY5FuNpLNrUbCTlKLbCv4gGIFQHeNpxXPw6EB2PDa52KS23AkitFkqHCYt8O6h35lsDxnz2tLYwEk2WhTxwNpxfJtxxB89eN5mECQQDdiJgvNuH9p5gEzRUBwKl43o+5kQk7S1SqHZjWy92zGWn4um2rgt9UJGpTjujy6acXlfVWkryiZdVD2GDlx/2VAkEA3LuO4TeTWp142IQeCxTv3PprB90GMNCyJahpV+PTUiPUBTHegoYtusQlwe4p5zsHCRX6AA7FnxrSBTxecovJeQJBAITh3V9czVwIfnBKz9H4Te+ZmJ6Xt/DgM83C6R3WtYorsVwn/4bEfs+K9FhgvayPqNHF+p7Ob+X9rVn/3ceXGa0CQQC8CtB6zxSqUpK7qTnK6Qg6sd7ycPmwJmpNqH4t0LmbNUiPMF/FxDc675TW9GUgRuoEdINo/yyeEYQvz7EKVknJAkAqZXFlGL0PKeBMuOMmnFuWd/YfbDa7NzAQdF2plEjGaSFolz7JtfZrCV4lp2pv/NQe02pz+2Vl1sLA6mRyR+e/';
const OPEN = { RSA: createPublicKey(RSA).export({ type: 'spki', format: 'pem' }), EC: createPublicKey(EC).export({ type: 'spki', format: 'pem' }) };

const CLAIMS = { sub: 'Ada', scope: ['read', 'wrïte'], nested: { a: 1 }, iat: 1_700_000_000, exp: 4_000_000_000 };

function keyOf(alg, isPrivate) {
  if (alg.startsWith('HS')) return SECRET;
  const name = alg === 'ES256' ? 'EC' : 'RSA';
  return isPrivate ? { RSA, EC }[name] : OPEN[name];
}

const sign = (alg, claims = {}, options = {}) => jwt.sign({ ...CLAIMS, ...claims }, keyOf(alg, true), { algorithm: alg, issuer: 'urn:issuer', ...options });
const verify = (token, alg, options = {}) => jwt.verify(token, keyOf(alg, false), { algorithms: [alg], ...options });

const routes = {
  sign: (alg) => (alg === 'ES256' ? sign(alg).split('.').slice(0, 2) : sign(alg)),
  verify: (alg) => verify(sign(alg), alg, { issuer: 'urn:issuer', complete: true }).payload,
  forged(alg) {
    const [head, , signature] = sign(alg).split('.');
    return verify(`${head}.${Buffer.from('{"sub":"Eve"}').toString('base64url')}.${signature}`, alg);
  },
  expired: (alg) => verify(sign(alg, { exp: 1_700_000_001 }), alg),
  early: (alg) => verify(sign(alg, { nbf: 1_800_000_000 }), alg, { clockTimestamp: 1_750_000_000 }),
  issuer: (alg) => verify(sign(alg), alg, { issuer: 'urn:other' }),
  audience: (alg) => verify(sign(alg, {}, { audience: ['one', 'two'] }), alg, { audience: /^t/, subject: 'Ada', maxAge: '100 days', clockTimestamp: 1_700_000_100 }),
  decode: (alg) => { const { header, payload } = jwt.decode(sign(alg, {}, { keyid: 'k', header: { x: 1 } }), { complete: true }); return { header, payload }; },
  async callback(alg) {
    const token = await new Promise((resolve, reject) => { jwt.sign(CLAIMS, keyOf(alg, true), { algorithm: alg }, (error, signed) => { if (error) reject(error); else resolve(signed); }); });
    const keyFor = (header, callback) => { callback(null, keyOf(header.alg, false)); };
    return new Promise((resolve, reject) => { jwt.verify(token, keyFor, (error, payload) => { if (error) reject(error); else resolve(payload); }); });
  },
  /** Keys as objects, not as text. */
  objects(alg) {
    const [own, open] = alg.startsWith('HS') ? [createSecretKey(Buffer.from(SECRET)), createSecretKey(Buffer.from(SECRET))] : [createPrivateKey(keyOf(alg, true)), createPublicKey(keyOf(alg, true))];
    return jwt.verify(jwt.sign(CLAIMS, own, { algorithm: alg }), open, { algorithms: [alg] });
  },
  /** A public key must be no secret of HMAC. */
  confused: () => jwt.verify(jwt.sign(CLAIMS, createSecretKey(Buffer.from(OPEN.RSA)), { algorithm: 'HS256' }), OPEN.RSA),
  other: (alg) => verify(sign(alg), 'HS512'),
  unsigned: () => jwt.verify(jwt.sign(CLAIMS, '', { algorithm: 'none' }), SECRET),
  short: () => jwt.sign(CLAIMS, createPrivateKey({ key: Buffer.from(SHORT, 'base64'), type: 'pkcs8', format: 'der' }), { algorithm: 'RS256' }),
  curve: () => jwt.sign(CLAIMS, EC, { algorithm: 'ES384' }),
  kind: () => jwt.sign(CLAIMS, EC, { algorithm: 'RS256' }),
  text: () => jwt.sign(CLAIMS, 'no key', { algorithm: 'RS256' }),
  garbage: () => jwt.verify('a.b.c', SECRET),
  missing: () => jwt.sign(CLAIMS, undefined),
};

export default {
  async fetch(request) {
    const [, route, alg] = new URL(request.url).pathname.split('/');
    try {
      return Response.json(await routes[route](alg));
    } catch (error) {
      return Response.json({ name: error.name, message: error.message, expiredAt: error.expiredAt, date: error.date }, { status: 401 });
    }
  },
};
