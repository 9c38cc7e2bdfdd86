// Runs the suite `http-cache-tests` on the cache at a URL, and prints each test as JSON: its kind, and what came of it.
//
//     node run.mjs http://plain.localhost:8787 [ID…]

import http from 'node:http';
import fetch from 'node-fetch';
import { getResults, runTests } from 'http-cache-tests/client/runner.mjs';
import surrogate from 'http-cache-tests/tests/surrogate-control.mjs';
import suites from 'http-cache-tests/tests/index.mjs';

const [base, ...ids] = process.argv.slice(2);
// Whatever the name, the server is on this machine.
const lookup = (name, options, done) => (options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4));
const agent = new http.Agent({ keepAlive: true, lookup });

const wanted = (test) => test.browser_only !== true && (ids.length === 0 || ids.includes(test.id));
const chosen = [...suites, surrogate].map((suite) => ({ ...suite, tests: suite.tests.filter(wanted) }));
const said = console.log;
// The suite's own words are not part of the answer.
console.log = console.error;
await runTests(chosen, (url, init) => fetch(url, { ...init, agent }), false, base, 40);

const results = getResults();
const lines = chosen.flatMap((suite) => suite.tests).map(({ id, kind = 'required' }) => {
  const passed = results[id] === true;
  return { id, kind, passed, why: passed ? '' : String(results[id]) };
});
said(JSON.stringify(lines));
agent.destroy();
