// util.styleText() and util.parseEnv().

import { inspect } from 'node-inspect-extracted';

import { invalidArgType, invalidArgValue, requireString } from './errors.js';

/** Whether a stream shows colours. What a worker writes to by itself is no terminal. */
function isColourful(stream) {
  return Boolean(stream?.isTTY) && (typeof stream.getColorDepth !== 'function' || stream.getColorDepth() > 2);
}

export function styleText(format, text, { validateStream = true, stream = undefined } = {}) {
  requireString('text', text);
  if (typeof validateStream !== 'boolean') throw invalidArgType('options.validateStream', 'of type boolean', validateStream);
  const isStyled = !validateStream || isColourful(stream);
  let [before, after] = ['', ''];
  for (const name of Array.isArray(format) ? format : [format]) {
    const codes = inspect.colors[name];
    if (codes === undefined) throw invalidArgValue('format', name, `must be one of: ${Object.keys(inspect.colors).map((key) => `'${key}'`).join(', ')}`);
    before += `\u001b[${codes[0]}m`;
    after = `\u001b[${codes[1]}m${after}`;
  }
  return isStyled ? `${before}${text}${after}` : text;
}

const LINE = /^\s*(?:export\s+)?([\w.-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|`([^`]*)`|([^#\r\n]*))[^\r\n]*$/gmu;

/** A file of `NAME=value` lines, as in `.env`. */
export function parseEnv(content) {
  requireString('content', content);
  const values = {};
  for (const [, name, double, single, back, bare] of content.matchAll(LINE)) {
    values[name] = double?.replaceAll('\\n', '\n') ?? single ?? back ?? bare.trim();
  }
  return values;
}
