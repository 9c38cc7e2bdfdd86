// A worker has no URL of its own, so relative ones are errors, unless it has given itself a `location`, as programs
// written for browsers are made to run: then that is the base (HTML standard, "API base URL").

const { parseUrl } = native;

function location() {
  const given = globalThis.location;
  return given === undefined || given === null ? undefined : String(given);
}

/** The URL record of an argument, undefined when it is none. */
export function toUrl(url) {
  const record = parseUrl(url);
  if (record !== undefined) return record;
  const base = location();
  return base === undefined ? undefined : parseUrl(url, base);
}

/** The serialised origin of what the worker calls its location. */
export function origin() {
  const base = location();
  const record = base === undefined ? undefined : parseUrl(base);
  return record === undefined ? 'null' : record.origin();
}
