// node:timers/promises.

import { invalidArgType } from '../internal/errors.js';

const { clearInterval: clearGlobalInterval, clearTimeout: clearGlobal, setInterval: setGlobalInterval, setTimeout: setGlobal } = globalThis;

function abortError(signal) {
  const error = new Error('The operation was aborted', { cause: signal.reason });
  error.name = 'AbortError';
  error.code = 'ABORT_ERR';
  return error;
}

function signalOf(options) {
  if (options === undefined || options === null) return undefined;
  if (typeof options !== 'object') throw invalidArgType('options', 'of type object', options);
  const { signal } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw invalidArgType('options.signal', 'an instance of AbortSignal', signal);
  return signal;
}

function wait(delay, value, options) {
  return new Promise((resolve, reject) => {
    const signal = signalOf(options);
    if (signal?.aborted) {
      reject(abortError(signal));
      return;
    }
    const onAbort = () => {
      clearGlobal(id);
      reject(abortError(signal));
    };
    const id = setGlobal(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve(value);
    }, delay);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

export function setTimeout(delay = undefined, value = undefined, options = undefined) { return wait(delay, value, options); }
export function setImmediate(value = undefined, options = undefined) { return wait(0, value, options); }

export async function* setInterval(delay = undefined, value = undefined, options = undefined) {
  const signal = signalOf(options);
  if (signal?.aborted) throw abortError(signal);
  let ticks = 0;
  let wake = null;
  const onTick = () => {
    ticks += 1;
    wake?.();
  };
  const onAbort = () => wake?.();
  const id = setGlobalInterval(onTick, delay);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    while (true) {
      if (ticks === 0 && !signal?.aborted) await new Promise((resolve) => { wake = resolve; });
      wake = null;
      if (signal?.aborted) throw abortError(signal);
      for (; ticks > 0; ticks -= 1) yield value;
    }
  } finally {
    clearGlobalInterval(id);
    signal?.removeEventListener('abort', onAbort);
  }
}

export const scheduler = {
  wait: (delay, options = undefined) => wait(delay, undefined, options),
  yield: () => wait(0),
};

export default { scheduler, setImmediate, setInterval, setTimeout };
