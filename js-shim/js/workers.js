// The module `cloudflare:workers`.

import { waitUntil } from './context.js';
import { env } from './env.js';
import { shapeInterface } from './webidl.js';

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

export function install() {
  shapeInterface('WorkerEntrypoint', WorkerEntrypoint);
}
