// Calls the worker behind `OTHER`, one way for each path.

let count = 0;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

async function refusal(action) {
  try {
    return `nothing was thrown: ${await action()}`;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

const calls = {
  async request({ OTHER }) {
    const response = await OTHER.fetch("https://shop.example:8443/a%20b/c?d=e&f#fragment", {
      method: "PUT",
      headers: [["x-one", "1"], ["x-one", "2"], ["glowplug-url", "http://admin.example/secret"]],
      body: "text",
    });
    const redirect = await OTHER.fetch("https://shop.example/redirect", { redirect: "manual" });
    return Response.json({
      status: response.status,
      statusText: response.statusText,
      url: response.url,
      header: response.headers.get("x-callee"),
      cookies: response.headers.getSetCookie(),
      body: await response.json(),
      redirected: [redirect.status, redirect.headers.get("location")],
    });
  },

  async bodiless({ OTHER }) {
    const bodies = ["GET", "POST", "DELETE"].map(async (method) => (await (await OTHER.fetch("https://x/", { method })).json()).body);
    return Response.json(await Promise.all(bodies));
  },

  forward: ({ OTHER }, request) => OTHER.fetch(request),

  async duplex({ OTHER }) {
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    const answering = OTHER.fetch("https://x/callee/mirror", { method: "POST", body: readable });
    const seen = [];
    await writer.write(encoder.encode("one"));
    const reader = (await answering).body.getReader();
    seen.push(decoder.decode((await reader.read()).value));
    await writer.write(encoder.encode("two"));
    seen.push(decoder.decode((await reader.read()).value));
    await writer.close();
    seen.push((await reader.read()).done);
    return Response.json(seen);
  },

  mirror: ({ OTHER }, request) => OTHER.fetch("https://x/callee/mirror", request),

  async state({ OTHER }) {
    count += 1;
    const calls = [];
    for (let n = 0; n < 3; n += 1) calls.push(Number(await (await OTHER.fetch("https://x/callee/count")).text()));
    return Response.json({ own: count, calls, leaked: [].leaked ?? null });
  },

  work: ({ OTHER }, request) => OTHER.fetch(`https://x/callee/work${new URL(request.url).search}`),

  caught: async ({ OTHER }, request, path) =>
    Response.json(await refusal(async () => (await OTHER.fetch(`https://x/callee/${path}`)).text())),

  uncaught: ({ OTHER }, request, path) => OTHER.fetch(`https://x/callee/${path}`),

  missing: async ({ MISSING }) => Response.json(await refusal(() => MISSING.fetch("https://x/"))),

  async depth({ SELF }, request, path) {
    const depth = Number(path);
    try {
      return await SELF.fetch(`https://x/depth/${depth + 1}`);
    } catch (error) {
      return Response.json({ depth, thrown: `${error.name}: ${error.message}` });
    }
  },

  async aborted({ OTHER }) {
    const controller = new AbortController();
    const calling = OTHER.fetch("https://x/callee/slow", { signal: controller.signal });
    controller.abort();
    return Response.json(await calling.catch((error) => error.name));
  },

  unread: async ({ OTHER }) => Response.json((await OTHER.fetch("https://x/callee/endless")).status),

  later: ({ OTHER }) => OTHER.fetch("https://x/callee/later"),

  async odd({ OTHER }) {
    const followed = await OTHER.fetch("https://shop.example/hop");
    return Response.json({
      relative: await refusal(() => OTHER.fetch("/path")),
      data: await (await OTHER.fetch("data:,hi")).text(),
      ftp: await refusal(() => OTHER.fetch("ftp://x/")),
      connect: await refusal(() => OTHER.connect("x:1")),
      shape: String(OTHER),
      redirects: [followed.status, followed.url, followed.redirected],
    });
  },
};

export default {
  async fetch(request, env) {
    const [, name, ...path] = new URL(request.url).pathname.split("/");
    return calls[name](env, request, path.join("/"));
  },
};
