// RequestInit: what the second argument of Request and fetch() may say (fetch standard section 5.4).

import { isAbortSignal } from './abort.js';
import { toUrl } from './base-url.js';
import { toEnum } from './convert.js';

const KNOWN_METHODS = new Set(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS']);
const NORMALIZED_METHODS = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT']);
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

const CACHES = ['default', 'no-store', 'reload', 'no-cache', 'force-cache', 'only-if-cached'];
const CREDENTIALS = ['omit', 'same-origin', 'include'];
const MODES = ['navigate', 'same-origin', 'no-cors', 'cors'];
const PRIORITIES = ['high', 'low', 'auto'];
const POLICIES = [
  '', 'no-referrer', 'no-referrer-when-downgrade', 'same-origin', 'origin', 'strict-origin', 'origin-when-cross-origin',
  'strict-origin-when-cross-origin', 'unsafe-url',
];

export function normalizeMethod(value) {
  const method = String(value);
  if (KNOWN_METHODS.has(method)) return method;
  const upper = method.toUpperCase();
  if (NORMALIZED_METHODS.has(upper)) return upper;
  if (!TOKEN.test(method)) throw new TypeError(`Invalid HTTP method string: ${method}`);
  if (upper === 'CONNECT' || upper === 'TRACE' || upper === 'TRACK') throw new TypeError(`HTTP method ${upper} is forbidden.`);
  return method;
}

function toRedirect(value) {
  const redirect = String(value);
  if (redirect !== 'follow' && redirect !== 'error' && redirect !== 'manual') {
    throw new TypeError(`Invalid redirect value, must be one of "follow", "error" or "manual", not "${redirect}".`);
  }
  return redirect;
}

/** Reads an init into a plain object: its members in the order of their names, converted, undefined where not given. */
export function readInit(init) {
  const { body, cache, cf, credentials, duplex, headers, integrity, keepalive, method, mode, priority, redirect, referrer, referrerPolicy, signal, window } = init;
  if (duplex !== undefined) toEnum(duplex, ['half'], 'Request: duplex');
  if (priority !== undefined) toEnum(priority, PRIORITIES, 'Request: priority');
  if (signal !== undefined && signal !== null && !isAbortSignal(signal)) throw new TypeError('Request: the signal must be an AbortSignal or null.');
  if (window !== undefined && window !== null) throw new TypeError('Request: the window can only be null.');
  return {
    body,
    cache: cache === undefined ? undefined : toEnum(cache, CACHES, 'Request: cache'),
    cf,
    credentials: credentials === undefined ? undefined : toEnum(credentials, CREDENTIALS, 'Request: credentials'),
    headers,
    integrity: integrity === undefined ? undefined : String(integrity),
    keepalive: keepalive === undefined ? undefined : Boolean(keepalive),
    method,
    mode: mode === undefined ? undefined : toMode(mode),
    redirect: redirect === undefined ? undefined : toRedirect(redirect),
    referrer: referrer === undefined ? undefined : toReferrer(referrer),
    referrerPolicy: referrerPolicy === undefined ? undefined : toEnum(referrerPolicy, POLICIES, 'Request: referrerPolicy'),
    signal,
  };
}

/** What readInit() gives for an empty init, which is the most frequent. */
export const NO_INIT = readInit({ __proto__: null });

function toMode(value) {
  const mode = toEnum(value, MODES, 'Request: mode');
  if (mode === 'navigate') throw new TypeError('Request: the mode cannot be "navigate".');
  return mode;
}

/** A referrer is never sent: a worker is no page that something could be referred from. */
function toReferrer(value) {
  const referrer = String(value);
  if (referrer === '') return '';
  const record = toUrl(referrer);
  if (record === undefined) throw new TypeError(`Invalid referrer: ${referrer}`);
  const href = record.href();
  return href === 'about:client' ? 'about:client' : href;
}
