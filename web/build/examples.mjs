// The examples menu: files of examples/, with a request that shows what they do.
import { readFileSync } from 'node:fs';

const read = (path) => readFileSync(new URL(`../../examples/${path}`, import.meta.url), 'utf8');
const line = (path, n = 0) => read(path).trim().split('\n')[n];
const get = (url) => ({ method: 'GET', url, headers: [], body: '' });
const json = (path) => {
  const { method, url, headers, body } = JSON.parse(line(path));
  return { method, url, headers: Object.entries(headers ?? {}), body: body ?? '' };
};

const EXAMPLES = [
  ['Hello', { 'worker.js': 'hello/worker.js' }, get('/?name=you')],
  ['HTML page', { 'worker.js': 'playground/page.js' }, get('/')],
  ['JSON API', { 'worker.ts': 'compare/typescript/json.ts' }, json('compare/requests/json.jsonl')],
  ['Mandelbrot', { 'worker.ts': 'compare/typescript/mandelbrot.ts' }, json('compare/requests/mandelbrot.jsonl')],
  ['KV counter', { 'worker.js': 'playground/counter.js', 'wrangler.toml': 'playground/counter.toml' }, get('/')],
  ['HTML rewriter', { 'worker.js': 'playground/rewriter.js' }, get('/')],
  ['Streaming', { 'worker.js': 'playground/streaming.js' }, get('/?lines=5')],
  ['Picture', { 'worker.js': 'playground/picture.js' }, get('/')],
  ['Out of fuel', { 'worker.js': 'playground/endless.js', 'wrangler.toml': 'playground/endless.toml' }, get('/')],
];

export function examples() {
  return EXAMPLES.map(([title, files, request]) => ({
    title,
    files: Object.fromEntries(Object.entries(files).map(([name, path]) => [name, read(path)])),
    request,
  }));
}
