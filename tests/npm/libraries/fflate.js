// Compression without the platform's.
import { decompressSync, deflateSync, Gunzip, gunzipSync, Gzip, gzipSync, inflateSync, strFromU8, strToU8, Unzip, UnzipInflate, unzipSync, unzlibSync, zipSync, zlibSync } from 'fflate';

const bytesOf = async (request) => new Uint8Array(await request.arrayBuffer());
const mtime = new Date(2020, 1, 3, 4, 5, 6);

function joined(chunks) {
  const whole = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  chunks.reduce((at, chunk) => (whole.set(chunk, at), at + chunk.length), 0);
  return whole;
}

const routes = {
  deflate: (bytes, level) => deflateSync(bytes, { level }),
  gzip: (bytes, level) => gzipSync(bytes, { level, mtime: 0, filename: 'ä.txt' }),
  zlib: (bytes, level) => zlibSync(bytes, { level }),
  round: (bytes, level) => [inflateSync(deflateSync(bytes, { level })), gunzipSync(gzipSync(bytes, { level })), unzlibSync(zlibSync(bytes, { level })), decompressSync(gzipSync(bytes))].map((result) => result.length).join(),
  zip: (bytes, level) => zipSync({ 'a.txt': bytes, folder: { 'b ü.bin': [bytes.subarray(0, 10), { level: 0 }] }, 'empty': new Uint8Array() }, { level, mtime }),
  unzip(bytes) {
    const files = unzipSync(zipSync({ a: bytes, b: { c: strToU8('é') } }, { mtime }), { filter: (file) => file.originalSize > 0 });
    return JSON.stringify(Object.entries(files).map(([name, content]) => [name, content.length, strFromU8(content).slice(0, 20)]));
  },
  streamed(bytes, level) {
    const chunks = [];
    const gzip = new Gzip({ level, mtime: 0 }, (chunk) => { chunks.push(chunk); });
    for (let at = 0; at < bytes.length; at += 1000) gzip.push(bytes.subarray(at, at + 1000));
    gzip.push(new Uint8Array(), true);
    return joined(chunks);
  },
  unstreamed(bytes) {
    const chunks = [];
    const gunzip = new Gunzip((chunk) => { chunks.push(chunk); });
    const packed = gzipSync(bytes);
    for (let at = 0; at < packed.length; at += 7) gunzip.push(packed.subarray(at, at + 7), at + 7 >= packed.length);
    return joined(chunks);
  },
  unzipped(bytes) {
    const names = [];
    const unzip = new Unzip((file) => {
      file.ondata = (error, data, final) => { if (final) names.push(`${file.name} ${error}`); };
      file.start();
    });
    unzip.register(UnzipInflate);
    unzip.push(zipSync({ a: bytes, b: bytes }, { mtime }), true);
    return names.join();
  },
  broken: (bytes) => gunzipSync(bytes),
  // what the platform makes of it, and the other way
  async platform(bytes) {
    const through = async (stream, input) => new Uint8Array(await new Response(new Blob([input]).stream().pipeThrough(stream)).arrayBuffer());
    const here = await through(new DecompressionStream('gzip'), gzipSync(bytes));
    return `${here.length} ${gunzipSync(await through(new CompressionStream('gzip'), bytes)).length}`;
  },
};

export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    try {
      return new Response(await routes[pathname.slice(1)](await bytesOf(request), Number(searchParams.get('level') ?? 6)));
    } catch (error) {
      return new Response(`${error.message} ${error.code}`, { status: 400 });
    }
  },
};
