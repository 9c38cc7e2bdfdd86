// Bundles each module of Node.js into one ES module in ../dist/node (`cargo xtask engine`), with what several of them need in chunks beside
// them. A file src/NAME.js stands for `node:NAME`; what has none comes from unenv as it is.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'rolldown';

const here = fileURLToPath(new URL('.', import.meta.url));
const runtime = join(here, 'node_modules/unenv/dist/runtime');

function modulesOf(folder, extension, prefix = '') {
  return readdirSync(join(folder, prefix), { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'internal') return [];
    if (entry.isDirectory()) return modulesOf(folder, extension, `${prefix}${entry.name}/`);
    return entry.name.endsWith(extension) ? [`${prefix}${entry.name.slice(0, -extension.length)}`] : [];
  });
}

const files = new Map([
  ...modulesOf(join(runtime, 'node'), '.mjs').map((name) => [name, join(runtime, 'node', `${name}.mjs`)]),
  ['internal/async-context', join(here, 'src/internal/async-context.js')],
  ...modulesOf(join(here, 'src'), '.js').map((name) => [name, join(here, 'src', `${name}.js`)]),
]);

// what packages ask for: one copy of each module, and the platform's own AbortController
function resolveModule(specifier, importer) {
  if (specifier === 'glowplug-errors') return join(here, 'src/internal/errors.js');
  if (specifier === 'glowplug-promises') return join(here, 'src/internal/promises.js');
  if (specifier === 'glowplug-process') return join(here, 'src/internal/small-process.js');
  if (specifier.startsWith('util') && importer?.includes('/node_modules/assert/')) return join(here, 'src/internal/assert-util.js');
  if (specifier === 'abort-controller') return join(here, 'src/internal/abort-controller.js');
  if (specifier.startsWith('unenv-internal/')) return join(runtime, `node/internal/${specifier.slice(15)}.mjs`);
  const name = specifier.replace(/^node:/, '').replace(/\/$/, '');
  // of the packages behind these modules, none may stand for itself
  const behind = importer?.startsWith(join(here, 'src')) && ['assert', 'path', 'string_decoder'].includes(specifier);
  return behind ? undefined : files.get(name);
}

/** The list of what was made, for the program that embeds it. */
const listFiles = {
  name: 'list-files',
  writeBundle({ dir }, bundle) {
    const names = Object.keys(bundle).sort();
    writeFileSync(join(dir, 'files.rs'), `&[\n${names.map((name) => `    ("${name}", include_str!("${name}")),\n`).join('')}]\n`);
  },
};

/** These need little of a process, and the whole of it would bring streams and buffers along. */
const smallProcess = {
  name: 'small-process',
  transform: (code, id) => (/\/node_modules\/(assert|path|path-browserify|@pkgjs\/parseargs)\//.test(id) ? `const process = require('glowplug-process');${code}` : undefined),
};

/** Mistakes of the packages, by file. */
const MENDED = new Map([
  [join(runtime, 'node/internal/events/events.mjs'), [
    ['Array.prototype.push(listeners, [', 'listeners.push(['],
    ['const ERR_INVALID_ARG_TYPE = Error;', "import { inspect } from 'node-inspect-extracted';\nimport { invalidArgType as ERR_INVALID_ARG_TYPE, requireFunction, unhandledError as ERR_UNHANDLED_ERROR } from 'glowplug-errors';"],
    ['const ERR_UNHANDLED_ERROR = Error;', ''],
    ['const inspect = (value, _opts) => value;', ''],
    ['// validateFunction(listener, "listener");', 'requireFunction("listener", listener);'],
  ]],
  // a promise's state is what only the engine knows
  [join(here, 'node_modules/node-inspect-extracted/dist/inspect.js'), [
    ['getPromiseDetails:()=>[g,void 0]', 'getPromiseDetails:(t)=>require("glowplug-promises").details(t,g,h)'],
    // in this engine a stack does not begin with the error
    ['if("string"==typeof n)return n;t.seen.push(e)', 'if("string"==typeof n)return require("glowplug-errors").withHeader(e,n);t.seen.push(e)'],
  ]],
  // the order that Node.js has them in, which is seen where they are listed
  [join(runtime, 'node/url.mjs'), [
    [
      ['auth', 'hash', 'host', 'hostname', 'href', 'path', 'pathname', 'protocol', 'search', 'slashes', 'port', 'query'].map((name) => `\t${name} = null;\n`).join(''),
      ['protocol', 'slashes', 'auth', 'host', 'port', 'hostname', 'hash', 'search', 'query', 'pathname', 'path', 'href'].map((name) => `\t${name} = null;\n`).join(''),
    ],
  ]],
  [join(here, 'node_modules/path-browserify/index.js'), [
    ["throw new TypeError('Path must be a string. Received ' + JSON.stringify(path));", "throw require('glowplug-errors').invalidArgType('path', 'of type string', path);"],
    ["(pathObject.ext || '')", "(pathObject.ext ? (pathObject.ext[0] === '.' ? '' : '.') + pathObject.ext : '')"],
  ]],
]);

const mend = {
  name: 'mend',
  transform(code, id) {
    let text = code;
    for (const [wrong, right] of MENDED.get(id) ?? []) {
      if (!text.includes(wrong)) throw new Error(`${id} no longer has ${wrong}`);
      text = text.replace(wrong, right);
    }
    return text === code ? undefined : text;
  },
};

export default defineConfig({
  input: Object.fromEntries(files),
  external: ['cloudflare:workers', 'glowplug:flags', 'glowplug:node'],
  platform: 'neutral',
  resolve: { mainFields: ['module', 'main'], conditionNames: ['import', 'require', 'browser', 'default'] },
  transform: { target: 'es2024', define: { 'process.env.NODE_DEBUG': 'undefined', 'process.env.READABLE_STREAM': 'undefined', global: 'globalThis' } },
  plugins: [listFiles, mend, smallProcess, { name: 'node-modules', resolveId: (specifier, importer) => (importer === undefined ? undefined : resolveModule(specifier, importer)) }],
  output: {
    dir: process.env.GLOWPLUG_NODE_DIST ?? '../dist/node',
    cleanDir: true,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
    hashCharacters: 'hex',
    keepNames: true,
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  },
});
