// HKDF and PBKDF2 (sections 33 and 34).

import {
  answer, copyOf, enforceRange, notSupported, operationError, required, requireBufferSource, syntaxError,
} from './convert.js';
import { checkUsages } from './key.js';
import { hashName, register } from './registry.js';
import { secretMaterial } from './secret.js';

const { hkdf, pbkdf2 } = native.crypto;

const USAGES = ['deriveKey', 'deriveBits'];
const MAX_ITERATIONS = 4_294_967_295;
// of Workers: a request's time is limited
const ITERATIONS_ALLOWED = 100_000;

function hkdfParams(algorithm) {
  const hash = required(algorithm, 'hash');
  const info = requireBufferSource(required(algorithm, 'info'), 'The info');
  const salt = requireBufferSource(required(algorithm, 'salt'), 'The salt');
  return { hash: hashName(hash), info: copyOf(info), salt: copyOf(salt) };
}

function pbkdf2Params(algorithm) {
  const hash = required(algorithm, 'hash');
  const iterations = enforceRange(required(algorithm, 'iterations'), MAX_ITERATIONS, 'The number of iterations');
  const salt = requireBufferSource(required(algorithm, 'salt'), 'The salt');
  return { hash: hashName(hash), iterations, salt: copyOf(salt) };
}

function checkLength(length) {
  if (length === null || length % 8 !== 0) throw operationError('The length must be given, and a multiple of 8 bits.');
  return length / 8;
}

function keyOperations(name) {
  return {
    importKey: {
      run(params, format, data, extractable, usages) {
        if (format !== 'raw') throw notSupported(`A key of ${name} cannot be imported from the format "${format}".`);
        checkUsages(usages, USAGES, name);
        if (extractable) throw syntaxError(`A key of ${name} cannot be extractable.`);
        return secretMaterial({ name }, data);
      },
    },
    getKeyLength: { run: () => null },
  };
}

export function install() {
  register('HKDF', {
    deriveBits: {
      params: hkdfParams,
      run({ hash, salt, info }, key, length) {
        return answer(hkdf(hash, key.handle, salt, info, checkLength(length)), 'OperationError');
      },
    },
    ...keyOperations('HKDF'),
  });
  register('PBKDF2', {
    deriveBits: {
      params: pbkdf2Params,
      run({ hash, salt, iterations }, key, length) {
        const bytes = checkLength(length);
        if (iterations === 0) throw operationError('The number of iterations must not be 0.');
        if (iterations > ITERATIONS_ALLOWED) {
          throw notSupported(`Pbkdf2 failed: iteration counts above ${ITERATIONS_ALLOWED} are not supported (requested ${iterations}).`);
        }
        return answer(pbkdf2(hash, key.handle, salt, iterations, bytes), 'OperationError');
      },
    },
    ...keyOperations('PBKDF2'),
  });
}
