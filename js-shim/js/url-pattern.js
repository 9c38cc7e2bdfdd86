// URLPattern (URL Pattern standard). Rust makes the regular expressions, which QuickJS runs.

import { dictionary, exposeInterfaces } from './webidl.js';

const { compilePattern, patternInput } = native;

const NAMES = ['protocol', 'username', 'password', 'hostname', 'port', 'pathname', 'search', 'hash'];
const MEMBERS = [...NAMES, 'baseURL'];
const READ_ORDER = [...MEMBERS].sort();
const SPECIAL_SCHEMES = ['http', 'https', 'ws', 'wss', 'ftp', 'file'];

const { exec } = RegExp.prototype;
const matches = (regexp, text) => Reflect.apply(exec, regexp, [text]);

function toRegExp(source, flags) {
  try {
    return new RegExp(source, flags);
  } catch (error) {
    throw new TypeError(`Invalid pattern: ${error.message}`);
  }
}

function matchesSpecial(source) {
  const regexp = toRegExp(source, 'v');
  return SPECIAL_SCHEMES.some((scheme) => matches(regexp, scheme) !== null);
}

/** URLPatternInput: a string, or a dictionary of strings. */
function toInput(value) {
  if (value !== undefined && value !== null && typeof value !== 'object' && typeof value !== 'function') return String(value).toWellFormed();
  const given = dictionary(value, 'URLPattern: the input');
  const init = {};
  for (const name of READ_ORDER) {
    const member = given[name];
    if (member !== undefined) init[name] = String(member).toWellFormed();
  }
  return init;
}

/** How Rust takes an input: its text, or its members in order. */
function parts(input) {
  return typeof input === 'string' ? [input, undefined] : [undefined, MEMBERS.map((name) => input[name])];
}

export class URLPattern {
  #components;
  #regexps;

  constructor(input = {}, second = undefined, third = undefined) {
    let base;
    let options = second;
    const isBase = arguments.length > 2 || (second !== undefined && second !== null && typeof second !== 'object' && typeof second !== 'function');
    const pattern = toInput(input);
    if (isBase) {
      base = String(second).toWellFormed();
      options = third;
    }
    const ignoreCase = Boolean(dictionary(options, 'URLPattern: the options').ignoreCase);
    this.#components = compilePattern(...parts(pattern), base, matchesSpecial);
    // schemes, hosts and ports have no case, user names always do
    this.#regexps = this.#components.map(([, source], index) => toRegExp(source, ignoreCase && index >= 5 ? 'vi' : 'v'));
  }

  #match(input, base) {
    const texts = patternInput(...parts(input), base);
    if (texts === undefined) return null;
    const found = [];
    for (let index = 0; index < NAMES.length; index++) {
      const match = matches(this.#regexps[index], texts[index]);
      if (match === null) return null;
      found.push(match);
    }
    return found;
  }

  get protocol() { return this.#components[0][0]; }
  get username() { return this.#components[1][0]; }
  get password() { return this.#components[2][0]; }
  get hostname() { return this.#components[3][0]; }
  get port() { return this.#components[4][0]; }
  get pathname() { return this.#components[5][0]; }
  get search() { return this.#components[6][0]; }
  get hash() { return this.#components[7][0]; }

  get hasRegExpGroups() { return this.#components.some((component) => component[3]); }

  test(input = {}, baseURL = undefined) {
    this.#components;
    return this.#match(toInput(input), baseURL) !== null;
  }

  exec(input = {}, baseURL = undefined) {
    this.#components;
    const given = toInput(input);
    const base = baseURL === undefined ? undefined : String(baseURL).toWellFormed();
    const found = this.#match(given, base);
    if (found === null) return null;
    const result = { inputs: base === undefined ? [given] : [given, base] };
    for (const [index, match] of found.entries()) {
      const groups = {};
      for (const [group, name] of this.#components[index][2].entries()) groups[name] = match[group + 1];
      result[NAMES[index]] = { input: match.input, groups };
    }
    return result;
  }
}

export function install() {
  exposeInterfaces({ URLPattern });
}
