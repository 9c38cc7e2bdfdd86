// What the worker waits for, so that a hang can be reported with names and lines.

import { cleanStack } from './errors.js';

const entries = new Set();

/** Notes that something began; the result is for `settled`. An Error is the cheapest way to keep the line. */
export function began(what) {
  const entry = new Error(what);
  entries.add(entry);
  return entry;
}

export function settled(entry) {
  entries.delete(entry);
}

/** Gives `error`, made long after the call that failed, the stack of that call. */
export function blame(error, entry) {
  if (entry !== null) Object.defineProperty(error, 'stack', { value: cleanStack(entry.stack), writable: true, configurable: true });
  return error;
}

function where(entry) {
  for (const line of entry.stack.split('\n')) {
    if (line !== '' && !line.includes('glowplug:prelude') && !line.includes('(native)')) return ` (begun ${line.trim()})`;
  }
  return '';
}

/** One line for each unsettled thing. */
export function describePending() {
  const lines = [];
  for (const entry of entries) lines.push(entry.message + where(entry));
  return lines;
}
