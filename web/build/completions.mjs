// What the editor completes: names, members and their types, read from @cloudflare/workers-types and TypeScript's own
// library, and cut down to what glowplug's workers have (tests/it/web_apis/surface.json). The compiler does this here, at build time, so
// that the page need not carry it: 40 KB compressed in place of 3 MB.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import ts from 'typescript';

const require = createRequire(import.meta.url);

/** Types of the language itself, and of bindings, whose constructors no surface lists. */
const LANGUAGE = [
  'String', 'Number', 'Boolean', 'Array', 'Promise', 'Map', 'Set', 'WeakMap', 'WeakSet', 'Date', 'RegExp', 'Error', 'Symbol',
  'BigInt', 'ArrayBuffer', 'DataView', 'Uint8Array', 'Uint16Array', 'Uint32Array', 'Int8Array', 'Int16Array', 'Int32Array',
  'Float32Array', 'Float64Array', 'Function', 'Iterator', 'Generator', 'RegExpMatchArray',
];
const VALUES = ['JSON', 'Math', 'Object', 'Reflect', 'Intl', 'Atomics'];
const BINDINGS = ['KVNamespace', 'KVNamespaceListResult', 'KVNamespaceGetWithMetadataResult', 'Fetcher', 'ExecutionContext', 'Cache', 'CacheStorage', 'Crypto', 'SubtleCrypto', 'Console', 'Performance', 'Scheduler', 'Navigator'];
/** What the surface says elsewhere: of instances alone, or of interfaces that have no constructor. */
const MORE = { Request: ['cf'], CacheStorage: ['default'], ExecutionContext: ['waitUntil', 'passThroughOnException', 'props'] };
const FUNCTIONS = ['parseInt', 'parseFloat', 'isNaN', 'isFinite', 'encodeURIComponent', 'decodeURIComponent', 'encodeURI', 'decodeURI', 'structuredClone', 'setTimeout', 'setInterval'];

export function completions() {
  const declared = require.resolve('@cloudflare/workers-types/package.json').replace('package.json', 'index.d.ts');
  const options = { target: ts.ScriptTarget.ES2022, lib: ['lib.es2023.d.ts'], types: [], noEmit: true };
  const program = ts.createProgram([declared], options);
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(declared);
  const surface = JSON.parse(readFileSync(new URL('../../tests/it/web_apis/surface.json', import.meta.url), 'utf8'));

  const members = new Map();
  for (const group of Object.values(surface.interfaces)) {
    for (const [name, list] of Object.entries(group)) members.set(name, new Set(list.map(plain)));
  }
  for (const [name, more] of Object.entries(MORE)) members.set(name, new Set([...(members.get(name) ?? []), ...more]));
  const wanted = [...members.keys(), ...LANGUAGE, ...BINDINGS];
  const inScope = new Map(
    checker.getSymbolsInScope(file, ts.SymbolFlags.Value | ts.SymbolFlags.Type).map((symbol) => [symbol.name, symbol]),
  );
  const known = new Set(wanted);

  /** The name of a type that there are members for: `Response`, or `P:Response` for a promise of one. */
  const nameOf = (type) => {
    if (type.isUnion()) {
      const parts = type.types.filter((part) => !(part.flags & (ts.TypeFlags.Null | ts.TypeFlags.Undefined)));
      const names = [...new Set(parts.map(nameOf))];
      return names.length === 1 ? names[0] : '';
    }
    if (type.flags & ts.TypeFlags.StringLike) return 'String';
    if (type.flags & ts.TypeFlags.NumberLike) return 'Number';
    if (type.flags & ts.TypeFlags.BooleanLike) return 'Boolean';
    const name = type.aliasSymbol?.name ?? type.symbol?.name ?? '';
    if (name === 'Promise') {
      const inner = checker.getTypeArguments(type)[0];
      return inner ? `P:${nameOf(inner)}` : '';
    }
    return known.has(name) ? name : '';
  };
  const short = (text) => (text.length > 120 ? `${text.slice(0, 117)}…` : text);
  const describe = (symbol) => {
    const type = checker.getTypeOfSymbolAtLocation(symbol, file);
    const signatures = type.getCallSignatures();
    if (signatures.length > 0) {
      const result = signatures[0].getReturnType();
      return ['f', short(checker.signatureToString(signatures[0])), nameOf(result)];
    }
    return ['p', short(checker.typeToString(type)), nameOf(type)];
  };
  const entries = (symbols, allowed) =>
    symbols
      .filter((symbol) => /^[A-Za-z]\w*$/.test(symbol.name) && (!allowed || allowed.has(symbol.name)))
      .map((symbol) => [symbol.name, ...describe(symbol)])
      .sort((a, b) => (a[0] < b[0] ? -1 : 1));

  const types = {};
  const statics = {};
  for (const name of [...known].sort()) {
    const symbol = inScope.get(name);
    if (!symbol) continue;
    const allowed = members.get(name);
    const type = checker.getDeclaredTypeOfSymbol(symbol);
    // Members that a class has from its parents count too, when the surface has them there.
    const all = allowed && new Set([...allowed, ...bases(type).flatMap((base) => [...(members.get(base) ?? [])])]);
    const list = entries(checker.getPropertiesOfType(type), all);
    if (list.length > 0) types[name] = list;
    if (symbol.flags & ts.SymbolFlags.Value) {
      const own = entries(
        checker.getPropertiesOfType(checker.getTypeOfSymbolAtLocation(symbol, file)).filter((member) => member.name !== 'prototype'),
        allowed,
      );
      if (own.length > 0) statics[name] = own;
    }
  }
  function bases(type) {
    return (type.getBaseTypes?.() ?? []).flatMap((base) => [base.symbol?.name ?? '', ...bases(base)]);
  }

  const globals = [];
  const top = new Set([...surface.globals.map(plain).filter((name) => !name.includes('.')), ...FUNCTIONS]);
  for (const name of [...new Set([...top, ...VALUES, ...known])].sort()) {
    const symbol = inScope.get(name);
    if (!symbol || !(symbol.flags & ts.SymbolFlags.Value) || BINDINGS.includes(name)) continue;
    const constructs = checker.getTypeOfSymbolAtLocation(symbol, file).getConstructSignatures().length > 0;
    const [kind, detail, type] = describe(symbol);
    globals.push(constructs ? [name, 'c', '', ''] : [name, kind, detail, type]);
    if (!constructs && VALUES.includes(name)) {
      statics[name] ??= entries(checker.getPropertiesOfType(checker.getTypeOfSymbolAtLocation(symbol, file)));
    }
  }
  return { globals, types, statics };
}

/** `static any()` and `get()` are `any` and `get`. */
function plain(name) {
  return name.replace(/^static /, '').replace(/\(\)$/, '');
}
