// PEM (RFC 7468): what keys and certificates look like as text.

import { Buffer } from '../../buffer.js';
import { notSupported } from '../errors.js';

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g;

export const encrypted = () => notSupported('Private keys that are encrypted with a passphrase are');

/** The first block that has one of the labels, those before others: `[label, bytes]`, undefined if there is none. */
export function readPem(bytes, labels) {
  const blocks = new Map();
  for (const [, label, body] of Buffer.from(bytes).toString('latin1').matchAll(BLOCK)) {
    if (!blocks.has(label)) blocks.set(label, body);
  }
  const label = labels.find((name) => blocks.has(name));
  if (label === undefined) return undefined;
  const body = blocks.get(label);
  // "Proc-Type: 4,ENCRYPTED"
  if (label.startsWith('ENCRYPTED') || body.includes(':')) throw encrypted();
  return [label, Buffer.from(body.replaceAll(/\s/g, ''), 'base64')];
}

export function writePem(label, bytes) {
  const lines = Buffer.from(bytes).toString('base64').replaceAll(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
