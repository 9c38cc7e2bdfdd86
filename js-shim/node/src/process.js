// node:process: what a worker can know of itself.

import { env as bindings } from 'cloudflare:workers';
import { populateEnv } from 'glowplug:flags';

import { Buffer } from './buffer.js';
import { EventEmitter } from './events.js';
import { invalidArgType, notImplemented, requireFunction } from './internal/errors.js';

const NODE_VERSION = '22.23.4';

/** Every value is a string, as in an environment; those of `env` that are no text are there as JSON. */
function makeEnv() {
  const target = {};
  if (populateEnv) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(bindings))) {
      if (typeof value === 'string') target[name] = value;
      else if (isPlain(value)) target[name] = JSON.stringify(value);
    }
  }
  return new Proxy(target, {
    get(object, name, receiver) {
      if (typeof name === 'symbol' || Object.hasOwn(object, name)) return Reflect.get(object, name, receiver);
      // a secret is there when a request is
      const late = populateEnv && Object.hasOwn(bindings, name) ? bindings[name] : undefined;
      return typeof late === 'string' ? late : Reflect.get(object, name, receiver);
    },
    set(object, name, value) {
      if (typeof value === 'symbol') throw new TypeError('Cannot convert a Symbol value to a string');
      return Reflect.set(object, name, `${value}`);
    },
    defineProperty(object, name, descriptor) {
      return Reflect.defineProperty(object, name, 'value' in descriptor ? { ...descriptor, value: `${descriptor.value}` } : descriptor);
    },
  });
}

function isPlain(value) {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return true;
  if (typeof value !== 'object') return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype;
}

export const env = makeEnv();

export function nextTick(callback, ...args) {
  requireFunction('callback', callback);
  queueMicrotask(args.length === 0 ? callback : () => callback(...args));
}

export function hrtime(previous = undefined) {
  const now = Date.now();
  let seconds = Math.floor(now / 1000);
  let nanoseconds = Math.floor((now % 1000) * 1e6);
  if (previous !== undefined) {
    if (!Array.isArray(previous)) throw invalidArgType('time', 'an instance of Array', previous);
    seconds -= previous[0];
    nanoseconds -= previous[1];
    if (nanoseconds < 0) {
      seconds -= 1;
      nanoseconds += 1e9;
    }
  }
  return [seconds, nanoseconds];
}
hrtime.bigint = () => BigInt(Date.now()) * 1_000_000n;

let folder = '/bundle';
export function cwd() {
  return folder;
}

export function chdir(path) {
  folder = path.startsWith('/') ? path : `${folder.replace(/\/$/, '')}/${path}`;
}

const zeros = () => ({ rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 });
const absent = (name) => () => { throw notImplemented(`process.${name}`); };

function output(write) {
  return Object.assign(new EventEmitter(), {
    isTTY: false,
    writable: true,
    write(chunk, encoding, callback) {
      const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      write(text.replace(/\n$/, ''));
      const done = typeof encoding === 'function' ? encoding : callback;
      if (typeof done === 'function') queueMicrotask(done);
      return true;
    },
    end() { return this; },
  });
}

class Process extends EventEmitter {}

const process = Object.assign(Object.create(Process.prototype), {
  arch: 'x64',
  argv: ['workerd'],
  argv0: 'workerd',
  config: { target_defaults: {}, variables: {} },
  env,
  execArgv: [],
  execPath: '',
  exitCode: undefined,
  features: { inspector: false, debug: false, uv: false, ipv6: true, tls_alpn: true, tls_sni: true, tls_ocsp: true, tls: true, cached_builtins: true, require_module: false, typescript: false },
  pid: 1,
  platform: 'linux',
  ppid: 0,
  release: { name: 'node', lts: true },
  stderr: output((text) => { console.error(text); }),
  stdin: Object.assign(new EventEmitter(), { isTTY: false, read: () => null, resume() { return this; }, pause() { return this; } }),
  stdout: output((text) => { console.log(text); }),
  title: 'workerd',
  version: `v${NODE_VERSION}`,
  versions: { node: NODE_VERSION },
  abort: absent('abort'),
  availableMemory: () => 0,
  chdir,
  constrainedMemory: () => 0,
  cpuUsage: absent('cpuUsage'),
  cwd,
  emitWarning(warning, type = 'Warning', code = undefined) {
    const name = typeof type === 'object' && type !== null ? type.type ?? 'Warning' : type;
    const error = warning instanceof Error ? warning : Object.assign(new Error(warning), { name, code: type?.code ?? code });
    console.warn(`${error.code ? `[${error.code}] ` : ''}${error.name}: ${error.message}`);
    queueMicrotask(() => process.emit('warning', error));
  },
  /** There is one way for a worker to end: to answer. */
  exit(code = undefined) { throw new Error(`process.exit(${code ?? ''}) was called: a worker ends with its response`); },
  getActiveResourcesInfo: () => [],
  getBuiltinModule: () => undefined,
  getegid: () => 0,
  geteuid: () => 0,
  getgid: () => 0,
  getgroups: () => [],
  getuid: () => 0,
  hasUncaughtExceptionCaptureCallback: () => false,
  hrtime,
  kill: absent('kill'),
  memoryUsage: Object.assign(zeros, { rss: () => 0 }),
  nextTick,
  ref() {},
  resourceUsage: absent('resourceUsage'),
  umask: () => 0o22,
  unref() {},
  uptime: () => performance.now() / 1000,
});
process[Symbol.toStringTag] = 'process';

export const {
  abort, addListener, arch, argv, argv0, availableMemory, config, constrainedMemory, cpuUsage, emit, emitWarning,
  eventNames, execArgv, execPath, exit, features, getActiveResourcesInfo, getBuiltinModule, getegid, geteuid, getgid, getgroups, getuid,
  hasUncaughtExceptionCaptureCallback, kill, listenerCount, listeners, memoryUsage, off, on, once, pid, platform, ppid, ref, release,
  removeAllListeners, removeListener, resourceUsage, stderr, stdin, stdout, title, umask, unref, uptime, version, versions,
} = process;
export default process;
