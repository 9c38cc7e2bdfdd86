// What fetch() finds behind data: and blob: URLs (fetch standard section 4.2, "scheme fetch").

import { blobBytes } from './blob.js';
import { HeaderList } from './headers.js';

const { dataUrl, extractMime } = native;

/** A response as the network gives them, of `request`, whose URL has one of the two schemes. */
export function localResponse(request) {
  return request.url.startsWith('data:') ? dataResponse(request) : blobResponse(request);
}

function response(status, headers, body) {
  const list = new HeaderList();
  for (const [name, value] of headers) list.append(name, value);
  return { status, headers: list, body };
}

function dataResponse({ method, url }) {
  const parsed = dataUrl(url);
  if (parsed === undefined) throw new TypeError(`Fetch API cannot load: ${url}`);
  const [type, bytes] = parsed;
  return response(200, [['content-type', type]], method === 'HEAD' ? null : bytes);
}

function blobResponse({ method, url, headers, blob }) {
  if (blob === undefined) throw new TypeError(`Fetch API cannot load: ${url}`);
  if (method !== 'GET') throw new TypeError(`Fetch API cannot load a blob: URL with ${method}.`);
  const bytes = blobBytes(blob);
  const type = extractMime(blob.type) === undefined ? '' : blob.type;
  const range = headers.get('range');
  if (range === undefined) {
    return response(200, [['content-length', String(bytes.byteLength)], ['content-type', type]], bytes);
  }
  const [start, end] = parseRange(range, bytes.byteLength);
  return response(206, [
    ['content-length', String(end - start + 1)],
    ['content-type', type],
    ['content-range', `bytes ${start}-${end}/${bytes.byteLength}`],
  ], bytes.subarray(start, end + 1));
}

/** First and last byte of a single range, with whitespace allowed ("parse a single range header value"). */
function parseRange(value, size) {
  const match = /^bytes[\t ]*=[\t ]*(\d*)[\t ]*-[\t ]*(\d*)$/.exec(value);
  let start = match === null || match[1] === '' ? null : Number(match[1]);
  let end = match === null || match[2] === '' ? null : Number(match[2]);
  const bad = (start === null && end === null) || (start !== null && end !== null && start > end);
  if (!bad && start === null) {
    start = Math.max(0, size - end);
    end = size - 1;
  } else if (!bad) {
    end = Math.min(end ?? size - 1, size - 1);
  }
  if (bad || start >= size) throw new TypeError(`Invalid range of a blob: ${value}`);
  return [start, end];
}
