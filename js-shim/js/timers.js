// setTimeout(), setInterval(), scheduler.wait() (HTML standard section 8.6).

import { addAlgorithm, isAbortSignal, removeAlgorithm } from './abort.js';
import { DOMException } from './dom-exception.js';
import { runReported } from './global-scope.js';
import { began, settled } from './pending.js';
import { exposeFunctions, exposeReplaceable, shapeInterface } from './webidl.js';

const { clearTimer, disallow, setTimer } = native;

/** Workers' limit on timers that are set at a time. */
const MAX_TIMERS = 10_000;
const MAX_DELAY = 2 ** 31 - 1;

// id -> what `pending` knows of it
const timers = new Map();

function start(what, callback, delay, args, repeat) {
  if (typeof callback !== 'function') throw new TypeError(`${what}: the callback must be a function.`);
  disallow(`${what}()`);
  if (timers.size >= MAX_TIMERS) throw new DOMException(`You have exceeded the number of active timeouts you may set. max active timeouts: ${MAX_TIMERS}, current active timeouts: ${timers.size}`, 'QuotaExceededError');
  const number = Math.trunc(Number(delay));
  const ms = number > 0 ? Math.min(number, MAX_DELAY) : 0;
  const id = setTimer(ms, repeat, () => {
    if (!repeat) forget(id);
    runReported(callback, args);
  });
  timers.set(id, began(`${what}(…, ${ms})`));
  return id;
}

function forget(id) {
  const entry = timers.get(id);
  if (entry === undefined) return false;
  timers.delete(id);
  settled(entry);
  return true;
}

function clear(id) {
  const number = Number(id);
  if (forget(number)) clearTimer(number);
}

class Scheduler {
  wait(delay, options = undefined) {
    return new Promise((resolve, reject) => {
      const signal = options?.signal;
      if (signal === undefined || signal === null) {
        start('scheduler.wait', resolve, delay, [], false);
        return;
      }
      if (!isAbortSignal(signal)) throw new TypeError('scheduler.wait: the signal must be an AbortSignal.');
      signal.throwIfAborted();
      const id = start('scheduler.wait', () => {
        removeAlgorithm(signal, onAbort);
        resolve();
      }, delay, [], false);
      const onAbort = (reason) => {
        clear(id);
        reject(reason);
      };
      addAlgorithm(signal, onAbort);
    });
  }
}

export function install() {
  shapeInterface('Scheduler', Scheduler);
  exposeReplaceable('scheduler', new Scheduler());
  exposeFunctions({
    setTimeout(callback, delay = 0, ...args) { return start('setTimeout', callback, delay, args, false); },
    setInterval(callback, delay = 0, ...args) { return start('setInterval', callback, delay, args, true); },
    clearTimeout(id = undefined) { clear(id); },
    clearInterval(id = undefined) { clear(id); },
  });
}
