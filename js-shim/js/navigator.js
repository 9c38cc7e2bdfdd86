// navigator (HTML standard section 8.10, Beacon, Ecma-429).

import { waitUntil } from './context.js';
import { fetch } from './fetch.js';
import { exposeInterfaces, exposeReplaceable, exposeValue, illegalInvocation, kInternal, requireArguments } from './webidl.js';

const { disallow } = native;
const LANGUAGES = Object.freeze(['en']);

class WorkerNavigator {
  #brand;

  constructor(token = undefined) {
    if (token !== kInternal) throw new TypeError('Illegal constructor');
  }

  static #say(navigator, value) {
    if (!(#brand in navigator)) throw illegalInvocation('navigator.…');
    return value;
  }

  // the standard prescribes these
  get appCodeName() { return WorkerNavigator.#say(this, 'Mozilla'); }
  get appName() { return WorkerNavigator.#say(this, 'Netscape'); }
  get appVersion() { return WorkerNavigator.#say(this, '5.0 (Cloudflare-Workers)'); }
  get product() { return WorkerNavigator.#say(this, 'Gecko'); }

  get platform() { return WorkerNavigator.#say(this, ''); }
  // Hono and others pick their code for Workers by this very name (Hono's env() gives {} for any other), so a
  // runtime that runs workers has to say it
  get userAgent() { return WorkerNavigator.#say(this, 'Cloudflare-Workers'); }
  get language() { return WorkerNavigator.#say(this, LANGUAGES[0]); }
  get languages() { return WorkerNavigator.#say(this, LANGUAGES); }
  get onLine() { return WorkerNavigator.#say(this, true); }
  get hardwareConcurrency() { return WorkerNavigator.#say(this, 1); }

  sendBeacon(url, data = undefined) {
    WorkerNavigator.#say(this);
    requireArguments(arguments.length, 1, 'sendBeacon');
    disallow('navigator.sendBeacon()');
    const parsed = new URL(url);
    if (!/^https?:$/.test(parsed.protocol)) throw new TypeError('sendBeacon: the URL must be one of http: or https:.');
    // nobody hears of its failure
    waitUntil(fetch(parsed.href, { method: 'POST', body: data, keepalive: true }).then((response) => response.body?.cancel(), () => {}));
    return true;
  }
}

export function install() {
  exposeInterfaces({ WorkerNavigator });
  // its name in Workers
  exposeValue('Navigator', WorkerNavigator);
  exposeReplaceable('navigator', new WorkerNavigator(kInternal));
}
