// node:path/win32.
import { win32 } from '../path.js';

export const {
  basename, delimiter, dirname, extname, format, isAbsolute, join, matchesGlob, normalize, parse, relative, resolve, sep, posix, toNamespacedPath,
} = win32;
export { win32 };
export default win32;
