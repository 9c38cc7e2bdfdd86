// How errors are put into words for logs, error pages and the host.

import { inspect } from './inspect.js';

const PRELUDE = 'glowplug:prelude';

/** A stack as QuickJS gives it, without the lines of the prelude and the calls into Rust that came from there. */
export function cleanStack(stack) {
  if (typeof stack !== 'string') return '';
  const lines = stack.split('\n');
  return lines.filter((line) => line !== '' && !line.includes(PRELUDE)).join('\n');
}

/** `[name, message, stack]` of anything that was thrown. */
export function describeError(error) {
  if (!(error instanceof Error)) return ['Error', `uncaught ${inspect(error)}`, ''];
  let name = 'Error';
  let message = '';
  let stack = '';
  // a worker's own error class may have getters that throw
  try {
    name = String(error.name);
    message = String(error.message);
    stack = cleanStack(error.stack);
    if (error.cause !== undefined) stack += `${stack === '' ? '' : '\n'}${describeCause(error.cause, 0)}`;
  } catch {
    return [name, message, stack];
  }
  return [name, message, stack];
}

const MAX_CAUSES = 5;

function describeCause(cause, depth) {
  if (!(cause instanceof Error)) return `Caused by: ${inspect(cause)}`;
  const own = `Caused by: ${cause.name}: ${cause.message}\n${cleanStack(cause.stack)}`;
  if (cause.cause === undefined || depth === MAX_CAUSES) return own;
  return `${own}\n${describeCause(cause.cause, depth + 1)}`;
}
