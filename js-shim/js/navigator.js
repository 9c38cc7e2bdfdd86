// navigator (HTML section 8.10, Ecma-429).

import { exposeInterfaces, exposeReplaceable, kInternal } from './webidl.js';

class Navigator {
  #token;

  constructor(token = undefined) {
    if (token !== kInternal) throw new TypeError('Illegal constructor');
    this.#token = token;
  }

  // Hono and others pick their code for Workers by this very name (Hono's env() gives {} for any other), so a
  // runtime that runs workers has to say it
  get userAgent() { return (this.#token, 'Cloudflare-Workers'); }
}

export function install() {
  exposeInterfaces({ Navigator });
  exposeReplaceable('navigator', new Navigator(kInternal));
}
