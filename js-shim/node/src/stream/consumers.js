// node:stream/consumers.
import { Buffer } from '../buffer.js';

async function chunksOf(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  return chunks;
}

export const blob = async (stream) => new Blob(await chunksOf(stream));
export const arrayBuffer = async (stream) => (await blob(stream)).arrayBuffer();
export const buffer = async (stream) => Buffer.from(await arrayBuffer(stream));
export const text = async (stream) => new TextDecoder().decode(await arrayBuffer(stream));
export const json = async (stream) => JSON.parse(await text(stream));
export default { arrayBuffer, blob, buffer, json, text };
