// Events that are no requests: cron triggers and the traces of other workers.

import { ExtendableEvent } from './fetch-event.js';
import { fireGlobal } from './event-target.js';
import { illegalInvocation, kInternal, shapeInterface } from './webidl.js';

/** What a `scheduled` handler is given first. */
export class ScheduledController {
  #cron;
  #time;

  constructor(token, cron, time) {
    if (token !== kInternal) throw new TypeError('Illegal constructor');
    this.#cron = cron;
    this.#time = time;
  }

  get type() { return (this.#cron, 'scheduled'); }
  get cron() { return this.#cron; }
  get scheduledTime() { return this.#time; }

  /** A run that failed is not tried again in any case. */
  noRetry() {
    if (!(#cron in this)) throw illegalInvocation('controller.noRetry()');
  }
}

/** The Service Worker form of a cron trigger. */
class ScheduledEvent extends ExtendableEvent {
  #controller;

  constructor(controller) {
    super('scheduled');
    this.#controller = controller;
  }

  get cron() { return this.#controller.cron; }
  get scheduledTime() { return this.#controller.scheduledTime; }
  noRetry() { this.#controller.noRetry(); }
}

/** The Service Worker form of other workers' traces. */
class TailEvent extends ExtendableEvent {
  #events;

  constructor(events) {
    super('tail');
    this.#events = events;
  }

  get events() { return this.#events; }
  get traces() { return this.#events; }
}

/** What a handler of `kind` is given. */
export function eventArgument(kind, text, time) {
  return kind === 'scheduled' ? new ScheduledController(kInternal, text, time) : JSON.parse(text);
}

/** Tells the listeners of the global scope. */
export function fireEvent(kind, argument) {
  fireGlobal(kind === 'scheduled' ? new ScheduledEvent(argument) : new TailEvent(argument));
}

export function install() {
  shapeInterface('ScheduledController', ScheduledController);
}
