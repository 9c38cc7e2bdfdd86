// Computes the Mandelbrot set on a grid, and answers with a checksum of it.

const LIMIT = 50;

export default {
  fetch(request) {
    const text = new URL(request.url).searchParams.get("size") ?? "64";
    const size = /^[1-9]\d{0,3}$/.test(text) ? Number(text) : 0;
    if (size < 1 || size > 1024) {
      return answer("bad request\n", 400);
    }
    let sum = 0;
    let hash = 2166136261;
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const n = iterations(-2 + (3 * x) / size, -1.5 + (3 * y) / size);
        sum += n;
        hash = Math.imul(hash ^ n, 16777619);
      }
    }
    const digits = (hash >>> 0).toString(16).padStart(8, "0");
    return answer(`size=${size} iterations=${sum} hash=${digits}\n`, 200);
  },
};

/** How many steps it takes until the point leaves the circle of radius 2. */
function iterations(re, im) {
  let zr = 0;
  let zi = 0;
  let n = 0;
  while (n < LIMIT && zr * zr + zi * zi <= 4) {
    const next = zr * zr - zi * zi + re;
    zi = 2 * zr * zi + im;
    zr = next;
    n++;
  }
  return n;
}

function answer(text, status) {
  return new Response(text, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}
