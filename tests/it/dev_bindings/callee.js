// Shows what it is asked; below `/callee/` each path is a behaviour.

let count = 0;
Array.prototype.leaked = "leaked";

const behaviours = {
  mirror: (request) =>
    new Response(
      request.body.pipeThrough(new TransformStream({
        transform(chunk, controller) {
          controller.enqueue(new TextEncoder().encode(new TextDecoder().decode(chunk).toUpperCase()));
        },
      })),
    ),

  count() {
    count += 1;
    return new Response(String(count));
  },

  work(request) {
    const turns = Number(new URL(request.url).searchParams.get("n"));
    let n = 0;
    while (n < turns) n += 1;
    return new Response(String(n));
  },

  throw() { throw new RangeError("3 is too many"); },
  nothing() {},
  hang: () => new Promise(() => {}),
  loop() { for (;;); },

  break: () =>
    new Response(new ReadableStream({
      pull(controller) { controller.error(new Error("no more of it")); },
    })),

  slow: () => new Promise((resolve) => setTimeout(() => resolve(new Response()), 20_000)),

  endless: () =>
    new Response(new ReadableStream({ pull(controller) { controller.enqueue(new Uint8Array(65_536)); } })),

  later(request, ctx) {
    ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 50)).then(() => console.log("done later")));
    return new Response("answered");
  },
};

export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    if (url.pathname.startsWith("/callee/")) return behaviours[url.pathname.slice("/callee/".length)](request, ctx);
    if (url.pathname === "/redirect") return Response.redirect("https://elsewhere.example/", 302);
    if (url.pathname === "/hop") return Response.redirect("https://shop.example/landed", 302);
    const headers = new Headers({ "x-callee": "from the callee" });
    headers.append("set-cookie", "a=1");
    headers.append("set-cookie", "b=2");
    const seen = {
      method: request.method,
      url: request.url,
      headers: Object.fromEntries(request.headers),
      body: request.body === null ? null : await request.text(),
    };
    return Response.json(seen, { status: url.hostname === "shop.example" && url.port !== "" ? 418 : 200, headers });
  },
};
