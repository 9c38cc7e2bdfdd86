// node:path. POSIX is the platform's own; win32 is there for programs that handle such paths.

import posixModule from 'path-browserify';
import windowsModule from 'path';

import { requireString } from './internal/errors.js';

function complete(path, rest) {
  const whole = { ...path, ...rest };
  delete whole._makeLong;
  return Object.assign(whole, { _makeLong: whole.toNamespacedPath });
}

function matchesGlob(path, pattern) {
  requireString('path', path);
  requireString('pattern', pattern);
  return glob(pattern).test(path);
}

/** `*`, `**`, `?`, `[…]` and `{a,b}`. */
function glob(pattern) {
  let source = '';
  let depth = 0;
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern[index];
    if (character === '*') {
      if (pattern[index + 1] === '*') {
        const slash = pattern[index + 2] === '/';
        source += slash ? '(?:[^/]+/)*' : '.*';
        index += slash ? 2 : 1;
      } else {
        source += '[^/]*';
      }
    } else if (character === '?') {
      source += '[^/]';
    } else if (character === '[' && pattern.indexOf(']', index + 1) > index) {
      const end = pattern.indexOf(']', index + 1);
      source += `[${pattern.slice(index + 1, end).replace(/^!/, '^').replace(/\\/g, '\\\\')}]`;
      index = end;
    } else if (character === '{') {
      depth += 1;
      source += '(?:';
    } else if (character === '}' && depth > 0) {
      depth -= 1;
      source += ')';
    } else if (character === ',' && depth > 0) {
      source += '|';
    } else {
      source += character.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
    }
  }
  return new RegExp(`^${source}${')'.repeat(depth)}$`, 'su');
}

export const posix = complete(posixModule, { toNamespacedPath: (path) => path, matchesGlob });
export const win32 = complete(windowsModule.win32, {
  toNamespacedPath: windowsModule.win32._makeLong,
  matchesGlob: (path, pattern) => matchesGlob(String(path).replaceAll('\\', '/'), pattern),
});
posix.posix = posix;
posix.win32 = win32;
win32.posix = posix;
win32.win32 = win32;

export const {
  basename, delimiter, dirname, extname, format, isAbsolute, join, normalize, parse, relative, resolve, sep, toNamespacedPath, _makeLong,
} = posix;
export { matchesGlob };
export default posix;
