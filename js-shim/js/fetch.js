// fetch() (fetch standard section 5.6 and 4.4): requests, redirects, abort, data: URLs. Bindings send theirs from here too.

import { addAlgorithm, removeAlgorithm } from './abort.js';
import { Body } from './body.js';
import { Encoded, received as readable } from './body-coding.js';
import { CF, cacheHeader } from './fetch-cf.js';
import { localResponse } from './local-fetch.js';
import { began, settled } from './pending.js';
import { forSending, isRequest, Request } from './request.js';
import { recordResource } from './resource-timing.js';
import { receivedResponse } from './response.js';
import { drain, expectedLength, isReadableStream } from './streams.js';
import { exposeFunctions } from './webidl.js';

const { disallow, fetch: send, hasIntegrity, monotonicNow, redirectUrl } = native;

const MAX_REDIRECTS = 20;
const BODY_HEADERS = ['content-encoding', 'content-language', 'content-length', 'content-location', 'content-type'];
// what one origin was told is not for another
const ORIGIN_HEADERS = ['authorization', 'cookie', 'host', 'proxy-authorization'];

/**
 * What answers: the network here, else a binding. It has `label` and `send`, and if its errors have words of their
 * own, `failure(reason)`; `entry` is then the note of what began (pending.js). With `needsBody`, a request body that
 * breaks off makes the request fail.
 */
const NETWORK = { label: 'fetch', send, failure: null, needsBody: false };

/** Follows a request over the network, and has it on the performance timeline. */
async function followTimed(request) {
  const { url } = request;
  const start = monotonicNow();
  try {
    return await follow(request, NETWORK);
  } finally {
    recordResource(withoutFragment(url), start);
  }
}

export function fetch(input, init = undefined) {
  if (arguments.length === 0) return Promise.reject(new TypeError('fetch needs 1 argument, but got 0.'));
  return fetchFrom(NETWORK, input, init);
}

/** As fetch(), with `peer` to answer, whatever host the URL names. */
export function fetchFrom(peer, input, init) {
  let request;
  try {
    disallow(`${peer.label}()`);
    const given = init === undefined && isRequest(input) ? input : new Request(input, init);
    request = forSending(given);
    if (request.body !== null && request.body.disturbed) {
      throw new TypeError('Body has already been used. It can only be used once. Use tee() first if you need to read it twice.');
    }
    if (request.signal !== null && request.signal.aborted) {
      if (request.body !== null) discard(request.body, request.signal.reason);
      throw request.signal.reason;
    }
    // Workers write the URL of a WebSocket either way
    if (/^wss?:/.test(request.url) && request.headers.get('upgrade')?.toLowerCase() === 'websocket') request.url = request.url.replace(/^ws/, 'http');
    if (/^(?:data|blob):/.test(request.url)) return Promise.resolve(deliver(localResponse(request), request, false));
    if (!/^https?:/.test(request.url)) throw new TypeError(`Fetch API cannot load: ${request.url}`);
  } catch (error) {
    return Promise.reject(error);
  }
  if (peer === NETWORK && request.cf !== undefined) {
    const asked = cacheHeader(request.cf);
    if (asked !== undefined) request.headers.set(CF, asked);
  }
  return peer === NETWORK ? followTimed(request) : follow(request, peer);
}

/** Uses up the body of a request that is not sent any more. */
function discard(body, reason) {
  const content = body.take();
  if (content instanceof ReadableStream) content.cancel(reason).catch(() => {});
}

/** The Response of what was received, or a promise of it while its integrity is looked at. */
function deliver(received, request, redirected) {
  const url = withoutFragment(request.url);
  // Rust's None is undefined
  const body = received.body ?? null;
  if (request.integrity === '') return receivedResponse(received, url, redirected, request.signal);
  if (body === null) throw new TypeError(`There is no body that could have the integrity ${request.integrity}.`);
  return verified(readable(body, received.headers), request.integrity).then((bytes) => receivedResponse({ status: received.status, headers: received.headers, body: bytes }, url, redirected, request.signal));
}

