// The hash functions.

import { register } from './registry.js';

const { digest } = native.crypto;

const HASHES = ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'];

export function install() {
  const run = ({ name }, data) => digest(name, data);
  for (const name of HASHES) register(name, { digest: { run }, hash: { run } });
  // of Workers: to digest, but not for other algorithms
  register('MD5', { digest: { run } });
}
