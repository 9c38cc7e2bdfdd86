// Event (DOM standard section 2.2). There is no tree: an event has one target, so there is neither capture nor bubbling
// to do, and while it is dispatched its target is its current target.

import { defineConstants, dictionary, exposeInterfaces, illegalInvocation, requireArguments } from './webidl.js';

const { monotonicNow } = native;

const DISPATCHING = 1;
const STOP_IMMEDIATE = 2;
const STOP = 4;
const CANCELED = 8;
const PASSIVE = 16;
const BUBBLES = 32;
const CANCELABLE = 64;
const COMPOSED = 128;
const TRUSTED = 256;

let start;
let finish;
let isEvent;
let isCanceled;
let isDispatching;
let isStopped;
let isTrusted;
let setPassive;

// one getter for all events: `isTrusted` is an own property that cannot be redefined
const trusted = {
  ...Object.getOwnPropertyDescriptor({ get isTrusted() { return isTrusted(this); } }, 'isTrusted'),
  configurable: false,
};

// Events are made on hot paths, so the state is few fields, and the dictionary is read only when it is there.
export class Event {
  #type;
  #flags = 0;
  #target = null;
  #timeStamp = monotonicNow();

  constructor(type, init = undefined) {
    requireArguments(arguments.length, 1, 'Event');
    this.#type = `${type}`;
    Object.defineProperty(this, 'isTrusted', trusted);
    if (init === undefined || init === null) return;
    const { bubbles, cancelable, composed } = dictionary(init, 'The event init');
    this.#flags = (bubbles ? BUBBLES : 0) | (cancelable ? CANCELABLE : 0) | (composed ? COMPOSED : 0);
  }

  get type() { return this.#type; }
  get target() { return this.#target; }
  get srcElement() { return this.#target; }
  get currentTarget() { return (this.#flags & DISPATCHING) === 0 ? null : this.#target; }
  composedPath() { return (this.#flags & DISPATCHING) === 0 ? [] : [this.#target]; }

  get eventPhase() { return (this.#flags & DISPATCHING) === 0 ? 0 : 2; }
  stopPropagation() { this.#flags |= STOP; }
  get cancelBubble() { return (this.#flags & STOP) !== 0; }
  set cancelBubble(value) { this.#flags |= value ? STOP : 0; }
  stopImmediatePropagation() { this.#flags |= STOP | STOP_IMMEDIATE; }

  get bubbles() { return (this.#flags & BUBBLES) !== 0; }
  get cancelable() { return (this.#flags & CANCELABLE) !== 0; }
  get returnValue() { return (this.#flags & CANCELED) === 0; }
  set returnValue(value) { this.#cancel(!value); }
  preventDefault() { this.#cancel(true); }
  get defaultPrevented() { return (this.#flags & CANCELED) !== 0; }
  get composed() { return (this.#flags & COMPOSED) !== 0; }
  get timeStamp() { return this.#timeStamp; }

  initEvent(type, bubbles = false, cancelable = false) {
    const flags = this.#flags;
    requireArguments(arguments.length, 1, 'initEvent');
    const name = `${type}`;
    if ((flags & DISPATCHING) !== 0) return;
    this.#type = name;
    this.#target = null;
    this.#flags = (bubbles ? BUBBLES : 0) | (cancelable ? CANCELABLE : 0) | (flags & COMPOSED);
  }

  #cancel(wanted) {
    if (wanted && (this.#flags & (CANCELABLE | PASSIVE)) === CANCELABLE) this.#flags |= CANCELED;
  }

  static {
    isEvent = (value) => typeof value === 'object' && value !== null && #flags in value;
    isTrusted = (event) => {
      if (!isEvent(event)) throw illegalInvocation('event.isTrusted');
      return (event.#flags & TRUSTED) !== 0;
    };
    isCanceled = (event) => (event.#flags & CANCELED) !== 0;
    isDispatching = (event) => (event.#flags & DISPATCHING) !== 0;
    isStopped = (event) => (event.#flags & STOP_IMMEDIATE) !== 0;
    start = (event, target, isOurs) => {
      event.#flags = (event.#flags & ~TRUSTED) | DISPATCHING | (isOurs ? TRUSTED : 0);
      event.#target = target;
    };
    setPassive = (event, passive) => {
      event.#flags = passive ? event.#flags | PASSIVE : event.#flags & ~PASSIVE;
    };
    finish = (event) => {
      event.#flags &= ~(DISPATCHING | STOP | STOP_IMMEDIATE | PASSIVE);
    };
  }
}

export { finish, isCanceled, isDispatching, isEvent, isStopped, setPassive, start };

export function install() {
  defineConstants(Event, { NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3 });
  exposeInterfaces({ Event });
}
