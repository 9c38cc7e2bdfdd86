// What OpenSSL says, as Node.js throws it.

import { coded } from '../errors.js';

const failure = (code, text) => (reason = undefined) => coded(Error, code, reason === undefined ? text : `${text}: ${reason}`);

/** Of anything that is no key, or none that can be used; the reason is ours. */
export const malformed = failure('ERR_OSSL_UNSUPPORTED', 'error:1E08010C:DECODER routines::unsupported');
export const wrongOperation = failure('ERR_OSSL_EVP_OPERATION_NOT_SUPPORTED_FOR_THIS_KEYTYPE', 'error:03000096:digital envelope routines::operation not supported for this keytype');
export const tooLarge = failure('ERR_OSSL_RSA_DATA_TOO_LARGE_FOR_KEY_SIZE', 'error:0200006E:rsa routines::data too large for key size');
export const wrongPadding = failure('ERR_OSSL_ILLEGAL_OR_UNSUPPORTED_PADDING_MODE', 'error:1C8000A5:Provider routines::illegal or unsupported padding mode');
export const wrongSaltLength = failure('ERR_OSSL_INVALID_SALT_LENGTH', 'error:1C800070:Provider routines::invalid salt length');
export const wrongDigest = failure('ERR_OSSL_INVALID_DIGEST', 'error:1C80007A:Provider routines::invalid digest');
export const notDecoded = failure('ERR_OSSL_RSA_OAEP_DECODING_ERROR', 'error:02000079:rsa routines::oaep decoding error');
export const otherCurve = failure('ERR_OSSL_MISMATCHING_DOMAIN_PARAMETERS', 'error:1C8000CB:Provider routines::mismatching domain parameters');
export const notDerived = failure('ERR_OSSL_FAILED_DURING_DERIVATION', 'error:1C8000A4:Provider routines::failed during derivation');
const failed = failure('ERR_CRYPTO_OPERATION_FAILED', 'Operation failed');

export const wrongKeyObject = (type, expected) => coded(TypeError, 'ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE', `Invalid key object type ${type}, expected ${expected}.`);
export const wrongEncoding = (encoding, reason) => coded(Error, 'ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS', `The selected key encoding ${encoding} ${reason}.`);
export const invalidJwk = (what) => coded(TypeError, 'ERR_CRYPTO_INVALID_JWK', `Invalid JWK ${what}`);

/** The value a primitive gave; a string is the reason why there is none. */
export function answer(given, problem = failed) {
  if (typeof given === 'string') throw problem(given);
  return given;
}
