// Answers every request with the same text.

import { Request, Response, serve } from "./wasi-http";

export { cabi_realloc } from "./wasi-http";

export function handle(request: i32, out: i32): void {
  serve(request, out, hello);
}

function hello(_request: Request): Response {
  return new Response("Hello from glowplug!\n");
}
