// console.log()'s `%s` and the like (Console standard section 2.2).

import { inspect } from './inspect.js';

function numberOf(value, convert) {
  if (typeof value === 'symbol') return 'NaN';
  if (typeof value === 'bigint') return `${value}n`;
  return inspect(convert(value));
}

function substitute(kind, value) {
  switch (kind) {
    case 's': return typeof value === 'string' ? value : typeof value === 'object' && value !== null ? inspect(value, { depth: 0 }) : inspect(value);
    case 'd': return numberOf(value, typeof value === 'object' ? () => NaN : Number);
    case 'i': return numberOf(value, parseInt);
    case 'f': return numberOf(value, parseFloat);
    case 'j':
      try {
        return JSON.stringify(value) ?? 'undefined';
      } catch {
        return '[Circular]';
      }
    case 'o': return inspect(value, { depth: 4 });
    case 'O': return inspect(value);
    // styles mean nothing in a log
    default: return '';
  }
}

/** What console.log() writes for its arguments, `%s` and the like replaced. */
export function format(args) {
  const [first] = args;
  if (args.length === 1) return typeof first === 'string' ? first : inspect(first);
  if (args.length === 0) return '';
  const shown = [];
  let used = 0;
  if (typeof first === 'string') {
    used = 1;
    const text = first.replace(/%[sdifjoOc%]/g, (match) => {
      if (match === '%%') return '%';
      return used < args.length ? substitute(match[1], args[used++]) : match;
    });
    shown.push(text);
  }
  for (; used < args.length; used++) shown.push(typeof args[used] === 'string' ? args[used] : inspect(args[used]));
  return shown.join(' ');
}
