// The global `Cloudflare`, by which polyfills for Workers ask what the runtime has. No compatibility flag is set here:
// what such a flag would switch on is always on, or not there.

import { exposeValue } from './webidl.js';

export function install() {
  const compatibilityFlags = Object.freeze(Object.create(null));
  exposeValue('Cloudflare', Object.freeze({ compatibilityFlags }));
}
