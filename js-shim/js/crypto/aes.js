// AES-CTR, AES-CBC, AES-GCM and AES-KW (sections 27 to 30).

import { answer, copyOf, dataError, enforceRange, operationError, required, requireBufferSource } from './convert.js';
import { checkUsages, requireUsages } from './key.js';
import { register } from './registry.js';
import { exportSecret, importSecret, secretMaterial } from './secret.js';

const { aesCbcDecrypt, aesCbcEncrypt, aesCtr, aesGcmDecrypt, aesGcmEncrypt, aesKwUnwrap, aesKwWrap } = native.crypto;
const { randomBytes, disallow } = native;

const CIPHER_USAGES = ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'];
const WRAP_USAGES = ['wrapKey', 'unwrapKey'];
const LENGTHS = [128, 192, 256];
const TAG_LENGTHS = [32, 64, 96, 104, 112, 120, 128];

function cipher(run, params) {
  return { params, run: (normalized, key, data) => answer(run(normalized, key.handle, data), 'OperationError') };
}

const lengthParams = (algorithm) => ({ length: enforceRange(required(algorithm, 'length'), 65_535, 'The length') });

/** The operations on keys, which are the same for all modes. */
function keyOperations(name, usagesAllowed) {
  const jwkAlg = (bytes) => `A${bytes.length * 8}${name.slice('AES-'.length)}`;
  const checkLength = (length) => {
    if (!LENGTHS.includes(length)) throw operationError(`An AES key has 128, 192 or 256 bits, not ${length}.`);
    return length;
  };
  return {
    generateKey: {
      params: lengthParams,
      run({ length }, extractable, usages) {
        checkUsages(usages, usagesAllowed, name);
        checkLength(length);
        requireUsages(usages);
        disallow('crypto.subtle.generateKey()');
        return secretMaterial({ name, length }, new Uint8Array(randomBytes(length / 8)));
      },
    },
    importKey: {
      run(params, format, data, extractable, usages) {
        checkUsages(usages, usagesAllowed, name);
        const bytes = importSecret(format, data, { use: 'enc', jwkAlg }, extractable, usages);
        const length = bytes.length * 8;
        if (!LENGTHS.includes(length)) throw dataError(`An AES key has 128, 192 or 256 bits, not ${length}.`);
        return secretMaterial({ name, length }, bytes);
      },
    },
    exportKey: { run: (format, key) => exportSecret(format, key, jwkAlg) },
    getKeyLength: { params: lengthParams, run: ({ length }) => checkLength(length) },
  };
}

const bufferParam = (algorithm, name) => requireBufferSource(required(algorithm, name), `The ${name}`);

const ivParams = (algorithm) => ({ iv: copyOf(bufferParam(algorithm, 'iv')) });

function ctrParams(algorithm) {
  const counter = bufferParam(algorithm, 'counter');
  const length = enforceRange(required(algorithm, 'length'), 255, 'The length of the counter');
  return { counter: copyOf(counter), length };
}

function gcmParams(algorithm) {
  const { additionalData } = algorithm;
  if (additionalData !== undefined) requireBufferSource(additionalData, 'The additionalData');
  const iv = bufferParam(algorithm, 'iv');
  const { tagLength } = algorithm;
  const bits = tagLength === undefined ? 128 : enforceRange(tagLength, 255, 'The tagLength');
  return { additionalData: copyOf(additionalData ?? new Uint8Array(0)), iv: copyOf(iv), tagLength: bits };
}

function ctr({ counter, length }, key, data) {
  if (counter.length !== 16) return 'The counter must have 16 bytes.';
  if (length === 0 || length > 128) return 'The length of the counter must be from 1 to 128 bits.';
  return aesCtr(key, counter, length, data);
}

// SP 800-38D asks for an initialization vector of at least one bit
function gcm(run) {
  return ({ iv, additionalData, tagLength }, key, data) => {
    if (iv.length === 0) return 'The iv must not be empty.';
    if (!TAG_LENGTHS.includes(tagLength)) return `The tagLength must be one of ${TAG_LENGTHS.join(', ')}.`;
    return run(key, iv, additionalData, tagLength / 8, data);
  };
}

export function install() {
  register('AES-CTR', {
    encrypt: cipher(ctr, ctrParams),
    decrypt: cipher(ctr, ctrParams),
    ...keyOperations('AES-CTR', CIPHER_USAGES),
  });
  register('AES-CBC', {
    encrypt: cipher(({ iv }, key, data) => aesCbcEncrypt(key, iv, data), ivParams),
    decrypt: cipher(({ iv }, key, data) => aesCbcDecrypt(key, iv, data), ivParams),
    ...keyOperations('AES-CBC', CIPHER_USAGES),
  });
  register('AES-GCM', {
    encrypt: cipher(gcm(aesGcmEncrypt), gcmParams),
    decrypt: cipher(gcm(aesGcmDecrypt), gcmParams),
    ...keyOperations('AES-GCM', CIPHER_USAGES),
  });
  register('AES-KW', {
    wrapKey: cipher((params, key, data) => aesKwWrap(key, data)),
    unwrapKey: cipher((params, key, data) => aesKwUnwrap(key, data)),
    ...keyOperations('AES-KW', WRAP_USAGES),
  });
}
