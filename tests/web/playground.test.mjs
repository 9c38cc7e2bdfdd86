// The playground as a person uses it: a real `glowplug dev`, a real browser.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { join } from 'node:path';
import { dollars, MODELS, perMillion } from './prices.mjs';
import { browser, dev, folder, LONG_PATIENCE, overflows, page as open, PATIENCE, prices, ROOT, serious, serve } from './support.mjs';

const HELLO = "export default {\n  fetch() {\n    return new Response('hello');\n  },\n};\n";
const BROKEN = "export default {\n  fetch() {\n    return new Response('hello';\n  },\n};\n";
const THROWS = 'export default {\n  fetch(request) {\n    const url = new URL(request.url);\n    return missing(url);\n  },\n};\n';
const SLOWER = "export default {\n  fetch() {\n    let n = 0;\n    for (let i = 0; i < 1000; i++) n += i;\n    return new Response('hello');\n  },\n};\n";

let chrome;
let server;
let project;

before(async () => {
  project = folder({ 'worker.js': HELLO });
  [chrome, server] = await Promise.all([browser(), dev(project.file('worker.js'))]);
});
after(async () => {
  await chrome?.close();
  await server?.stop();
  project?.remove();
});

/** A fresh browser at the playground, with the project's own program run once. */
async function playground(options) {
  const opened = await open(chrome, options);
  await opened.page.goto(server.playground);
  await opened.page.getByTestId('fuel').waitFor();
  return { ...opened, ...controls(opened.page) };
}

const controls = (page) => ({
  fuel: () => page.getByTestId('fuel').getAttribute('data-fuel').then(Number),
  write: async (text) => {
    await page.locator('.cm-content').first().click();
    await page.keyboard.press('ControlOrMeta+a');
    // As a paste, so that brackets are not closed as they are typed.
    await page.keyboard.insertText(text);
  },
  shows: (text) => page.getByTestId('body').getByText(text, { exact: true }).waitFor(),
  ran: (was) => page.waitForFunction((was) => document.querySelector('[data-testid=fuel]')?.dataset.fuel !== String(was), was),
});

