// Asks for all that is in requests.txt and prints what came as a line of JSON.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { Buffer } from 'node:buffer';

export const URL_OF_EDGE = process.env.EDGE_URL;
export const BODY = readFileSync(process.env.EDGE_BODY);
export const PATIENCE = 60_000;

const PROTOCOLS = {
  '1.0': 'HTTP/1.0', 1.1: 'HTTP/1.1', '2.0': 'HTTP/2', 2: 'HTTP/2', 3: 'HTTP/3',
  'http/1.1': 'HTTP/1.1', h2: 'HTTP/2', h3: 'HTTP/3',
};

/** `version` is what the client takes the protocol for, if it says. */
export function answer({ status, version, header, cookies, body }) {
  const bytes = Buffer.from(body);
  return {
    status,
    version: version ? PROTOCOLS[version] ?? version : null,
    protocol: header('x-protocol') ?? null,
    path: header('x-path') ?? null,
    encoding: header('content-encoding') ?? null,
    received: header('x-sha256') ?? null,
    cookies: (cookies ?? []).map((cookie) => cookie.split(';')[0]).sort(),
    sha256: createHash('sha256').update(bytes).digest('hex'),
    text: bytes.length < 4096 ? bytes.toString('latin1') : null,
  };
}

/** An answer of `fetch`, of any make. */
export async function ofFetch(response) {
  const { status, headers } = response;
  // Of node-fetch, `raw()` gives the values one by one.
  const cookies = headers.getSetCookie ? headers.getSetCookie() : headers.raw()['set-cookie'];
  return answer({ status, header: (name) => headers.get(name), cookies, body: await response.arrayBuffer() });
}

/** An answer of Node's own HTTP modules, with its body. */
export const ofNode = (response, body) =>
  answer({
    status: response.statusCode,
    version: response.httpVersion,
    header: (name) => response.headers[name],
    cookies: response.headers['set-cookie'],
    body,
  });

/** `ask` is given a method, a URL and a body or null. */
export async function observe(version, ask, websocket = () => null) {
  const answers = {};
  for (const line of readFileSync(new URL('requests.txt', import.meta.url), 'utf8').trim().split('\n')) {
    const [name, method, path] = line.split(' ');
    answers[name] = await ask(method, URL_OF_EDGE + path, method === 'POST' ? BODY : null);
  }
  console.log(JSON.stringify({ version, answers, websocket: await websocket() }));
}

/** What a socket sends back. */
export const echoed = (WebSocket, url) =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace(/^http/, 'ws') + '/socket');
    socket.onopen = () => socket.send('hello');
    socket.onmessage = ({ data }) => {
      resolve(data);
      socket.close();
    };
    socket.onerror = (event) => reject(new Error(`the WebSocket failed: ${event.message ?? event.error ?? event.type}`));
  });
