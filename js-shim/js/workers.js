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

// Bases of classes that other platforms' bindings call. Nothing calls them here, but a worker may export them all the same.
class DurableObject {
  constructor(ctx, env) {
    this.ctx = ctx;
    this.env = env;
  }
}

class WorkflowEntrypoint {
  constructor(ctx, env) {
    this.ctx = ctx;
    this.env = env;
  }
}

class RpcTarget {}

// What calls between workers would give: `value instanceof RpcStub` is asked of any value.
class RpcStub {
  constructor() { throw new TypeError('RpcStub: there are no remote calls between workers. Use a service binding and its fetch().'); }
}

class RpcPromise {
  constructor() { throw new TypeError('Illegal constructor'); }
}

class RpcProperty {
  constructor() { throw new TypeError('Illegal constructor'); }
}

const classes = { DurableObject, RpcPromise, RpcProperty, RpcStub, RpcTarget, WorkerEntrypoint, WorkflowEntrypoint };

export const workersModule = {
  ...classes,
  env,
  waitUntil(promise) { waitUntil(promise); },
};

export function install() {
  for (const [name, Interface] of Object.entries(classes)) shapeInterface(name, Interface);
}
