// Computes the Mandelbrot set on a grid, and answers with a checksum of it.

import { Request, Response, serve } from "./wasi-http";

export { cabi_realloc } from "./wasi-http";

const LIMIT: u32 = 50;

export function handle(request: i32, out: i32): void {
  serve(request, out, mandelbrot);
}

function mandelbrot(request: Request): Response {
  const text = request.query("size");
  const size = text === null ? 64 : parse(text);
  if (size == 0) {
    return new Response("bad request\n", 400);
  }
  let sum: u32 = 0;
  let hash: u32 = 2166136261;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const n = iterations(-2.0 + (3.0 * f64(x)) / f64(size), -1.5 + (3.0 * f64(y)) / f64(size));
      sum += n;
      hash = (hash ^ n) * 16777619;
    }
  }
  const digits = hash.toString(16).padStart(8, "0");
  return new Response(`size=${size} iterations=${sum} hash=${digits}\n`);
}

/** A number from 1 to 1024 without sign or leading zeros; else 0. */
function parse(text: string): i32 {
  let size = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9 || (digit == 0 && i == 0)) return 0;
    size = size * 10 + digit;
    if (size > 1024) return 0;
  }
  return size;
}

/** How many steps it takes until the point leaves the circle of radius 2. */
function iterations(re: f64, im: f64): u32 {
  let zr = 0.0;
  let zi = 0.0;
  let n: u32 = 0;
  while (n < LIMIT && zr * zr + zi * zi <= 4.0) {
    const next = zr * zr - zi * zi + re;
    zi = 2.0 * zr * zi + im;
    zr = next;
    n++;
  }
  return n;
}
