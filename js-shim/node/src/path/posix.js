// node:path/posix.
import { posix } from '../path.js';

export const {
  basename, delimiter, dirname, extname, format, isAbsolute, join, matchesGlob, normalize, parse, relative, resolve, sep, toNamespacedPath, win32,
} = posix;
export { posix };
export default posix;
