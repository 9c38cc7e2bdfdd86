// setTimeout(), setInterval(), scheduler.wait() (HTML standard section 8.6).

import { addAlgorithm, isAbortSignal, removeAlgorithm } from './abort.js';
import { DOMException } from './dom-exception.js';
import { runReported } from './report.js';
import { began, settled } from './pending.js';
import { dictionary, exposeFunctions, exposeReplaceable, illegalInvocation, kInternal, requireArguments, requireGlobal, shapeInterface } from './webidl.js';

const { clearTimer, disallow, setTimer } = native;

/** Workers' limit on timers that are set at a time. */
const MAX_TIMERS = 10_000;

// id -> what `pending` knows of it
const timers = new Map();

/** `thisArg` is what the callback sees as `this`. A string is refused: it would have to be compiled. */
function start(what, callback, ms, { args = [], repeat = false, thisArg = undefined } = {}) {
  if (typeof callback !== 'function') throw new TypeError(`${what}: the callback must be a function.`);
  disallow(`${what}()`);
  if (timers.size >= MAX_TIMERS) throw new DOMException(`You have exceeded the number of active timeouts you may set. max active timeouts: ${MAX_TIMERS}, current active timeouts: ${timers.size}`, 'QuotaExceededError');
  const id = setTimer(ms, repeat, () => {
    if (!repeat) forget(id);
    runReported(callback, args, thisArg);
  });
  timers.set(id, began(`${what}(…, ${ms})`));
  return id;
}

/** WebIDL's `long`, of which a negative one counts as 0. */
function toDelay(value) {
  return Math.max(value | 0, 0);
}

function forget(id) {
  const entry = timers.get(id);
  if (entry === undefined) return false;
  timers.delete(id);
  settled(entry);
  return true;
}

function clear(id) {
  const number = id | 0;
  if (forget(number)) clearTimer(number);
}

class Scheduler {
  #brand;

  constructor(token = undefined) {
    if (token !== kInternal) throw new TypeError('Illegal constructor');
  }

  // of the Workers platform: a promise that is resolved after a time
  wait(delay, options = undefined) {
    return new Promise((resolve, reject) => {
      if (typeof this !== 'object' || this === null || !(#brand in this)) throw illegalInvocation('scheduler.wait(…)');
      requireArguments(arguments.length, 1, 'scheduler.wait');
      const ms = toDelay(delay);
      const { signal } = dictionary(options, 'scheduler.wait: the options');
      if (signal === undefined || signal === null) {
        start('scheduler.wait', resolve, ms);
        return;
      }
      if (!isAbortSignal(signal)) throw new TypeError('scheduler.wait: the signal must be an AbortSignal.');
      signal.throwIfAborted();
      const id = start('scheduler.wait', () => {
        removeAlgorithm(signal, onAbort);
        resolve();
      }, ms);
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
  exposeReplaceable('scheduler', new Scheduler(kInternal));
  exposeFunctions({
    setTimeout(callback, delay = 0, ...args) {
      requireGlobal(this, 'setTimeout(…)');
      return start('setTimeout', callback, toDelay(delay), { args, thisArg: globalThis });
    },
    clearTimeout(id = undefined) {
      requireGlobal(this, 'clearTimeout(…)');
      clear(id);
    },
    setInterval(callback, delay = 0, ...args) {
      requireGlobal(this, 'setInterval(…)');
      return start('setInterval', callback, toDelay(delay), { args, repeat: true, thisArg: globalThis });
    },
    clearInterval(id = undefined) {
      requireGlobal(this, 'clearInterval(…)');
      clear(id);
    },
  });
}
