// What node:path, node:assert and node:util ask of a process.

export const platform = 'linux';
export const env = {};
export const argv = ['workerd'];
export const execArgv = [];
export const stderr = { isTTY: false };
/** Relative paths are taken from the root, whatever folder a program has changed to; workerd does so too. */
export function cwd() {
  return '/';
}

export function emitWarning(message) {
  console.warn(message);
}
