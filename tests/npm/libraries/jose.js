// Signed and encrypted tokens. Signatures of ES256 are never the same, so they are checked here.
import * as jose from 'jose';

const SECRET = new TextEncoder().encode('a secret of at least 256 bits, which HS256 asks for');
const KEYS = {
  RS256: { kty: 'RSA', n: 'zfnHVjhG0FtiWK5ow06iNDa83RIUL_L2w8GHIMfWVAmqCwDqUOLyhSXxjspW_hscIhExNu6PFTBB99DsJJltWNL2NV6SlvGZ4xNCu_YXinonbnys_ZUr13L0cyJsZAvJiO5oSOdMHqh-J0iDIfFaqTVOpyrugHVEiHi3Mr_irvU1gYxnqA6dK8-IEAWJY0KL3hMRufjKKtA0yRvsj-4aCOgKeBldwx0jjiLqIdx6bk7UwS5vqJVDZn6oYEhnfCRBcAJlzbFTQm23FlgzLzIJWrAgBC2gPBDI7YarQg1H0-O-zFh5a50SYpk2tcmmUN5wL25mBr8po5G65XXn63trvw', e: 'AQAB', d: 'Gn9c4TIX6gtPAfdt6Smr-IMSLzxGS35tlbA-wwnhM1TXvnCB1m6O5pIdK9r-AKF8MDsXCKS49quC4hpCrR1UBOYNtVh1PvXVxRxOzs5RSgfCPg4QMxeoR-0KdG_5PW4koTS1AonP67ta5bLUxWbx3GxUfsZ-ktTHc7XxuUBLgr68cTQbUpDVAg5arBpWg_z8W-rEzPffzicbPWU7GSp177tWlgjXw6bM56ePi3Hjpo76ZIoZHrIC4JWroMdhMO28wml4TfUUUVsavUpJjmEpHi4AkPMUJ0NJW2bT23BjsfrfS9Lbkn0c-9495pN6ngqUkfhnWq4jvUmSIP5iHnKh', p: '-glxW6pOEN0WFE2ommtN0OxvkvpUAZ_GEHvyB_pq1ZrlLyAiXRGcfWVerjJCmLndg8MFkPhgGJ4Z39YsnyKZiDqRIl8VAj5hJ5QOxC7pVH7qViD-A04yjDL01WZLW4tg_OQyhl8Bt8L1gw8SKjoOlh0zNyTMvWw7jtqdanbzfTk', q: '0uNT7f20-2j8mJds6zKR_8IzFavsO8sWv05x5OROuk51UiLMzWYlMu9V3JbxMlKlbukJEgyAU2qgyPWD4n6HpueV1CVUaMm8EFKnBfXrCZt1kU3LxAg7uXcIoIrqf_foEBWGLaPTLPlvrjF11Dy-QBIYqkl0zX0WF7SUP_K8KLc', dp: 'XSfhfRZxaWUFkeDxHT83ScydMTRk0goWABQ9s21AGn9QPgOJ6gTiufFnmh0NpNsyxaGGVGHFY8abu0KPc2avrwqrAhRMvn5BMj6-VadotVtnsVkvaknbGVLu1wb6sou2QeI_VMLW4AEZ-Y9G5EanIpSUfUoPoc9OTUXz-jOBOjk', dq: 'CSRTqhh6dP-bG55M2XFKxPSNNF5Mklb-eHKVG2AOTaNDELlzeV_5MtkPNs3QTOcqRsGRZBfopDUWHUAPZI0pokGdzCGGJDjCj06V8Ps1Iih8Ez11HN1igWq4lAURn1SG2dOlCmt0pxl1Du8T9YxgjvR53z_p8VJ_1607U_5Yy8c', qi: 'YJ1q0hVa9t2jSUvXgp6Z5ZkqxpAK651f2uPo_aU_9n9PEFmn8NTHem9zA9ESBGsD0yKt0ojVVX3Z5b2SlxG8RRbs7vPAB6J_nd5akasD70kush2w8wqz9neN3kO79CIxTx1FmVyrFHgECGKPi4kv_oTavSY9_ylehQuY_FoPy-U' },
  ES256: { kty: 'EC', crv: 'P-256', x: '3cFF7cZ9L0TBCkFP19uMdU7stjcdHavON7YGKDUpOlI', y: 'CHLP843KCBVYvjq6EqjPZwlr2FBDmlcQOF5NGZ5El8g', d: 'PdJ-8aKlMtVwFaNKfK57vmiv_bzTDjVQSyXyyjaXATA' },
  EdDSA: { kty: 'OKP', crv: 'Ed25519', d: 'k3yptosiexajaX1Esb88bEY-IO2Oz2UYYg8jqYTXG4E', x: 'NofqgwPeaGK5TrxSsDejTaRNIEYD-Jg9_mkOkndrVA8' },
};
const open = ({ kty, crv, n, e, x, y }) => ({ kty, crv, n, e, x, y });
const CLAIMS = { sub: 'Ada', scope: ['read', 'wrïte'], nested: { a: 1 } };
const TIMES = { iat: 1_700_000_000, exp: 4_000_000_000 };

