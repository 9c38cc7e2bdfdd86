// Fetcher: another worker (service binding) or the static assets, as `env` holds them.

import { fetchFrom } from './fetch.js';
import { blame } from './pending.js';
import { illegalInvocation, kInternal, shapeInterface } from './webidl.js';

const { callBinding } = native;

/** Where the request of one call goes (`NETWORK` in fetch.js). */
class Service {
  constructor(name) {
    this.name = name;
    this.label = `env.${name}.fetch`;
    this.needsBody = false;
    this.entry = null;
  }

  send(method, url, headers, content) { return callBinding(this.name, method, url, headers, content); }

  failure(reason) { return blame(new TypeError(`${this.label}() failed: ${reason}`), this.entry); }
}

export class Fetcher {
  #name;

  constructor(token = undefined, name = undefined) {
    if (token !== kInternal) throw new TypeError('Illegal constructor');
    this.#name = name;
  }

  static #check(fetcher, how) {
    if (typeof fetcher !== 'object' || fetcher === null || !(#name in fetcher)) throw illegalInvocation(how);
    return fetcher.#name;
  }

  fetch(input, init = undefined) {
    try {
      const name = Fetcher.#check(this, 'env.NAME.fetch(…)');
      if (arguments.length === 0) throw new TypeError("Failed to execute 'fetch' on 'Fetcher': parameter 1 is not of type 'Request or string'.");
      return fetchFrom(new Service(name), input, init);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  connect() {
    const name = Fetcher.#check(this, 'env.NAME.connect(…)');
    throw new TypeError(`env.${name}.connect() is not there: a binding has no TCP sockets, only fetch().`);
  }
}

export function install() {
  shapeInterface('Fetcher', Fetcher);
}
