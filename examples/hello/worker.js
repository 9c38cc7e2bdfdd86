// The whole worker: one function from a request to a response.
//
//   glowplug dev examples/hello/worker.js
//   curl 'http://127.0.0.1:8787/?name=you'

export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    const name = url.searchParams.get("name") ?? "world";
    return new Response(`Hello, ${name}!\n`, {
      headers: { "content-type": "text/plain; charset=utf-8" },
    });
  },
};
