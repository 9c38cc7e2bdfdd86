// Starts the program and a browser. Nothing is simulated: pages, servers and workers are those that users have.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const GLOWPLUG = process.env.GLOWPLUG_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target'), 'debug/glowplug');
const CHROMIUM = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
/** How long anything may take that should take no time; generous, since test machines are busy. */
export const PATIENCE = Number(process.env.PATIENCE ?? 60_000);
/** The first profile compiles an engine, which an unoptimised build takes its time for. */
export const LONG_PATIENCE = 180_000;

/** A folder that goes with the test. */
export function folder(files = {}) {
  const path = mkdtempSync(join(tmpdir(), 'glowplug-web-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return { path, file: (name) => join(path, name), write: (name, text) => writeFileSync(join(path, name), text), remove: () => rmSync(path, { recursive: true, force: true }) };
}

const environment = () => ({
  ...process.env,
  NO_COLOR: '1',
  GLOWPLUG_CACHE: process.env.GLOWPLUG_CACHE ?? join(dirname(dirname(GLOWPLUG)), 'tmp/code-cache'),
});

/** Runs the program until its standard error has all of `wanted`, which are patterns with one group. */
export async function serve(args, wanted, env = {}) {
  const child = spawn(GLOWPLUG, args, { env: { ...environment(), ...env }, stdio: ['ignore', 'ignore', 'pipe'], cwd: ROOT });
  let printed = '';
  const found = {};
  await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the server did not get ready:\n${printed}`)), LONG_PATIENCE);
    child.on('exit', (code) => reject(new Error(`the server ended with ${code}:\n${printed}`)));
    child.stderr.on('data', (data) => {
      printed += data;
      for (const [name, pattern] of Object.entries(wanted)) found[name] ??= pattern.exec(printed)?.[1];
      if (Object.keys(wanted).every((name) => found[name])) {
        clearTimeout(timer);
        resolve();
      }
    });
  });
  const stop = () =>
    new Promise((resolve) => {
      if (child.exitCode !== null) return resolve();
      child.removeAllListeners('exit');
      child.on('exit', resolve);
      child.kill('SIGKILL');
    });
  return { ...found, printed: () => printed, stop };
}

/** Runs the program to its end and gives what it printed. */
export function run(args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(GLOWPLUG, args, { env: { ...environment(), ...env }, stdio: ['ignore', 'pipe', 'pipe'], cwd: ROOT });
    let [out, err] = ['', ''];
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (err += data));
    child.on('exit', (code) => (code === 0 ? resolve(out) : reject(new Error(`${args.join(' ')} ended with ${code}:\n${err}`))));
  });
}

/** `glowplug dev` on free ports. */
export const dev = (path, ...flags) =>
  serve(['dev', '--port', '0', ...flags, path], { url: /^ready on (\S+)$/m, playground: /^playground on (\S+)$/m });

export async function browser() {
  if (!CHROMIUM) throw new Error('there is no Chromium\nhint: apt-get install chromium, or name one in CHROMIUM');
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/** A page that remembers what its console said and what failed. */
export async function page(chrome, options = {}) {
  const context = await chrome.newContext({ viewport: { width: 1280, height: 860 }, ...options });
  const opened = await context.newPage();
  opened.setDefaultTimeout(PATIENCE);
  const errors = [];
  opened.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(`${message.text()} (${message.location().url})`);
  });
  opened.on('pageerror', (error) => errors.push(String(error)));
  return { page: opened, errors, context };
}

/** What a table of prices says, by model: its figures as they are written. */
export const prices = (page) =>
  page.locator('table.prices tbody tr').evaluateAll((rows) => Object.fromEntries(rows.map((row) => [row.dataset.model, [...row.querySelectorAll('td.number')].map((cell) => cell.textContent)])));

/** What axe-core finds that is serious or worse, as text. */
export async function serious(page) {
  // Injected by the browser's own debugger, so the page's policy stays as it is.
  const source = require('node:fs').readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(source);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], iframes: false }));
  return violations
    .filter((violation) => ['serious', 'critical'].includes(violation.impact))
    .map((violation) => `${violation.id}: ${violation.nodes.map((node) => `${node.html.slice(0, 160)} ${node.failureSummary}`).join(' | ')}`);
}

/** Whether the page is wider than its window. */
export const overflows = (page) => page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
