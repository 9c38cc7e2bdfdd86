// Bundles the two pages into dist/ (or $GLOWPLUG_WEB_DIST).
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { completions } from './completions.mjs';
import { examples } from './examples.mjs';

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const dist = process.env.GLOWPLUG_WEB_DIST ?? here('dist');
mkdirSync(dist, { recursive: true });

await build({
  absWorkingDir: here('.'),
  entryPoints: [
    { in: 'src/playground/main.tsx', out: 'playground' },
    { in: 'src/dashboard/main.tsx', out: 'dashboard' },
  ],
  outdir: dist,
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['es2022', 'chrome110', 'firefox115', 'safari16.4'],
  charset: 'utf8',
  legalComments: 'none',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  logLevel: 'warning',
  banner: { js: '/* glowplug; with Preact and CodeMirror, MIT licence */' },
});
for (const file of ['playground.html', 'dashboard.html', 'icon.svg']) cpSync(here(`src/${file}`), `${dist}/${file}`);
writeFileSync(`${dist}/examples.json`, JSON.stringify(examples()));
if (!process.argv.includes('--pages')) writeFileSync(`${dist}/completions.json`, JSON.stringify(completions()));

for (const page of ['playground', 'dashboard']) {
  const parts = ['html', 'js', 'css'].map((kind) => gzipSync(readFileSync(`${dist}/${page}.${kind}`), { level: 9 }).length);
  console.log(`${page}: ${(parts.reduce((a, b) => a + b) / 1024).toFixed(1)} KiB compressed`);
}
