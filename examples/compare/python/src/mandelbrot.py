"""Counts the iterations of each point of the Mandelbrot set, and hashes the counts."""

import re

from worker import Request, Response, serve

MAX_SIZE = 1024
MAX_ITERATIONS = 50


def handle(request: Request) -> Response:
    text = request.query.get("size", ["64"])[0]
    if not re.fullmatch("[1-9][0-9]{0,3}", text) or int(text) > MAX_SIZE:
        return Response("bad request\n", status=400)
    size = int(text)
    iterations, digest = mandelbrot(size)
    return Response(f"size={size} iterations={iterations} hash={digest:08x}\n")


def mandelbrot(size: int) -> tuple[int, int]:
    iterations = 0
    digest = 2166136261  # FNV-1a
    for y in range(size):
        ci = -1.5 + 3.0 * y / size
        for x in range(size):
            n = escape_time(-2.0 + 3.0 * x / size, ci)
            iterations += n
            digest = (digest ^ n) * 16777619 & 0xFFFFFFFF
    return iterations, digest


def escape_time(cr: float, ci: float) -> int:
    zr = zi = 0.0
    n = 0
    while n < MAX_ITERATIONS and zr * zr + zi * zi <= 4.0:
        zr, zi = zr * zr - zi * zi + cr, 2.0 * zr * zi + ci
        n += 1
    return n


IncomingHandler = serve(handle)
