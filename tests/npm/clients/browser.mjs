// Headless Chromium, asked by a page of the server's own: browser.mjs http/1.1|h2|h3

import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { chromium } from 'playwright-core';
import { answer, echoed, observe, URL_OF_EDGE } from './observe.mjs';

const PROTOCOL = process.argv[2];
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = process.env.CHROMIUM ?? PLACES.find(existsSync);
if (!executablePath) throw new Error('there is no Chromium\nhint: apt-get install chromium, or name one in CHROMIUM');

/** Chromium takes no authority from a file, but the one key that it is told. */
const key = new X509Certificate(readFileSync(process.env.EDGE_CERTIFICATE)).publicKey.export({ type: 'spki', format: 'der' });
const args = ['--no-sandbox', '--disable-dev-shm-usage', `--ignore-certificate-errors-spki-list=${createHash('sha256').update(key).digest('base64')}`];
// Over QUIC it asks ::1 alone, where the server is not.
args.push('--host-resolver-rules=MAP localhost 127.0.0.1');
if (PROTOCOL === 'h3') args.push('--enable-quic', `--origin-to-force-quic-on=${new URL(URL_OF_EDGE).host}`);
else args.push('--disable-quic');
if (PROTOCOL === 'http/1.1') args.push('--disable-http2');

const browser = await chromium.launch({ executablePath, args });
try {
  const page = await browser.newPage();
  await page.goto(`${URL_OF_EDGE}/page`);
  const ask = async (method, url, body) => {
    const seen = await page.evaluate(inPage, { method, url, body: body?.toString('base64') ?? null });
    const headers = new Map(seen.headers);
    const cookies = url.endsWith('/cookies') ? (await page.context().cookies(url)).map(({ name, value }) => `${name}=${value}`) : [];
    return answer({ ...seen, header: (name) => headers.get(name), cookies, body: Buffer.from(seen.body, 'base64') });
  };
  await observe(browser.version(), ask, () => page.evaluate(`(${echoed})(WebSocket, ${JSON.stringify(URL_OF_EDGE)})`));
} finally {
  await browser.close();
}

/** Runs in the page, which hands over text alone. */
async function inPage({ method, url, body }) {
  const bytes = body === null ? null : Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0));
  const timed = new Promise((resolve) => {
    const observer = new PerformanceObserver((list) => {
      const entry = list.getEntriesByName(url)[0];
      if (entry) resolve(entry.nextHopProtocol);
    });
    observer.observe({ type: 'resource' });
  });
  const response = await fetch(url, { method, body: bytes, cache: 'no-store' });
  const read = new Uint8Array(await response.arrayBuffer());
  const letters = Array.from(read, (byte) => String.fromCharCode(byte)).join('');
  return { status: response.status, headers: [...response.headers], body: btoa(letters), version: await timed };
}