describe('the playground', { timeout: 4 * LONG_PATIENCE }, () => {
  test('runs what is written, and the same again costs the same', async () => {
    const { page, errors, context, fuel, write, shows } = await playground();
    await shows('hello');
    const first = await fuel();
    assert.ok(first > 100_000, `${first}`);
    for (const times of [2, 3]) {
      await page.getByRole('button', { name: 'Run again' }).click();
      await page.getByText(`the same in ${times} runs`).waitFor();
      assert.equal(await fuel(), first);
    }
    await write(HELLO.replace("'hello'", "'other'"));
    await shows('other');
    assert.equal(await page.getByTestId('status').textContent(), '200 OK');
    assert.deepEqual(errors, []);
    await context.close();
  });

  test('shows an error at its line, and that it is mended', async () => {
    const { page, errors, context, write, shows } = await playground();
    await write(BROKEN);
    const problem = page.getByTestId('problems');
    await problem.waitFor();
    await problem.getByRole('button', { name: 'worker.js:3:' }).waitFor();
    const marker = page.locator('.cm-gutter-lint .cm-lint-marker-error');
    await marker.waitFor();
    const line = page.locator('.cm-line').nth(2);
    const [mark, text] = await Promise.all([marker.boundingBox(), line.boundingBox()]);
    assert.ok(Math.abs(mark.y + mark.height / 2 - (text.y + text.height / 2)) < text.height / 2, 'the mark stands beside line 3');
    await write(THROWS);
    await problem.getByText('missing is not defined').waitFor();
    assert.equal(await page.getByTestId('status').textContent(), '500 Internal Server Error');
    await problem.getByRole('button', { name: 'worker.js:4:' }).click();
    await page.locator('.cm-activeLine').getByText('return missing(url);').waitFor();
    await write(HELLO);
    await shows('hello');
    await problem.waitFor({ state: 'detached' });
    await marker.waitFor({ state: 'detached' });
    assert.deepEqual(errors, []);
    await context.close();
  });

  test('completes what workers have', async () => {
    const { page, errors, context, write } = await playground();
    await write('export default {\n  async fetch(request) {\n    const url = new URL(request.url);\n    url.searchParams.');
    await page.keyboard.type('ge');
    const list = page.getByRole('listbox');
    await list.getByRole('option', { name: /^getAll/ }).waitFor();
    await page.keyboard.press('Escape');
    await write('export default {\n  async fetch(request) {\n    const answer = await fetch(request);\n    answer.');
    await page.keyboard.type('js');
    await list.getByRole('option', { name: /^json/ }).waitFor();
    await write('export default {\n  async fetch(request) {\n    request.');
    await page.keyboard.type('h');
    await list.getByRole('option', { name: /^headers/ }).waitFor();
    await page.keyboard.press('Escape');
    // In TypeScript the author's own types count.
    await page.getByRole('button', { name: '+ file' }).click();
    await page.getByLabel('Name of the new file').fill('lib.ts');
    await page.keyboard.press('Enter');
    // The editor has the file a moment after its name is there; what is typed before goes into the other.
    await page.getByLabel(/^Source of lib\.ts\. Escape/).waitFor();
    for (const [typed, option] of [
      ['asked.', /^method/],
      ['env.', /^GREETING/],
      ['env.DATA.', /^getWithMetadata/],
      ['headers.', /^getSetCookie/],
      ['caches.default.', /^match/],
    ]) {
      await write(`interface Env {\n  GREETING: string;\n  DATA: KVNamespace;\n}\nexport async function run(asked: Request, env: Env): Promise<void> {\n  const { headers } = asked;\n  ${typed}`);
      await page.keyboard.type(option.source[1]);
      await list.getByRole('option', { name: option }).waitFor();
      await page.keyboard.press('Escape');
    }
    assert.deepEqual(errors, []);
    await context.close();
  });

  test('sends the request that is asked for, and shows the console', async () => {
    const { page, errors, context, write, shows } = await playground();
    await write("export default {\n  async fetch(r) {\n    console.warn('asked', r.method);\n    return Response.json({ body: await r.text(), by: r.headers.get('x-by') });\n  },\n};\n");
    await page.getByLabel('Method').selectOption('POST');
    await page.getByText('Headers and body').click();
    await page.getByRole('button', { name: 'Add header' }).click();
    await page.getByLabel('Name of header 1').fill('x-by');
    await page.getByLabel('Value of header 1').fill('me');
    await page.getByLabel('Body').fill('some text');
    await shows('{ "body": "some text", "by": "me" }');
    await page.getByRole('tab', { name: 'Console' }).click();
    await page.getByTestId('console').getByText('asked POST').waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  test('shows an answer by its type', async () => {
    const { page, errors, context, write } = await playground();
    const answer = (body, type) => write(`export default { fetch: () => new Response(${body}, { headers: { 'content-type': '${type}' } }) };\n`);
    await answer('\'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><rect width="40" height="30" fill="green"/></svg>\'', 'image/svg+xml');
    const picture = page.getByAltText('What the worker answered with');
    await picture.waitFor();
    await page.waitForFunction(() => document.querySelector('img.picture')?.naturalWidth === 40);
    await answer("'<!doctype html><title>x</title><h1>a heading</h1>'", 'text/html');
    await page.frameLocator('iframe.preview').getByRole('heading', { name: 'a heading' }).waitFor();
    await page.getByRole('button', { name: 'Source' }).click();
    await page.getByTestId('body').getByText('<h1>a heading</h1>').waitFor();
    await answer('new Uint8Array([0, 1, 255, 65])', 'application/octet-stream');
    await page.getByTestId('body').getByText('00 01 ff 41').waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  test('compares two programs', async () => {
    const { page, errors, context, fuel, write } = await playground();
    const first = await fuel();
    await page.getByRole('button', { name: 'Copy this program' }).click();
    await write(SLOWER);
    // The copy runs as it is, too, and may do so after the other was written.
    let second = first;
    for (const end = Date.now() + LONG_PATIENCE; second === first && Date.now() < end;) {
      await controls(page).ran(first);
      second = await fuel();
    }
    assert.ok(second > first + 100_000, `${second} ${first}`);
    await page.getByRole('group', { name: 'Programs' }).getByRole('button', { name: 'worker', exact: true }).or(page.locator('.program button').first()).first().click();
    await page.getByRole('button', { name: 'Compare', exact: true }).click();
    const comparison = page.getByTestId('comparison');
    await comparison.getByText('Both answer alike.').waitFor();
    const row = comparison.getByRole('row', { name: /^Fuel/ });
    const cells = (await row.getByRole('cell').allTextContents()).slice(0, 2).map((text) => Number(text.replaceAll(',', '')));
    assert.deepEqual(cells, [first, second]);
    // What takes more CPU costs more where CPU is charged, and on all platforms there are both prices.
    const usd = await comparison.locator('tr[data-model]').evaluateAll((rows) => rows.map((row) => [row.dataset.model, ...[...row.cells].slice(1).map((cell) => cell.textContent)]));
    assert.deepEqual(usd.map(([model]) => model).sort(), [...MODELS].sort());
    const [, less, more, change] = usd.find(([model]) => model === 'cloudflare-standard');
    assert.ok(/^\$0\.\d+$/.test(less) && /^\$0\.\d+$/.test(more) && /^(the same|\+[\d.]+ %)$/.test(change), `${less} ${more} ${change}`);
    assert.deepEqual(errors, []);
    await context.close();
  });

  test('shows where the fuel went, and leads to the line', async () => {
    const { page, errors, context, write, ran, fuel } = await playground();
    const first = await fuel();
    await write(SLOWER);
    await ran(first);
    await page.getByRole('tab', { name: 'Flame graph' }).click();
    const flame = page.getByTestId('flame');
    await flame.waitFor({ timeout: LONG_PATIENCE });
    const shown = Number((await page.getByText('fuel by call, to the unit').textContent()).split(' ')[0].replaceAll(',', ''));
    assert.equal(shown, await fuel(), 'the profile accounts for the run to the unit');
    await flame.getByRole('button', { name: /^fetch: .*worker\.js:4/ }).click();
    await page.locator('.cm-activeLine').getByText('for (let i = 0').waitFor();
    await page.locator('.cm-heat .heat:visible').first().waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  test('says what a million such requests cost on each platform', async () => {
    const { page, errors, context } = await playground();
    const answered = page.waitForResponse((response) => response.url().endsWith('/api/run'));
    await page.getByRole('button', { name: 'Run again' }).click();
    const { usage, program } = await (await answered).json();
    await page.getByText('the same in 2 runs').waitFor();
    await page.getByRole('tab', { name: 'Prices' }).click();
    const shown = await prices(page);
    assert.deepEqual(Object.keys(shown).sort(), [...MODELS].sort());
    const mib = 1024 * 1024;
    const workload = { t: usage.wall_ms, c: usage.cpu_ms, m: program.memory_limit / mib, p: usage.peak_memory / mib };
    for (const model of MODELS) assert.deepEqual(shown[model], [dollars(perMillion(model, workload))], `${model} of ${JSON.stringify(workload)}`);
    assert.deepEqual(errors, []);
    await context.close();
  });

  test('runs a component that is uploaded', async () => {
    const { page, errors, context } = await playground();
    await page.getByLabel('Component file').setInputFiles(join(ROOT, 'tests/guests/dist/hello-rust.wasm'));
    await page.getByRole('heading', { name: 'hello-rust.wasm' }).waitFor();
    await page.getByTestId('body').getByText(/hello/i).waitFor({ timeout: LONG_PATIENCE });
    assert.equal(await page.getByTestId('status').textContent(), '200 OK');
    assert.deepEqual(errors, []);
    await context.close();
  });

  test('runs components of several languages, each to the unit the same again', async () => {
    const { page, errors, context, fuel } = await playground();
    const compare = (path) => join(ROOT, 'examples/compare/dist', path);
    for (const [file, url, answer] of [
      [compare('rust/mandelbrot.wasm'), '/?size=16', 'size=16 iterations='],
      [compare('c/mandelbrot.wasm'), '/?size=16', 'size=16 iterations='],
      [compare('assemblyscript/mandelbrot.wasm'), '/?size=16', 'size=16 iterations='],
      [compare('c/hello.wasm'), '/', 'Hello from glowplug!'],
      [join(ROOT, 'tests/guests/dist/bare.wasm'), '/', 'wasi:http 0.2'],
    ]) {
      await page.getByLabel('Component file').setInputFiles(file);
      await page.getByRole('heading', { name: file.replace(/.*\//, '') }).last().waitFor();
      await page.getByLabel('URL').fill(url);
      await page.getByTestId('body').getByText(answer).waitFor({ timeout: LONG_PATIENCE });
      const first = await fuel();
      await page.getByRole('button', { name: 'Run again' }).click();
      await page.getByText('the same in 2 runs').waitFor();
      assert.equal(await fuel(), first, file);
      await page.getByRole('tab', { name: 'Flame graph' }).click();
      await page.getByTestId('flame').waitFor({ timeout: LONG_PATIENCE });
      await page.getByRole('tab', { name: 'Response' }).click();
    }
    assert.deepEqual(errors, []);
    await context.close();
  });

  test('says of a file that is no component for HTTP what it is', async () => {
    const { page, context, fuel } = await playground();
    const before = await fuel();
    const whole = readFileSync(join(ROOT, 'examples/compare/dist/c/hello.wasm'));
    for (const [name, bytes, message] of [
      ['text.wasm', Buffer.from('no'), 'text.wasm: not a WebAssembly file'],
      ['empty.wasm', Buffer.alloc(0), 'empty.wasm: not a WebAssembly file'],
      ['core.wasm', Buffer.from('\0asm\x01\0\0\0', 'latin1'), 'core.wasm: this is a core WebAssembly module, not a component'],
      ['nothing.wasm', Buffer.from('\0asm\x0d\0\x01\0', 'latin1'), 'nothing.wasm: the component exports neither `wasi:http/incoming-handler@0.2` nor'],
      ['cut.wasm', whole.subarray(0, whole.length / 2), 'cut.wasm: the WebAssembly file is damaged or truncated'],
    ]) {
      await page.getByLabel('Component file').setInputFiles({ name, mimeType: 'application/wasm', buffer: bytes });
      await page.getByTestId('notice').getByText(message).waitFor();
    }
    assert.equal(await page.locator('.program').count(), 1, 'no tab was opened');
    assert.equal(await fuel(), before, 'what was open is still there');
    await context.close();
  });

  test('carries a program in a link, and runs it when its reader says so', async () => {
    const { page, context, write, shows } = await playground();
    await write(HELLO.replace("'hello'", "'from a link'"));
    await shows('from a link');
    await page.getByRole('button', { name: 'Share' }).click();
    await page.waitForURL(/#code=/);
    const link = page.url();
    await context.close();
    const other = await open(chrome);
    const asked = [];
    other.page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await other.page.goto(link);
    await other.page.getByText('This code came by a link').waitFor();
    await other.page.waitForTimeout(1000);
    assert.ok(!asked.some((path) => path.endsWith('/api/run')), 'nothing ran by itself');
    await other.page.getByRole('button', { name: 'Run it' }).click();
    await controls(other.page).shows('from a link');
    assert.deepEqual(other.errors, []);
    await other.context.close();
    const damaged = await open(chrome);
    await damaged.page.goto(`${server.playground}#code=abc`);
    await damaged.page.getByTestId('notice').getByText('The link is damaged').waitFor();
    await damaged.context.close();
  });

  test("keeps a worker's page from the playground around it and from its API", async () => {
    const { page, errors, context, write } = await playground();
    const script = `
      const said = [];
      const done = (text) => { said.push(text); document.body.textContent = said.join('; '); };
      try { done('parent ' + parent.document.title); } catch (error) { done('parent ' + error.name); }
      try { done('storage ' + sessionStorage.length); } catch (error) { done('storage ' + error.name); }
      try { top.location = 'about:blank'; done('top moved'); } catch (error) { done('top ' + error.name); }
      fetch('${server.playground}api/project', { headers: { 'x-glowplug-playground': '1' } }).then(() => done('api reached'), (error) => done('api ' + error.name));`;
    await write(`export default {\n  fetch() {\n    return new Response(${JSON.stringify(`<!doctype html><title>x</title><body><script>${script}</script>`)}, { headers: { 'content-type': 'text/html' } });\n  },\n};\n`);
    const inside = page.frameLocator('iframe.preview').locator('body');
    await inside.getByText('api ').waitFor();
    assert.equal(await inside.textContent(), 'parent SecurityError; storage SecurityError; top SecurityError; api TypeError');
    assert.equal(page.url(), server.playground, 'the page is where it was');
    const frame = await page.locator('iframe.preview').getAttribute('sandbox');
    assert.equal(frame, 'allow-scripts');
    // What the browser refused is in its console; nothing else is.
    assert.ok(errors.length > 0 && errors.every((error) => /preview|sandbox|Content Security Policy/i.test(error)), errors.join('\n'));
    await context.close();
  });

  test('has nothing inline, and a policy that allows nothing inline', async () => {
    const page = await fetch(server.playground);
    const policy = page.headers.get('content-security-policy');
    assert.ok(policy.includes("frame-ancestors 'none'") && !policy.includes('unsafe-eval') && !/script-src[^;]*unsafe/.test(policy), policy);
    assert.ok(!(await page.text()).match(/<script(?![^>]* src=)|\son\w+=|<style/i), 'nothing is inline');
  });

  test('is opened by `dev --open`', async () => {
    // What desktops have under this name hands the address to their browser.
    const desktop = folder({ 'xdg-open': '#!/bin/sh\nprintf %s "$1" > "$0.new" && mv "$0.new" "$0.told"\n' });
    chmodSync(desktop.file('xdg-open'), 0o755);
    const other = await serve(['dev', '--port', '0', '--playground-port', '0', '--open', project.file('worker.js')], { playground: /^playground on (\S+)$/m }, { PATH: `${desktop.path}:${process.env.PATH}` });
    const told = desktop.file('xdg-open.told');
    for (let times = 0; times < 200 && !existsSync(told); times++) await new Promise((resolve) => setTimeout(resolve, 100));
    const url = readFileSync(told, 'utf8');
    await other.stop();
    desktop.remove();
    assert.equal(url, other.playground);
  });

  test('answers its own page and no other', async () => {
    const url = new URL('api/run', server.playground);
    const call = (headers) => fetch(url, { method: 'POST', body: JSON.stringify({ program: { files: { 'worker.js': HELLO } }, request: { method: 'GET', url: '/' } }), headers });
    const own = { 'x-glowplug-playground': '1', 'content-type': 'application/json' };
    assert.equal((await call(own)).status, 200);
    for (const headers of [{}, { ...own, origin: 'http://evil.example' }, { ...own, origin: 'null' }, { ...own, origin: server.url }]) {
      assert.equal((await call(headers)).status, 403, JSON.stringify(headers));
    }
    // A page of the worker itself, at the address that `dev` serves it on.
    project.write('worker.js', "export default { fetch: () => new Response('<!doctype html><title>own</title>', { headers: { 'content-type': 'text/html' } }) };\n");
    const { page, context } = await open(chrome);
    await page.goto(server.url);
    await page.waitForFunction(() => document.title === 'own' || location.reload(), undefined, { timeout: PATIENCE, polling: 500 });
    const reached = await page.evaluate(
      (url) => fetch(url, { method: 'POST', body: '{}', headers: { 'x-glowplug-playground': '1' } }).then((answer) => answer.status, (error) => error.name),
      String(url),
    );
    assert.equal(reached, 'TypeError');
    await context.close();
    project.write('worker.js', HELLO);
  });

  test("leaves the author's files out of what a link brings", async () => {
    const secret = folder({ 'secret.json': '{"secret":"hidden"}' });
    const body = { program: { files: { 'worker.js': `import s from ${JSON.stringify(secret.file('secret.json'))};\nexport default { fetch: () => Response.json(s) };` } }, request: { method: 'GET', url: '/' } };
    const answer = await fetch(new URL('api/run', server.playground), { method: 'POST', body: JSON.stringify(body), headers: { 'x-glowplug-playground': '1' } });
    const text = await answer.text();
    secret.remove();
    assert.equal(answer.status, 200);
    assert.ok(text.includes("is not one of the playground's files") && !text.includes('hidden'), text);
  });

  test('can be read by everybody, on a phone too', async () => {
    for (const options of [{ colorScheme: 'light' }, { colorScheme: 'dark' }, { colorScheme: 'light', viewport: { width: 360, height: 740 } }]) {
      const { page, errors, context, ran, fuel, write } = await playground(options);
      const readable = async (what) => {
        assert.deepEqual(await serious(page), [], `${what} ${JSON.stringify(options)}`);
        assert.equal(await overflows(page), false, `${what} ${JSON.stringify(options)}`);
      };
      const first = await fuel();
      await page.getByLabel('Examples').selectOption({ label: 'JSON API' });
      await ran(first);
      await page.getByRole('tab', { name: 'Flame graph' }).click();
      await page.getByTestId('flame').waitFor({ timeout: LONG_PATIENCE });
      for (const view of ['Flame graph', 'Prices', 'Console', 'Headers', 'Response']) {
        await page.getByRole('tab', { name: view }).click();
        await readable(view);
      }
      // The example has a body, so these are open.
      await page.getByRole('button', { name: 'Add header' }).click();
      await readable('Request');
      await page.getByRole('button', { name: 'Compare', exact: true }).click();
      await page.getByTestId('comparison').getByText('Their answers differ.').waitFor();
      await readable('Compare');
      await page.getByRole('button', { name: 'Compare', exact: true }).click();
      await page.getByRole('button', { name: 'Copy this program' }).click();
      await write(THROWS);
      await page.getByTestId('problems').waitFor();
      await readable('Problems');
      // The scheme that is chosen on the page, whatever the system's is.
      for (const scheme of ['dark', 'light']) {
        await page.getByLabel('Colours').selectOption(scheme);
        await readable(`Problems, ${scheme} by choice`);
      }
      assert.deepEqual(errors, []);
      await context.close();
    }
  });

  test('can be used with the keyboard', async () => {
    const { page, errors, context, write, shows } = await playground();
    await write(HELLO.replace("'hello'", "'keys'"));
    // While completions are looked for, Escape ends that.
    await shows('keys');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => Boolean(document.activeElement?.closest('.editor'))), false, 'Escape and Tab leave the editor');
    await page.getByRole('tab', { name: 'Response' }).focus();
    await page.keyboard.press('ArrowRight');
    assert.equal(await page.getByRole('tab', { name: 'Headers' }).getAttribute('aria-selected'), 'true');
    await page.keyboard.press('End');
    assert.equal(await page.getByRole('tab', { name: 'Prices' }).getAttribute('aria-selected'), 'true');
    await page.keyboard.press('ArrowLeft');
    const flame = page.getByTestId('flame');
    await flame.waitFor({ timeout: LONG_PATIENCE });
    assert.equal(await flame.locator('[tabindex="0"]').count(), 1, 'the flame graph is one stop of Tab');
    await flame.locator('[tabindex="0"]').focus();
    const at = () => page.evaluate(() => document.activeElement.getAttribute('aria-label') ?? '');
    const seen = new Set();
    for (const key of ['Home', 'ArrowDown', 'ArrowRight', 'ArrowUp', 'ArrowLeft', 'ArrowDown', 'ArrowDown', 'ArrowDown']) {
      await page.keyboard.press(key);
      seen.add(await at());
    }
    assert.ok(seen.size > 2 && [...seen].every((label) => / fuel, /.test(label)), [...seen].join('; '));
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Whole' }).click();
    assert.deepEqual(errors, []);
    await context.close();
  });
});
