import type { Request, Tab } from './state.ts';

/** What a link carries: everything between `#` and its end, which no server sees. */
interface Shared {
  title: string;
  files: Record<string, string>;
  request: Request;
}

const PREFIX = '#code=';
/** Past this, programs that pass links on begin to cut them. */
export const LONGEST = 30_000;

async function through(bytes: Uint8Array, stream: CompressionStream | DecompressionStream): Promise<Uint8Array> {
  const piped = new Blob([bytes as BlobPart]).stream().pipeThrough(stream as unknown as ReadableWritablePair<Uint8Array, Uint8Array>);
  return new Uint8Array(await new Response(piped).arrayBuffer());
}

export async function encode(tab: Tab): Promise<string> {
  const shared: Shared = { title: tab.title, files: tab.files, request: tab.request };
  const packed = await through(new TextEncoder().encode(JSON.stringify(shared)), new CompressionStream('deflate-raw'));
  let text = '';
  for (const byte of packed) text += String.fromCharCode(byte);
  return PREFIX + btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** The program in a fragment; nothing if there is none, an error if it is damaged. */
export async function decode(fragment: string): Promise<Shared | undefined> {
  if (!fragment.startsWith(PREFIX)) return undefined;
  try {
    const text = atob(fragment.slice(PREFIX.length).replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
    const value: unknown = JSON.parse(new TextDecoder().decode(await through(bytes, new DecompressionStream('deflate-raw'))));
    return checked(value);
  } catch {
    throw new Error('The link is damaged: it was cut, or is not one of the playground.');
  }
}

function checked(value: unknown): Shared {
  const { title, files, request } = value as Partial<Shared>;
  const texts = (record: unknown): record is Record<string, string> =>
    typeof record === 'object' && record !== null && Object.values(record).every((text) => typeof text === 'string');
  const pairs = (list: unknown): list is [string, string][] =>
    Array.isArray(list) && list.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === 'string'));
  if (
    typeof title !== 'string' || !texts(files) || Object.keys(files).length === 0 || typeof request?.method !== 'string' ||
    typeof request.url !== 'string' || typeof request.body !== 'string' || !pairs(request.headers)
  ) {
    throw new Error('not a shared program');
  }
  return { title, files, request };
}
