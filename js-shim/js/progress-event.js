// ProgressEvent (XHR standard section 5).

import { Event } from './events.js';
import { exposeInterfaces, requireArguments } from './webidl.js';

function toDouble(value) {
  const number = value === undefined ? 0 : Number(value);
  if (!Number.isFinite(number)) throw new TypeError('ProgressEvent: loaded and total must be finite numbers.');
  return number;
}

export class ProgressEvent extends Event {
  #lengthComputable;
  #loaded;
  #total;

  constructor(type, eventInitDict = undefined) {
    requireArguments(arguments.length, 1, 'ProgressEvent');
    super(type, eventInitDict);
    const { lengthComputable, loaded, total } = eventInitDict ?? {};
    this.#lengthComputable = Boolean(lengthComputable);
    this.#loaded = toDouble(loaded);
    this.#total = toDouble(total);
  }

  get lengthComputable() { return this.#lengthComputable; }
  get loaded() { return this.#loaded; }
  get total() { return this.#total; }
}

export function install() {
  exposeInterfaces({ ProgressEvent });
}
