// What `cf` asks of the cache behind fetch(): the host is told in a header, which never leaves it.

/** Tells the host; a JSON object in ASCII. */
export const CF = 'glowplug-cf';

const MEMBERS = ['cacheTtl', 'cacheTtlByStatus', 'cacheEverything', 'cacheKey', 'cacheTags'];

/** The header's value for a request with this `cf`; undefined if it asks for nothing. */
export function cacheHeader(cf) {
  if (typeof cf !== 'object' || cf === null) return undefined;
  const asked = {};
  for (const name of MEMBERS) {
    if (cf[name] !== undefined && cf[name] !== null) asked[name] = cf[name];
  }
  if (Object.keys(asked).length === 0) return undefined;
  const escaped = (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(asked).replace(/[\u007f-\uffff]/g, escaped);
}
