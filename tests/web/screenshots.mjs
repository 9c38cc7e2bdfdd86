// Makes the pictures in docs/images/ from the real pages.
import { join } from 'node:path';
import { request } from 'node:http';
import { browser, dev, folder, LONG_PATIENCE, page as open, ROOT, run, serve } from './support.mjs';

const at = (name) => join(ROOT, 'docs/images', name);
const SCHEMES = [
  ['light', { colorScheme: 'light', viewport: { width: 1280, height: 800 } }],
  ['dark', { colorScheme: 'dark', viewport: { width: 1280, height: 800 } }],
  ['phone', { colorScheme: 'light', viewport: { width: 390, height: 780 }, deviceScaleFactor: 2 }],
];

/** `playground` or `dashboard`, when only its pictures are wanted. */
const which = process.argv[2];
const chrome = await browser();
if (which !== 'dashboard') await shootPlayground();
if (which !== 'playground') await shootDashboard();
await chrome.close();

async function shootPlayground() {
  const playground = await dev('examples/hello/worker.js');
  for (const [name, options] of SCHEMES) {
    const { page, context } = await open(chrome, options);
    await page.goto(playground.playground);
    const first = await page.getByTestId('fuel').getAttribute('data-fuel');
    await page.getByLabel('Examples').selectOption({ label: 'Mandelbrot' });
    await page.getByRole('tab', { name: 'Flame graph' }).click();
    await page.waitForFunction((first) => document.querySelector('[data-testid=fuel]')?.dataset.fuel !== first, first);
    await page.getByTestId('flame').waitFor({ timeout: LONG_PATIENCE });
    await page.getByRole('button', { name: 'Run again' }).click();
    await page.getByText('the same in 2 runs').waitFor();
    await page.screenshot({ path: at(`playground-${name}.png`) });
    await context.close();
  }
  await playground.stop();
}

/** Fails, answers for once, or answers for a second. */
function worker(text) {
  return `export default { fetch: (request) => {
  if (request.url.endsWith("/fail")) throw new Error("out of stock");
  return new Response("${text}", { headers: { "cache-control": request.url.endsWith("/") ? "no-store" : "max-age=1" } });
} };`;
}

async function shootDashboard() {
  const data = folder();
  const project = folder({
    'wrangler.toml': 'name = "shop"\nmain = "worker.js"\ncompatibility_date = "2026-01-01"\nroutes = [{ pattern = "shop.example/*", cache = true }]\n',
    'worker.js': worker('hello'),
  });
  const server = await serve(['serve', '--data', data.path, '--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0'], {
    token: /^token (\S+)$/m,
    admin: /^admin on (\S+)$/m,
    url: /^ready on (\S+)$/m,
  });
  const cli = (...args) => run(args, { GLOWPLUG_SERVER: server.admin, GLOWPLUG_TOKEN: server.token });
  for (const message of ['first version', 'say hello']) {
    await cli('deploy', project.path, '--message', message);
    project.write('worker.js', worker('hello!'));
  }
  const visit = (path) => new Promise((resolve) => request(server.url + path, { headers: { host: 'shop.example' } }, (answer) => answer.resume().on('end', resolve)).end());
  let visiting = true;
  const visits = (async () => {
    for (let number = 0; visiting; number++) {
      await visit(number % 40 === 39 ? '/fail' : number % 5 === 0 ? '/' : '/news');
      await new Promise((resolve) => setTimeout(resolve, 20 + 15 * Math.sin(number / 30)));
    }
  })();
  for (const [name, options] of SCHEMES) {
    const { page, context } = await open(chrome, options);
    await page.goto(`${server.admin}/`);
    await page.getByLabel('Token').fill(server.token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.goto(`${server.admin}/dashboard/#/workers/shop`);
    await page.getByRole('form', { name: 'Gradual rollout' }).waitFor();
    await page.getByTestId('worker-live').waitFor();
    // Enough for the picture to show something.
    await page.waitForTimeout(15_000);
    await page.screenshot({ path: at(`dashboard-${name}.png`) });
    await context.close();
  }
  visiting = false;
  await visits;
  await server.stop();
  project.remove();
  data.remove();
}
