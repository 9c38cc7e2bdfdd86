// The module `cloudflare:workers`.

import { waitUntil } from './context.js';
import { shapeInterface } from './webidl.js';

/** The bindings; the very object a handler gets as `env`. */
export const env = {};

/** Base of class workers: `export default class extends WorkerEntrypoint { fetch(request) {…} }`. */
export class WorkerEntrypoint {
  constructor(ctx, env) {
    this.ctx = ctx;
    this.env = env;
  }
}

export const modules = {
  'cloudflare:workers': {
    WorkerEntrypoint,
    env,
    waitUntil(promise) { waitUntil(promise); },
  },
};

export function setEnv(vars) {
  Object.assign(env, vars);
}

export function install() {
  shapeInterface('WorkerEntrypoint', WorkerEntrypoint);
}
