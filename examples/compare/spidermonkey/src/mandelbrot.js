// Counts the iterations of each point of the Mandelbrot set, and hashes the counts.

const MAX_SIZE = 1024;
const MAX_ITERATIONS = 50;

addEventListener('fetch', event => event.respondWith(handle(event.request)));

function handle(request) {
  const text = new URL(request.url).searchParams.get('size') ?? '64';
  const size = Number(text);
  if (!/^[1-9]\d{0,3}$/.test(text) || size > MAX_SIZE) {
    return answer('bad request\n', 400);
  }
  const { iterations, hash } = mandelbrot(size);
  return answer(`size=${size} iterations=${iterations} hash=${hash.toString(16).padStart(8, '0')}\n`, 200);
}

function mandelbrot(size) {
  let iterations = 0;
  let hash = 2166136261; // FNV-1a
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const n = escapeTime(-2.0 + (3.0 * x) / size, -1.5 + (3.0 * y) / size);
      iterations += n;
      hash = Math.imul(hash ^ n, 16777619);
    }
  }
  return { iterations, hash: hash >>> 0 };
}

function escapeTime(cr, ci) {
  let zr = 0;
  let zi = 0;
  let n = 0;
  while (n < MAX_ITERATIONS && zr * zr + zi * zi <= 4.0) {
    const t = zr * zr - zi * zi + cr;
    zi = 2.0 * zr * zi + ci;
    zr = t;
    n++;
  }
  return n;
}

function answer(body, status) {
  return new Response(body, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } });
}
