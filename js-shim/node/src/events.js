// node:events: unenv's EventEmitter, made callable as a plain function, as classes of before ES2015 inherit from it.

import {
  _EventEmitter as Emitter, addAbortListener, EventEmitterAsyncResource, getEventListeners, getMaxListeners, on, once,
} from 'unenv-internal/events/events';

export function EventEmitter(options) {
  if (new.target !== undefined) return Reflect.construct(Emitter, [options], new.target);
  return EventEmitter.init.call(this, options);
}

EventEmitter.prototype = Emitter.prototype;
Object.defineProperty(EventEmitter.prototype, 'constructor', { value: EventEmitter, writable: true, configurable: true });
Object.setPrototypeOf(EventEmitter, Emitter);
// one function under two names: streams redefine one of them, and call the other
EventEmitter.prototype.on = EventEmitter.prototype.addListener;
EventEmitter.prototype.off = EventEmitter.prototype.removeListener;
// methods of a class are not enumerable, but those of a function's prototype are, and mixins copy them
for (const name of Object.getOwnPropertyNames(EventEmitter.prototype)) {
  const descriptor = Object.getOwnPropertyDescriptor(EventEmitter.prototype, name);
  if (name !== 'constructor' && typeof descriptor.value === 'function') {
    Object.defineProperty(EventEmitter.prototype, name, { ...descriptor, enumerable: true });
  }
}

function init(options) {
  // the fields that the class's constructor sets, on an object that another constructor made
  const made = new Emitter(options);
  for (const key of Reflect.ownKeys(made)) {
    const isOwn = key !== '_events' && key !== '_eventsCount' ? Object.hasOwn(this, key) : this._events !== undefined && this._events !== Object.getPrototypeOf(this)._events;
    if (!isOwn) this[key] = made[key];
  }
}

export const captureRejectionSymbol = Symbol.for('nodejs.rejection');
export const errorMonitor = Symbol.for('events.errorMonitor');
export const usingDomains = false;
export const captureRejections = false;
export const defaultMaxListeners = 10;
export const setMaxListeners = Emitter.setMaxListeners.bind(Emitter);
export const listenerCount = (emitter, type) => emitter.listenerCount(type);
export { addAbortListener, EventEmitterAsyncResource, getEventListeners, getMaxListeners, init, on, once };

const statics = {
  EventEmitter, EventEmitterAsyncResource, addAbortListener, captureRejectionSymbol, errorMonitor, getEventListeners,
  getMaxListeners, init, listenerCount, on, once, setMaxListeners, usingDomains,
};
for (const [name, value] of Object.entries(statics)) {
  Object.defineProperty(EventEmitter, name, { value, writable: true, enumerable: true, configurable: true });
}

export default EventEmitter;
