// crypto.constants: those of RSA.

export const RSA_PKCS1_PADDING = 1;
export const RSA_NO_PADDING = 3;
export const RSA_PKCS1_OAEP_PADDING = 4;
export const RSA_X931_PADDING = 5;
export const RSA_PKCS1_PSS_PADDING = 6;

/** As long as the digest. */
export const RSA_PSS_SALTLEN_DIGEST = -1;
/** As long as the key allows. */
export const RSA_PSS_SALTLEN_MAX_SIGN = -2;
/** Whatever the signature has; the same number, as it is for verifying only. */
export const RSA_PSS_SALTLEN_AUTO = -2;
