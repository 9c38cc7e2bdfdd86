// `env`: variables, bindings, secrets and the version's metadata.

import { Fetcher } from './fetcher.js';
import { KvNamespace } from './kv.js';
import { kInternal } from './webidl.js';

const { disallow, version } = native;

/** The very object a handler gets as `env`, and `cloudflare:workers` exports. */
export const env = {};

// names and values; known when the request begins
let secrets = {};
let metadata = null;
let exposed = false;

function property(value) {
  return { value, writable: true, enumerable: true, configurable: true };
}

/** An accessor for what is not known before the request; start-up code that reads it is told so. */
function lateProperty(name, what, read) {
  return {
    get() {
      disallow(`reading env.${name}, ${what}`);
      return read();
    },
    set(value) { Object.defineProperty(env, name, property(value)); },
    enumerable: true,
    configurable: true,
  };
}

function readVersion() {
  metadata ??= version();
  return metadata;
}

const KINDS = {
  kv: (name) => property(new KvNamespace(kInternal, name)),
  service: (name) => property(new Fetcher(kInternal, name)),
  assets: (name) => property(new Fetcher(kInternal, name)),
  'version-metadata': (name) => lateProperty(name, "the version's metadata", readVersion),
};

/**
 * Fills `env` before the worker's module is evaluated. `bindings` are `{name, kind}`; `secretNames` are the secrets
 * known by name, to be told from what is not there at all.
 */
export function setEnv(vars, bindings = undefined, secretNames = undefined) {
  for (const [name, value] of Object.entries(vars)) Object.defineProperty(env, name, property(value));
  for (const { name, kind } of bindings ?? []) {
    if (!Object.hasOwn(KINDS, kind)) throw new TypeError(`The binding \`${name}\` is of the kind "${kind}", which this JavaScript engine does not know: it is of another version.`);
    Object.defineProperty(env, name, KINDS[kind](name));
  }
  for (const name of secretNames ?? []) {
    const read = () => (Object.hasOwn(secrets, name) ? secrets[name] : undefined);
    Object.defineProperty(env, name, lateProperty(name, 'a secret', read));
  }
}

/** Adds the secrets at the beginning of a request that has any. */
export function setSecrets(values) {
  secrets = values;
  for (const [name, value] of Object.entries(values)) {
    // a worker may have frozen the object
    Reflect.defineProperty(env, name, property(value));
    if (exposed) expose(name);
  }
}

/** Makes what `env` holds global, as workers in the Service Worker form have it. */
export function exposeEnv() {
  exposed = true;
  for (const name of Object.keys(env)) expose(name);
}

function expose(name) {
  if (name in globalThis) return;
  const { get, value } = Object.getOwnPropertyDescriptor(env, name) ?? {};
  const set = (replacement) => { Object.defineProperty(globalThis, name, property(replacement)); };
  const late = { get() { return env[name]; }, set, enumerable: true, configurable: true };
  Object.defineProperty(globalThis, name, get === undefined ? property(value) : late);
}
