// console (Console standard).

import { cleanStack } from './errors.js';
import { format } from './format.js';
import { inspect } from './inspect.js';
import { formatTable } from './table.js';
import { exposeValue } from './webidl.js';

const { log, monotonicNow } = native;

const DEBUG = 0;
const LOG = 1;
const INFO = 2;
const WARN = 3;
const ERROR = 4;

let indent = '';
const counts = new Map();
const timers = new Map();

function write(level, text) {
  if (indent === '') log(level, text);
  else log(level, indent + text.replaceAll('\n', `\n${indent}`));
}

function label(value) {
  return value === undefined ? 'default' : String(value);
}

function elapsed(name) {
  return `${name}: ${Math.round((monotonicNow() - timers.get(name)) * 1000) / 1000}ms`;
}

const methods = {
  debug(...data) { write(DEBUG, format(data)); },
  log(...data) { write(LOG, format(data)); },
  info(...data) { write(INFO, format(data)); },
  warn(...data) { write(WARN, format(data)); },
  error(...data) { write(ERROR, format(data)); },
  dir(value = undefined, options = undefined) { write(LOG, inspect(value, options ?? {})); },
  dirxml(...data) { write(LOG, format(data)); },

  trace(...data) {
    const message = format(data);
    write(LOG, `Trace${message === '' ? '' : `: ${message}`}\n${cleanStack(new Error().stack)}`);
  },

  assert(condition = false, ...data) {
    if (condition) return;
    const message = format(data);
    write(ERROR, `Assertion failed${message === '' ? '' : `: ${message}`}`);
  },

  // there is no screen: what is left to clear are the groups
  clear() { indent = ''; },

  count(name = undefined) {
    const key = label(name);
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    write(LOG, `${key}: ${count}`);
  },

  countReset(name = undefined) {
    const key = label(name);
    if (!counts.delete(key)) write(WARN, `Count for '${key}' does not exist`);
  },

  group(...data) {
    if (data.length > 0) write(LOG, format(data));
    indent += '  ';
  },

  groupCollapsed(...data) { methods.group(...data); },
  groupEnd() { indent = indent.slice(2); },

  table(data = undefined, columns = undefined) {
    const table = formatTable(data, columns);
    write(LOG, table === null ? format([data]) : table);
  },

  time(name = undefined) {
    const key = label(name);
    if (timers.has(key)) write(WARN, `Timer '${key}' already exists`);
    else timers.set(key, monotonicNow());
  },

  timeLog(name = undefined, ...data) {
    const key = label(name);
    if (!timers.has(key)) write(WARN, `Timer '${key}' does not exist`);
    else write(LOG, data.length === 0 ? elapsed(key) : `${elapsed(key)} ${format(data)}`);
  },

  timeEnd(name = undefined) {
    const key = label(name);
    if (!timers.has(key)) {
      write(WARN, `Timer '${key}' does not exist`);
      return;
    }
    write(LOG, elapsed(key));
    timers.delete(key);
  },
};

export function install() {
  const console = Object.create({});
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(console, name, { value, writable: true, enumerable: true, configurable: true });
  }
  Object.defineProperty(console, Symbol.toStringTag, { value: 'console', configurable: true });
  exposeValue('console', console);
}