async function keyOf(alg, isPrivate) {
  if (alg === 'HS256') return SECRET;
  return jose.importJWK(isPrivate ? KEYS[alg] : open(KEYS[alg]), alg);
}

const sign = async (alg, claims = {}) => new jose.SignJWT({ ...CLAIMS, ...TIMES, ...claims }).setProtectedHeader({ alg, typ: 'JWT' }).setIssuer('urn:issuer').sign(await keyOf(alg, true));

const routes = {
  async sign(alg) { return alg === 'ES256' ? (await sign(alg)).split('.').slice(0, 2) : sign(alg); },
  async verify(alg) {
    const { payload, protectedHeader } = await jose.jwtVerify(await sign(alg), await keyOf(alg, false), { issuer: 'urn:issuer', requiredClaims: ['sub'] });
    return { payload, protectedHeader };
  },
  async forged(alg) {
    const token = await sign(alg);
    const [head, , signature] = token.split('.');
    return jose.jwtVerify(`${head}.${jose.base64url.encode('{"sub":"Eve"}')}.${signature}`, await keyOf(alg, false));
  },
  async expired(alg) { return jose.jwtVerify(await sign(alg, { exp: 1_600_000_000 }), await keyOf(alg, false)); },
  async issuer(alg) { return jose.jwtVerify(await sign(alg), await keyOf(alg, false), { issuer: 'urn:other' }); },
  async decode(alg) {
    const token = await sign(alg);
    return [jose.decodeJwt(token), jose.decodeProtectedHeader(token)];
  },
  async thumbprint(alg) { return jose.calculateJwkThumbprint(open(KEYS[alg])); },
  async encrypt() {
    const key = new Uint8Array(32).fill(7);
    const token = await new jose.EncryptJWT(CLAIMS).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(key);
    const { payload, protectedHeader } = await jose.jwtDecrypt(token, key);
    return { payload, protectedHeader, parts: token.split('.').map((part) => part.length) };
  },
  async keyset(alg) {
    const keys = jose.createLocalJWKSet({ keys: Object.entries(KEYS).map(([name, key]) => ({ ...open(key), alg: name, kid: name, use: 'sig' })) });
    const token = await new jose.SignJWT(CLAIMS).setProtectedHeader({ alg, kid: alg }).sign(await keyOf(alg, true));
    return (await jose.jwtVerify(token, keys)).protectedHeader;
  },
};

export default {
  async fetch(request) {
    const [, route, alg] = new URL(request.url).pathname.split('/');
    try {
      return Response.json(await routes[route](alg));
    } catch (error) {
      return Response.json({ name: error.name, code: error.code, message: error.message, claim: error.claim, reason: error.reason }, { status: 401 });
    }
  },
};
