// The dashboard as a person uses it: a real `glowplug serve`, deployed to with the real command line.
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { dollars, MODELS, perMillion, total } from './prices.mjs';
import { browser, folder, LONG_PATIENCE, overflows, page as open, prices, run, serious, serve } from './support.mjs';

const MANIFEST = `name = "shop"
main = "worker.js"
compatibility_date = "2026-01-01"
kv_namespaces = [{ binding = "DATA" }]
routes = ["shop.example/*", "shop.localhost/*", { pattern = "cached.example/*", cache = true }]
[vars]
GREETING = "good day"
`;
const worker = (text) => `export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/fail") throw new TypeError("out of stock");
    console.log("serving", pathname);
    if (pathname === "/attack") return new Response("<!doctype html><title>attack</title>", { headers: { "content-type": "text/html" } });
    if (pathname === "/news") return new Response(crypto.randomUUID(), { headers: { "cache-control": "max-age=600", "cache-tag": "news" } });
    return new Response(${JSON.stringify(text)} + " " + (await env.DATA.get("price")));
  },
};
`;

let chrome;
let server;
let project;
let data;

before(async () => {
  data = folder();
  project = folder({ 'wrangler.toml': MANIFEST, 'worker.js': worker('first') });
  const starting = serve(['serve', '--data', data.path, '--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0'], {
    token: /^token (\S+)$/m,
    admin: /^admin on (\S+)$/m,
    url: /^ready on (\S+)$/m,
  });
  [chrome, server] = await Promise.all([browser(), starting]);
  await deploy('first');
});
after(async () => {
  await chrome?.close();
  await server?.stop();
  project?.remove();
  data?.remove();
});

