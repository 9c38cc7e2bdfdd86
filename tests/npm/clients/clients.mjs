// Clients written in JavaScript, on Node.js, Deno or Bun: clients.mjs NAME

import { readFileSync } from 'node:fs';
import process from 'node:process';
import { echoed, observe, ofFetch, ofNode, answer, PATIENCE, URL_OF_EDGE } from './observe.mjs';

const packageVersion = (name) => JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url))).version;
const runtimeVersion = () => globalThis.Deno?.version.deno ?? process.versions.bun ?? process.versions.node;

async function read(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const clients = {
  async fetch() {
    const websocket = globalThis.WebSocket && (() => echoed(WebSocket, URL_OF_EDGE));
    await observe(runtimeVersion(), async (method, url, body) => ofFetch(await fetch(url, { method, body })), websocket);
  },

  /** One connection for all requests; redirects are left to the user. */
  async https() {
    const { Agent, request } = await import('node:https');
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = (method, url, body) =>
      new Promise((resolve, reject) => {
        const asking = request(url, { agent, method, timeout: PATIENCE }, async (response) => {
          const answered = ofNode(response, await read(response));
          resolve(answered.status === 302 ? ask(method, new URL(response.headers.location, url), body) : answered);
        });
        asking.on('error', reject).end(body ?? undefined);
      });
    await observe(runtimeVersion(), ask);
    agent.destroy();
  },

  /** One connection for all requests; redirects are left to the user. */
  async http2() {
    const { connect } = await import('node:http2');
    const session = connect(URL_OF_EDGE);
    const ask = async (method, url, body) => {
      const { pathname, search } = new URL(url);
      const stream = session.request({ ':method': method, ':path': pathname + search }).end(body ?? undefined);
      const headers = await new Promise((resolve, reject) => stream.on('response', resolve).on('error', reject));
      const answered = ofNode({ statusCode: headers[':status'], httpVersion: session.alpnProtocol, headers }, await read(stream));
      return answered.status === 302 ? ask(method, new URL(headers.location, url), body) : answered;
    };
    await observe(runtimeVersion(), ask);
    session.close();
  },

  async undici() {
    const { Agent, fetch, WebSocket } = await import('undici');
    const dispatcher = new Agent({ allowH2: true });
    await observe(
      packageVersion('undici'),
      async (method, url, body) => ofFetch(await fetch(url, { method, body, dispatcher })),
      () => echoed(WebSocket, URL_OF_EDGE),
    );
    await dispatcher.close();
  },

  async axios() {
    const { default: axios } = await import('axios');
    await observe(axios.VERSION, async (method, url, data) => {
      const response = await axios({ method, url, data, responseType: 'arraybuffer' });
      return answer({
        status: response.status,
        version: response.request.res.httpVersion,
        header: (name) => response.headers[name],
        cookies: response.headers['set-cookie'],
        body: response.data,
      });
    });
  },

  async got() {
    const { default: got } = await import('got');
    await observe(packageVersion('got'), async (method, url, body) => {
      const response = await got(url, { method, body: body ?? undefined, http2: true, responseType: 'buffer' });
      return ofNode(response, response.body);
    });
    process.exit();
  },

  async 'node-fetch'() {
    const { default: fetch } = await import('node-fetch');
    await observe(packageVersion('node-fetch'), async (method, url, body) => ofFetch(await fetch(url, { method, body })));
  },

  async ky() {
    const { default: ky } = await import('ky');
    await observe(packageVersion('ky'), async (method, url, body) => ofFetch(await ky(url, { method, body })));
  },

  superagent: () => superagent((request) => request),
  'superagent-h2': () => superagent((request) => request.http2()),
};

async function superagent(prepare) {
  const { default: agent } = await import('superagent');
  await observe(packageVersion('superagent'), async (method, url, body) => {
    const request = prepare(agent(method, url)).buffer(true).parse((response, done) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(Buffer.from(chunk))).on('end', () => done(null, Buffer.concat(chunks)));
    });
    const response = await (body ? request.type('application/octet-stream').send(body) : request);
    return answer({
      status: response.status,
      version: response.res.httpVersion,
      header: (name) => response.headers[name],
      cookies: response.headers['set-cookie'],
      body: Buffer.isBuffer(response.body) ? response.body : '',
    });
  });
  process.exit();
}

await clients[process.argv[2]]();