/** All of a body, which must have the digest that is asked for. */
async function verified(body, integrity) {
  const bytes = body instanceof Uint8Array ? body : new Uint8Array(await body.bytes());
  if (!hasIntegrity(bytes, integrity)) throw new TypeError(`The response's body does not match the integrity ${integrity}.`);
  return bytes;
}

async function follow(request, peer) {
  let redirects = 0;
  for (;;) {
    const received = await hop(request, peer);
    const location = isRedirect(received.status) ? received.headers.get('location') : undefined;
    if (location === undefined || request.redirect === 'manual') {
      return deliver(received, request, redirects > 0);
    }
    received.body?.cancel();
    // What is cached under a key of its own is the answer to the first request.
    request.headers.delete(CF);
    if (request.redirect === 'error') throw new TypeError(`Unexpected redirect to ${location}: the request has redirect: "error".`);
    redirects += 1;
    if (redirects > MAX_REDIRECTS) throw new TypeError('Too many redirects.');
    redirect(request, received.status, location);
  }
}

function isRedirect(status) {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

function withoutFragment(url) {
  const hash = url.indexOf('#');
  return hash === -1 ? url : url.slice(0, hash);
}

/** Makes `request` the next hop's (fetch standard, "HTTP-redirect fetch"). */
function redirect(request, status, location) {
  const target = redirectUrl(request.url, location);
  if (target === undefined || !/^https?:/.test(target[0])) throw new TypeError(`Invalid redirect location: ${location}`);
  const { method, body } = request;
  const becomesGet = status === 303 ? method !== 'GET' && method !== 'HEAD' : (status === 301 || status === 302) && method === 'POST';
  if (becomesGet) {
    request.method = 'GET';
    request.body = null;
    for (const name of BODY_HEADERS) request.headers.delete(name);
  } else if (body !== null) {
    if (!body.replayable) throw new TypeError('A request with a one-time-use body (it was initialized from a stream, not a buffer) encountered a redirect requiring the body to be retransmitted.');
    request.body = new Body(body.source);
  }
  if (target[1]) for (const name of ORIGIN_HEADERS) request.headers.delete(name);
  [request.url] = target;
}

/** One request and its answer, without following it. It is sent before this function first waits. */
export async function hop({ method, url, headers, body, signal }, peer) {
  let content = null;
  let stream = null;
  if (body !== null) {
    content = body.take();
    if (content instanceof Encoded) content = content.decoded;
    if (isReadableStream(content)) {
      stream = content;
      content = true;
      if (expectedLength(stream) !== undefined) headers.set('content-length', String(expectedLength(stream)));
    }
  }
  const entry = began(`${peer.label} ${method} ${url}`);
  const handle = peer.send(method, withoutFragment(url), headers, content);
  let onAbort = null;
  try {
    const arrived = peer.failure === null ? handle.promise : reworded(handle.promise, peer, entry);
    let answer = arrived;
    if (signal !== null) {
      answer = new Promise((resolve, reject) => {
        onAbort = (reason) => {
          handle.abort();
          reject(reason);
        };
        addAlgorithm(signal, onAbort);
        arrived.then(resolve, reject);
      });
    }
    if (stream !== null) {
      const sent = upload(stream, handle, signal);
      if (peer.needsBody) answer = Promise.race([sent.then(() => arrived), answer]);
      else sent.catch(() => {});
    }
    return await answer;
  } finally {
    settled(entry);
    if (onAbort !== null) removeAlgorithm(signal, onAbort);
  }
}

function reworded(promise, peer, entry) {
  peer.entry = entry;
  return promise.catch((error) => {
    // other errors are the engine's, not the request's
    throw error instanceof TypeError ? peer.failure(error.message) : error;
  });
}

/** Sends a body; rejects when its stream fails. That the other side takes no more is for the answer to say. */
async function upload(stream, handle, signal) {
  let sending = false;
  const write = async (bytes) => {
    sending = true;
    await handle.write(bytes);
    sending = false;
  };
  try {
    await drain(stream, write, 'the next chunk of a request body (a ReadableStream)', signal);
  } catch (error) {
    handle.fail();
    if (!sending) throw error;
    return;
  }
  handle.end();
}

export function install() {
  exposeFunctions({ fetch });
}
