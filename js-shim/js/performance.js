// performance (High Resolution Time). The clock stands still while the worker computes; it moves with I/O.

import { EventTarget } from './events.js';
import { exposeInterfaces, exposeReplaceable, kInternal } from './webidl.js';

const { monotonicNow, now } = native;

class Performance extends EventTarget {
  constructor(token = undefined) {
    if (token !== kInternal) throw new TypeError('Illegal constructor');
    super();
  }

  now() { return monotonicNow(); }

  get timeOrigin() { return now() - monotonicNow(); }

  toJSON() { return { timeOrigin: this.timeOrigin }; }
}

export function install() {
  exposeInterfaces({ Performance });
  exposeReplaceable('performance', new Performance(kInternal));
}
