// The box that console.table() draws.

import { inspect } from './inspect.js';

const VALUES = 'Values';

function rowsOf(data) {
  if (data instanceof Map) return [...data].map(([key, value]) => [inspect(key), value]);
  if (data instanceof Set) return [...data].map((value, index) => [String(index), value]);
  return Object.keys(data).map((key) => [key, data[key]]);
}

function cell(value) {
  return inspect(value, { depth: 0 });
}

/** Width on a terminal, near enough: wide characters count twice. */
function width(text) {
  let columns = 0;
  for (const character of text) columns += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u.test(character) ? 2 : 1;
  return columns;
}

function draw(header, rows) {
  const widths = header.map((title, column) => Math.max(width(title), ...rows.map((row) => width(row[column]))) + 2);
  const line = (left, middle, right) => left + widths.map((columns) => '─'.repeat(columns)).join(middle) + right;
  const content = (row) => `│${row.map((text, column) => ` ${text}${' '.repeat(widths[column] - width(text) - 1)}`).join('│')}│`;
  return [line('┌', '┬', '┐'), content(header), line('├', '┼', '┤'), ...rows.map(content), line('└', '┴', '┘')].join('\n');
}

/** The table of an array, object, Map or Set; null for anything else. */
export function formatTable(data, columns) {
  if (typeof data !== 'object' || data === null) return null;
  const names = new Set();
  let plain = false;
  const rows = rowsOf(data);
  for (const [, value] of rows) {
    if (typeof value === 'object' && value !== null) for (const key of Object.keys(value)) names.add(key);
    else plain = true;
  }
  const chosen = columns === undefined ? [...names] : [...columns].map(String);
  const header = ['(index)', ...chosen, ...(plain ? [VALUES] : [])];
  const cells = rows.map(([index, value]) => {
    const isObject = typeof value === 'object' && value !== null;
    const row = [index, ...chosen.map((name) => (isObject && Object.hasOwn(value, name) ? cell(value[name]) : ''))];
    if (plain) row.push(isObject ? '' : cell(value));
    return row;
  });
  return draw(header, cells);
}
