// How a promise stands, for util.inspect().

import { promiseState } from 'glowplug:node';

/** `[state]` or `[state, value]`; the states of what waits and of what was rejected are the caller's. */
export function details(promise, pending, rejected) {
  const [state, value] = promiseState(promise);
  return [state === 'pending' ? pending : state === 'rejected' ? rejected : state, value];
}