const cli = (...args) => run(args, { GLOWPLUG_SERVER: server.admin, GLOWPLUG_TOKEN: server.token });
async function deploy(text) {
  project.write('worker.js', worker(text));
  await cli('deploy', project.path, '--message', `say ${text}`);
}
const api = async (method, path, body) => {
  const init = { method, headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' } };
  const answer = await fetch(server.admin + path, body === undefined ? init : { ...init, body });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return answer;
};

/** What a visitor of the shop gets. */
const visit = (path = '/', host = 'shop.example') =>
  new Promise((resolve, reject) => {
    const asking = httpRequest(server.url + path, { headers: { host } }, (answer) => {
      let text = '';
      answer.on('data', (part) => (text += part));
      answer.on('end', () => resolve(text));
    });
    asking.on('error', reject);
    asking.end();
  });

async function signedIn(options, token = server.token) {
  const opened = await open(chrome, options);
  await opened.page.goto(`${server.admin}/`);
  await opened.page.getByLabel('Token').fill(token);
  await opened.page.getByRole('button', { name: 'Sign in' }).click();
  await opened.page.getByRole('heading', { name: 'Workers' }).waitFor();
  return opened;
}

const deployClock = async () => {
  const clock = folder({
    'wrangler.toml': 'name = "clock"\nmain = "worker.js"\ncompatibility_date = "2026-01-01"\n[triggers]\ncrons = ["0 0 1 1 *"]\n',
    'worker.js': 'export default { scheduled(controller) { console.log(controller.cron); } };',
  });
  await cli('deploy', clock.path);
  clock.remove();
};

/** What is opened on a page before it is looked at. */
const more = {
  'workers/shop': (page) => page.getByRole('button', { name: 'Roll back' }).click(),
  'workers/shop/tail': async (page) => {
    const request = page.getByTestId('events').getByText('shop.example/fail').first();
    for (let times = 0; times < 40 && !(await request.count()); times++) {
      await visit('/fail');
      await page.waitForTimeout(250);
    }
    await request.click();
    await page.locator('pre:visible', { hasText: 'out of stock' }).waitFor();
  },
  'kv/ID': async (page) => {
    await page.getByRole('button', { name: /^a-key-that/ }).click();
    await page.getByLabel('Value').waitFor();
    await page.getByRole('button', { name: 'Delete' }).click();
  },
  cache: async (page) => {
    await page.getByLabel('One in each line').fill(' ');
    await page.getByRole('button', { name: 'Purge everything' }).click();
    await page.getByRole('button', { name: 'Yes' }).click();
    await page.getByText('Everything was purged.').waitFor();
  },
};

describe('the dashboard', { timeout: 4 * LONG_PATIENCE }, () => {
  test('is one page, one script and one style, and small', async () => {
    const { page, context, errors } = await open(chrome);
    const sizes = [];
    page.on('response', async (response) => sizes.push([new URL(response.url()).pathname, (await response.request().sizes()).responseBodySize]));
    await page.goto(`${server.admin}/dashboard/`, { waitUntil: 'networkidle' });
    assert.deepEqual(sizes.map(([path]) => path.replace(/.*\//, '')).filter((name) => name !== 'icon.svg').sort(), ['', 'dashboard.css', 'dashboard.js']);
    const all = sizes.reduce((sum, [, size]) => sum + size, 0);
    assert.ok(all > 1000 && all < 400 * 1024, `${all} bytes`);
    assert.deepEqual(errors, []);
    await context.close();
  });

  test('tells a wrong token, and a session that is over', async () => {
    const { page, context } = await open(chrome);
    await page.goto(`${server.admin}/`);
    await page.getByLabel('Token').fill('gp_000000000000_wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('The server does not know this token').waitFor();
    assert.equal(await page.getByRole('heading', { name: 'Workers' }).count(), 0);
    await context.close();

    const made = await (await api('POST', '/v1/tokens', JSON.stringify({ name: 'short', scopes: ['read'] }))).json();
    const session = await signedIn({}, made.token);
    const id = made.token.split('_')[1];
    await api('DELETE', `/v1/tokens/${id}`);
    await session.page.getByText('Your session is over').waitFor();
    await session.page.getByLabel('Token').waitFor();
    assert.equal(await session.page.evaluate(() => sessionStorage.length), 0, 'the token is gone');
    await session.context.close();
  });

  test('ends a session when its token expires', async () => {
    const expires = new Date(Date.now() + 6000).toISOString();
    const made = await (await api('POST', '/v1/tokens', JSON.stringify({ name: 'brief', scopes: ['read'], expires }))).json();
    const { page, context } = await signedIn({}, made.token);
    await page.getByText('Your session is over: the token has expired').waitFor();
    await page.getByLabel('Token').waitFor();
    assert.equal(await page.getByRole('link', { name: 'shop' }).count(), 0, 'nothing of the session is left on the page');
    await context.close();
  });

  test('a token that may only read is told what it may not do', async () => {
    await deploy('second');
    const made = await (await api('POST', '/v1/tokens', JSON.stringify({ name: 'reader', scopes: ['read'] }))).json();
    const { page, context } = await signedIn({}, made.token);
    await page.goto(`${server.admin}/dashboard/#/workers/shop`);
    await page.getByRole('button', { name: 'Roll back' }).click();
    await page.getByRole('button', { name: 'Yes' }).click();
    await page.getByRole('alert').getByText('does not have the scope `deploy`').waitFor();
    await context.close();
  });

  test('shows a deployment, and rolls it back', async () => {
    await deploy('third');
    const { page, context, errors } = await signedIn();
    await page.getByRole('link', { name: 'shop' }).click();
    const row = (text) => page.getByRole('table').first().getByRole('row', { name: new RegExp(`say ${text}`) });
    await row('third').getByText('100 %').waitFor();
    await deploy('fourth');
    await row('fourth').getByText('100 %').waitFor();
    assert.match(await visit(), /^fourth/);
    await page.getByRole('button', { name: 'Roll back' }).click();
    await page.getByRole('button', { name: 'Yes' }).click();
    await row('third').getByText('100 %').waitFor();
    assert.match(await visit(), /^third/);
    assert.deepEqual(errors, []);
    await context.close();
  });

  test('gives a version a share of the traffic', async () => {
    const { page, context, errors } = await signedIn();
    await page.goto(`${server.admin}/dashboard/#/workers/shop`);
    const form = page.getByRole('form', { name: 'Gradual rollout' });
    await form.getByRole('slider').fill('25');
    await form.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('gets 25 % of the traffic.').waitFor();
    const { deployment } = await (await api('GET', '/v1/workers/shop')).json();
    assert.deepEqual(deployment.versions.map((share) => share.percent), [25, 75]);
    assert.deepEqual(errors, []);
    await context.close();
    await api('POST', '/v1/workers/shop/rollback', '{}');
  });

  test('shows bindings, and never a secret', async () => {
    await api('PATCH', '/v1/workers/shop/secrets', JSON.stringify({ KEY: 'very-secret-value' }));
    const { page, context, errors } = await signedIn();
    const seen = [];
    page.on('response', async (response) => seen.push(await response.text().catch(() => '')));
    await page.goto(`${server.admin}/dashboard/#/workers/shop/settings`);
    await page.getByRole('row', { name: /KEY secret/ }).waitFor();
    await page.getByRole('row', { name: /GREETING variable good day/ }).waitFor();
    await page.getByRole('row', { name: /DATA kv/ }).waitFor();
    await page.getByText('shop.example/*').waitFor();
    assert.ok(!(await page.content()).includes('very-secret-value') && !seen.some((text) => text.includes('very-secret-value')));
    assert.deepEqual(errors, []);
    await context.close();
  });

  test('watches requests as they come', async () => {
    const { page, context, errors } = await signedIn();
    await page.goto(`${server.admin}/dashboard/#/workers/shop/tail`);
    await page.getByTestId('watching').getByText('Watching.').waitFor();
    const events = page.getByTestId('events');
    // The watch is asked for when the page says so, and is there a moment later.
    const until = async (path, text) => {
      for (let times = 0; times < 40; times++) {
        await visit(path);
        if (await events.getByText(text).count()) return;
        await page.waitForTimeout(250);
      }
      assert.fail(`${text} was not seen`);
    };
    await until('/basket', 'shop.example/basket');
    await events.getByText('shop.example/basket').first().click();
    await events.locator('pre:visible', { hasText: 'log: serving /basket' }).waitFor();
    await page.getByLabel('Outcome').selectOption('error');
    await page.getByRole('button', { name: 'Clear' }).click();
    await until('/fail', 'shop.example/fail');
    await visit('/basket');
    await events.getByText('shop.example/fail').first().click();
    await events.locator('pre:visible', { hasText: 'TypeError: out of stock' }).waitFor();
    assert.equal(await events.getByText('/basket').count(), 0);
    await page.getByLabel('Outcome').selectOption('');
    await page.getByLabel('Search').fill('chosen');
    await page.getByLabel('Search').press('Enter');
    await page.getByRole('button', { name: 'Clear' }).click();
    for (let times = 0; times < 40 && !(await events.getByText('/chosen').count()); times++) {
      await visit('/other');
      await visit('/chosen');
      await page.waitForTimeout(250);
    }
    await events.getByText('/chosen').first().waitFor();
    assert.equal(await events.getByText('/other').count(), 0);
    await page.getByLabel('Method').selectOption('POST');
    await page.getByTestId('watching').getByText('Watching.').waitFor();
    await page.waitForTimeout(500);
    await page.getByRole('button', { name: 'Clear' }).click();
    await visit('/chosen');
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByTestId('watching').getByText('Paused.').waitFor();
    assert.equal(await events.getByRole('listitem').count(), 0, 'a GET is no POST');
    assert.deepEqual(errors, []);
    await context.close();
  });

  test('changes a value in KV that the worker reads', async () => {
    const { page, context, errors } = await signedIn();
    await page.getByRole('link', { name: 'KV' }).click();
    await page.getByRole('link', { name: 'shop-DATA' }).click();
    await page.getByRole('button', { name: 'New entry' }).click();
    await page.getByLabel('Key', { exact: false }).first().fill('price');
    await page.getByLabel('Value').fill('12 pounds');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'price' }).click();
    assert.match(await visit(), /12 pounds$/);
    const entry = page.getByRole('form', { name: 'Entry price' });
    await entry.getByLabel('Value').fill('9 pounds');
    await entry.getByRole('button', { name: 'Save' }).click();
    await entry.waitFor({ state: 'detached' });
    assert.match(await visit(), /9 pounds$/);
    await page.getByRole('button', { name: 'price' }).click();
    await entry.getByRole('button', { name: 'Delete' }).click();
    await entry.getByRole('button', { name: 'Yes' }).click();
    await page.getByText('No keys.').waitFor();
    assert.match(await visit(), /null$/);
    assert.deepEqual(errors, []);
    await context.close();
  });

  test('keeps what a KV entry has besides its value, whatever its name', async () => {
    const name = 'user/1 ä?x=y#z&%41';
    const { namespaces } = await (await api('GET', '/v1/kv/namespaces')).json();
    const path = `/v1/kv/namespaces/${namespaces.find((each) => each.title === 'shop-DATA').id}`;
    const expiration = Math.floor(Date.now() / 1000) + 3600;
    const init = { method: 'PUT', body: 'old', headers: { authorization: `Bearer ${server.token}`, 'glowplug-kv-metadata': '{"by":"me"}' } };
    assert.ok((await fetch(`${server.admin}${path}/values/${encodeURIComponent(name)}?expiration=${expiration}`, init)).ok);
    const { page, context, errors } = await signedIn();
    await page.getByRole('link', { name: 'KV' }).click();
    await page.getByRole('link', { name: 'shop-DATA' }).click();
    await page.getByLabel('Prefix').fill('user/');
    const row = page.getByRole('row', { name: /user\/1/ });
    await row.getByText('{"by":"me"}').waitFor();
    await row.getByRole('button', { name }).click();
    await page.getByLabel('Value').fill('new');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByLabel('Value').waitFor({ state: 'detached' });
    assert.equal(await (await api('GET', `${path}/values/${encodeURIComponent(name)}`)).text(), 'new');
    const { keys } = await (await api('GET', `${path}/keys?prefix=user/`)).json();
    assert.deepEqual(keys, [{ name, expiration, metadata: { by: 'me' } }]);
    await row.getByRole('button', { name }).click();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Yes' }).click();
    await page.getByText('No keys with this prefix.').waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  test('counts requests, errors and fuel as they come', async () => {
    const { page, context, errors } = await signedIn();
    const cell = (at) => page.getByRole('row', { name: /shop/ }).getByRole('cell').nth(at).textContent();
    const requests = async () => Number((await cell(6)).replaceAll(',', ''));
    await page.getByRole('row', { name: /shop/ }).waitFor();
    await page.getByTestId('live').waitFor();
    const before = await requests();
    let [live, counted] = [false, false];
    for (let times = 0; times < 60 && !(live && counted); times++) {
      for (let each = 0; each < 5; each++) await visit();
      await visit('/fail');
      // Each second the server says what happened in it.
      live ||= Number(await page.getByTestId('rate').textContent()) > 0 && Number(await cell(1)) > 0 && /^[1-9]\d* \([\d.]+ %\)$/.test(await cell(2)) && /^[\d.]+ [kM]$/.test(await cell(3)) && /^[\d.]+ (ms|µs|s)$/.test(await cell(4)) && /^[\d.]+ (ms|µs|s)$/.test(await cell(5));
      counted ||= (await requests()) >= before + 20;
      await page.waitForTimeout(250);
    }
    assert.ok(live && counted, `live ${live}, counted ${counted}`);
    // The live columns are of what the server tells by itself, not of what it is asked for.
    await page.route('**/v1/usage*', (route) => route.abort());
    await page.route('**/v1/workers', (route) => route.abort());
    const seen = await cell(2);
    for (let times = 0; times < 60 && (await cell(2)) === seen; times++) {
      await visit('/fail');
      await page.waitForTimeout(250);
    }
    assert.notEqual(await cell(2), seen, 'errors come with the events');
    assert.deepEqual(errors.filter((error) => !error.includes('ERR_FAILED')), []);
    await context.close();
  });

  test('says what the requests would cost under each pricing model', async () => {
    for (let times = 0; times < 3; times++) await visit();
    for (const [path, query] of [
      ['usage', ''],
      ['workers/shop/usage', 'worker=shop'],
    ]) {
      const { page, context, errors } = await signedIn();
      // The ledger commits once a second: wait until nothing changes any more.
      const ask = async () => (await api('GET', `/v1/usage/prices?${query}`)).json();
      let told = await ask();
      for (let again = null; again?.requests !== told.requests; again = await ask()) {
        told = again ?? told;
        await page.waitForTimeout(1500);
      }
      await page.goto(`${server.admin}/dashboard/#/${path}`);
      await page.getByRole('row', { name: /Cloudflare Workers Standard/ }).waitFor();
      await page.getByText('with allowances and flat fees').first().waitFor();
      const shown = await prices(page);
      assert.deepEqual(Object.keys(shown).sort(), [...MODELS].sort());
      // All that a worker may use is 128 MB, and what these used lies within the first 128 MB that Azure counts in.
      const workload = { n: told.requests, t: told.wall_ms, c: told.cpu_ms, m: 128, p: 1 };
      for (const model of MODELS) {
        assert.deepEqual(shown[model], [dollars(total(model, workload)), dollars(perMillion(model, workload))], `${path}: ${model} of ${JSON.stringify(workload)}`);
      }
      assert.deepEqual(errors, []);
      await context.close();
    }
  });

  test('shows a worker that is deployed, and runs its cron trigger', async () => {
    const { page, context, errors } = await signedIn();
    await page.getByRole('row', { name: /shop/ }).waitFor();
    await deployClock();
    await page.getByRole('link', { name: 'clock' }).click();
    await page.getByRole('tab', { name: 'Cron triggers' }).click();
    await page.getByText('0 0 1 1 *').waitFor();
    await page.getByText(/^next \d{4}-01-01/).waitFor();
    await page.getByText('It has not run in the last 7 days.').waitFor();
    await page.getByRole('button', { name: 'Run now' }).click();
    await page.getByRole('button', { name: 'Yes' }).click();
    const run = page.getByRole('region', { name: 'Runs' }).getByRole('row', { name: /0 0 1 1 \*/ });
    await run.getByText('ok', { exact: true }).waitFor();
    assert.match(await run.textContent(), /[\d.]+ [kM]/, 'what it cost');
    assert.deepEqual(errors, []);
    await context.close();
  });

  test('shows what the cache does for a worker, live, and leads to its purge', async () => {
    const { page, context, errors } = await signedIn();
    await page.getByRole('link', { name: 'shop' }).click();
    const live = page.getByTestId('worker-live');
    await live.waitFor();
    const figure = async (id) => Number((await live.getByTestId(id).textContent()).replaceAll(',', ''));
    const before = [await figure('hits'), await figure('misses'), await figure('errors')];
    assert.match(await live.getByTestId('ratio').textContent(), /^(–|[\d.]+ %)$/);
    // One that is new, from the worker; then what was kept of it.
    const path = `/news?${Date.now()}`;
    for (let times = 0; times < 4; times++) await visit(path, 'cached.example');
    await visit('/fail');
    await page.waitForFunction(
      ([hits, misses, errors]) => {
        const figure = (id) => Number(document.querySelector(`[data-testid=worker-live] [data-testid=${id}]`)?.textContent.replaceAll(',', ''));
        return figure('hits') === hits + 3 && figure('misses') === misses + 1 && figure('errors') === errors + 1;
      },
      before,
    );
    const [hits, misses] = [await figure('hits'), await figure('misses')];
    assert.equal(await live.getByTestId('ratio').textContent(), `${((100 * hits) / (hits + misses)).toFixed(1)} %`);
    assert.match(await live.getByTestId('fuel').textContent(), /^[\d.]+ [kMG]$/);
    await live.getByRole('link', { name: 'Purge' }).click();
    await page.getByRole('heading', { name: 'Cache' }).waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });

  test('purges the cache', async () => {
    const news = () => visit('/news', 'cached.example');
    const { page, context: opened, errors } = await signedIn();
    await page.getByRole('link', { name: 'Cache' }).click();
    let known = await news();
    assert.equal(await news(), known, 'it is cached');
    /** The news are others after a purge, and are then cached again. */
    const changed = async () => {
      const before = known;
      known = await news();
      assert.notEqual(known, before, 'it was purged');
      assert.equal(await news(), known, 'it is cached again');
    };
    for (const [kind, text] of [
      ['urls', 'http://cached.example/news'],
      ['prefixes', 'cached.example/'],
      ['tags', 'news'],
    ]) {
      await page.getByLabel('What').selectOption(kind);
      await page.getByLabel('One in each line').fill(text);
      await page.getByRole('button', { name: 'Purge', exact: true }).click();
      await page.getByText(`Purged: ${text}`, { exact: true }).waitFor();
      await changed();
    }
    await page.getByRole('button', { name: 'Purge everything' }).click();
    await page.getByRole('button', { name: 'Yes' }).click();
    await page.getByText('Everything was purged.').waitFor();
    await changed();
    const { entries } = await (await api('GET', '/v1/audit?limit=10')).json();
    assert.ok(entries.filter((entry) => JSON.stringify(entry).includes('cache/purge')).length >= 4, JSON.stringify(entries));
    assert.deepEqual(errors, []);
    await opened.close();
  });

  test('can be read by everybody, on a phone too', async () => {
    // As it is after the tests above, when this one runs alone too.
    await Promise.all([deploy('fifth'), deployClock()]);
    await deploy('last');
    await api('POST', '/v1/workers/clock/crons/trigger', JSON.stringify({ cron: '0 0 1 1 *' }));
    const { namespaces } = await (await api('GET', '/v1/kv/namespaces')).json();
    const { id } = namespaces.find((each) => each.title === 'shop-DATA');
    await api('PUT', `/v1/kv/namespaces/${id}/values/a-key-that-is-longer-than-a-phone-is-wide-in-the-font-that-keys-have`, 'some text');
    for (const options of [{ colorScheme: 'light' }, { colorScheme: 'dark' }, { colorScheme: 'light', viewport: { width: 360, height: 740 } }]) {
      const login = await open(chrome, options);
      await login.page.goto(`${server.admin}/`);
      await login.page.getByLabel('Token').waitFor();
      assert.deepEqual(await serious(login.page), []);
      await login.context.close();
      const { page, errors, context } = await signedIn(options);
      for (const [path, ready] of [
        ['workers', 'row:shop'],
        ['workers/shop', 'Gradual rollout'],
        ['workers/shop/settings', 'Bindings'],
        ['workers/shop/tail', 'Watching.'],
        ['workers/shop/usage', 'Elsewhere'],
        ['usage', 'Elsewhere'],
        ['workers/shop/crons', 'It has none.'],
        ['workers/clock/crons', 'row:0 0 1 1'],
        ['kv', 'shop-DATA'],
        [`kv/${id}`, 'a-key-that'],
        ['cache', 'Purge everything'],
      ]) {
        await page.goto(`${server.admin}/dashboard/#/${path}`);
        if (ready.startsWith('row:')) await page.getByRole('row', { name: new RegExp(ready.slice(4)) }).first().waitFor();
        else await page.getByText(ready).first().waitFor();
        await more[path.replace(id, 'ID')]?.(page);
        assert.deepEqual(await serious(page), [], `${path} ${JSON.stringify(options)}`);
        assert.equal(await overflows(page), false, `${path} ${JSON.stringify(options)}`);
      }
      assert.deepEqual(errors, []);
      await context.close();
    }
  });

  test('keeps other pages out', async () => {
    const page = await fetch(`${server.admin}/dashboard/`);
    const policy = page.headers.get('content-security-policy');
    assert.ok(policy.includes("frame-ancestors 'none'") && !policy.includes('unsafe'), policy);
    assert.equal(page.headers.get('set-cookie'), null);
    assert.ok(!(await page.text()).match(/<script(?![^>]* src=)|\son\w+=|<style/i), 'nothing is inline');
  });

  test("gives a worker's page nothing, not even in the browser that is signed in", async () => {
    const { page: signed, context } = await signedIn();
    const { deployment } = await (await api('GET', '/v1/workers/shop')).json();
    const other = await context.newPage();
    await other.goto(`${server.url.replace('127.0.0.1', 'shop.localhost')}/attack`);
    assert.equal(await other.title(), 'attack');
    const got = await other.evaluate(async (admin) => {
      const reach = (path, init) => fetch(admin + path, init).then((answer) => answer.status, (error) => error.name);
      const name = (what) => {
        try {
          return String(what());
        } catch (error) {
          return error.name;
        }
      };
      const reading = await reach('/v1/workers');
      const guessing = await reach('/v1/workers', { headers: { authorization: 'Bearer gp_000000000000_guess' } });
      const withCookies = await reach('/v1/workers', { credentials: 'include' });
      // What a form could send, the answer to which nobody sees.
      await reach('/v1/workers/shop/rollback', { method: 'POST', mode: 'no-cors', body: '{}' });
      await reach('/v1/cache/purge', { method: 'POST', mode: 'no-cors', body: '{"everything":true}' });
      const opened = window.open(`${admin}/dashboard/`);
      const frame = document.body.appendChild(document.createElement('iframe'));
      const loaded = new Promise((resolve) => (frame.onload = resolve));
      frame.src = `${admin}/dashboard/`;
      await loaded;
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const page = name(() => opened.document.title);
      const token = name(() => opened.sessionStorage.length);
      const framed = name(() => frame.contentWindow.document.title);
      return { reading, guessing, withCookies, page, token, framed };
    }, server.admin);
    const refused = 'SecurityError';
    assert.deepEqual(got, { reading: 'TypeError', guessing: 'TypeError', withCookies: 'TypeError', page: refused, token: refused, framed: refused });
    // A page that a worker's page opens has no session: a token is of one tab alone.
    const opened = context.pages().find((each) => each.url() === `${server.admin}/dashboard/` && each !== signed);
    await opened.getByLabel('Token').waitFor();
    assert.ok(!other.frames().some((frame) => frame.url().startsWith(server.admin)), 'the dashboard is not in a frame');
    assert.deepEqual((await (await api('GET', '/v1/workers/shop')).json()).deployment, deployment, 'nothing was rolled back');
    await signed.reload();
    await signed.getByRole('heading', { name: 'Workers' }).waitFor();
    await context.close();
  });

  test('can be used with the keyboard', async () => {
    const { page, context, errors } = await open(chrome);
    await page.goto(`${server.admin}/`);
    await page.getByLabel('Token').waitFor();
    await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'token');
    await page.keyboard.insertText(server.token);
    await page.keyboard.press('Enter');
    const worker = page.getByRole('link', { name: 'shop' });
    await worker.waitFor();
    const focused = (locator) => locator.evaluate((element) => element === document.activeElement);
    for (let times = 0; times < 20 && !(await focused(worker)); times++) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('tab', { name: 'Versions' }).waitFor();
    for (let times = 0; times < 20 && !(await focused(page.getByRole('tab', { name: 'Versions' }))); times++) await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowRight');
    await page.getByRole('heading', { name: 'Bindings' }).waitFor();
    assert.ok(await focused(page.getByRole('tab', { name: 'Routes and bindings' })));
    await page.keyboard.press('End');
    await page.getByRole('heading', { name: 'Triggers' }).waitFor();
    assert.deepEqual(errors, []);
    await context.close();
  });
});
