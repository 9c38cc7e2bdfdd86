import { type Context, Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { proxy } from "hono/proxy";
import { timeout } from "hono/timeout";

import type { Env } from "./env";

export const upstream = new Hono<Env>();

const at = (c: Context<Env>, path: string) => new URL(path, c.env.ORIGIN);

// The origin's answer as it is: status, headers and stream.
upstream.all("/through/*", (c) => {
  const url = new URL(c.req.url);
  const target = at(c, url.pathname.replace("/upstream/through", "") + url.search);
  return fetch(new Request(target, c.req.raw));
});

upstream.all("/proxy/*", (c) =>
  proxy(at(c, c.req.path.replace("/upstream/proxy", "")), {
    ...c.req,
    headers: { ...c.req.header(), host: undefined, "x-forwarded-host": "guide.example", authorization: undefined },
  }),
);

upstream.get("/serial", async (c) => {
  const seen: unknown[] = [];
  for (const step of ["one", "two", "three"]) {
    const response = await fetch(at(c, `/echo/${step}`), { headers: { "X-Step": step } });
    const { path } = (await response.json()) as { path: string };
    seen.push([response.status, response.headers.get("content-type"), path]);
  }
  return c.json(seen);
});

upstream.get("/parallel", async (c) => {
  const delays = [400, 150, 270, 0];
  const order: number[] = [];
  const texts = await Promise.all(
    delays.map(async (delay, index) => {
      const response = await fetch(at(c, `/delay/${delay}`));
      order.push(index);
      return response.text();
    }),
  );
  return c.json({ texts, order });
});

upstream.get("/race", async (c) => {
  const abort = new AbortController();
  const ask = (delay: number) => fetch(at(c, `/delay/${delay}`), { signal: abort.signal }).then((response) => response.text());
  const slow = ask(5000).catch((error: Error) => `${error.name}: ${error.message}`);
  const fast = await ask(250);
  abort.abort();
  return c.json({ fast, slow: await slow });
});

upstream.get("/timeout", async (c) => {
  try {
    await fetch(at(c, "/delay/5000"), { signal: AbortSignal.timeout(250) });
    return c.text("in time");
  } catch (error) {
    return c.json({ name: (error as Error).name, dom: error instanceof DOMException }, 504);
  }
});
upstream.get("/reason", async (c) => {
  const abort = new AbortController();
  setTimeout(() => abort.abort(new RangeError("enough")), 250);
  const outcome = await fetch(at(c, "/delay/5000"), { signal: abort.signal }).catch((error: Error) => `${error.name}: ${error.message}`);
  return c.text(String(outcome));
});
upstream.get("/late", timeout(250, new HTTPException(504, { message: "upstream is late" })), async (c) => {
  await fetch(at(c, "/delay/5000"));
  return c.text("in time");
});

upstream.get("/redirects", async (c) => {
  const followed = await fetch(at(c, "/redirect/3"));
  const manual = await fetch(at(c, "/redirect/1"), { redirect: "manual" });
  const payload = new TextEncoder().encode("payload");
  const posted = await fetch(at(c, "/redirect-as/302"), { method: "POST", body: payload });
  const kept = await fetch(at(c, "/redirect-as/307"), { method: "POST", body: payload });
  const describe = async (response: Response) => [
    response.status,
    response.redirected,
    new URL(response.url).pathname,
    response.headers.get("location"),
    await response.text(),
  ];
  return c.json(await Promise.all([followed, manual, posted, kept].map(describe)));
});
upstream.get("/loop", async (c) => {
  const outcome = await fetch(at(c, "/redirect-loop")).catch((error: Error) => error.name);
  return c.text(String(outcome));
});

upstream.get("/status/:code", async (c) => {
  const response = await fetch(at(c, `/status/${c.req.param("code")}`));
  return c.json({ status: response.status, text: response.statusText, ok: response.ok, body: await response.text() });
});
upstream.get("/unreachable", async (c) => {
  const failed = await fetch("http://127.0.0.1:1/").then(
    () => "reached",
    (error: Error) => `unreachable: ${error instanceof Error}`,
  );
  return c.text(failed);
});
upstream.get("/cookies", async (c) => {
  const response = await fetch(at(c, "/cookies"));
  return c.json({ joined: response.headers.get("set-cookie"), each: response.headers.getSetCookie() });
});

upstream.post("/send/:kind", async (c) => {
  const text = await c.req.text();
  const bodies: Record<string, BodyInit> = {
    text,
    bytes: new TextEncoder().encode(text),
    blob: new Blob([text, "!"], { type: "text/x-blob" }),
    params: new URLSearchParams([["text", text]]),
  };
  const response = await fetch(at(c, "/echo/send"), { method: "PUT", body: bodies[c.req.param("kind")] });
  return new Response(response.body, { headers: { "Content-Type": "application/json" } });
});

// Reads and writes at once: the origin's chunks are changed on their way through.
upstream.get("/transform/*", async (c) => {
  const response = await fetch(at(c, c.req.path.replace("/upstream/transform", "")));
  const count = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      controller.enqueue(chunk.map((byte) => (byte >= 97 && byte <= 122 ? byte - 32 : byte)));
    },
    flush: (controller) => controller.enqueue(new TextEncoder().encode("(end)")),
  });
  return new Response(response.body?.pipeThrough(count), { headers: { "content-type": "text/plain" } });
});

upstream.get("/tee", async (c) => {
  const response = await fetch(at(c, "/chunks/4/3"));
  const copy = response.clone();
  const [text, bytes] = await Promise.all([response.text(), copy.arrayBuffer()]);
  return c.json({ text, bytes: bytes.byteLength, used: [response.bodyUsed, copy.bodyUsed] });
});

upstream.post("/audit", async (c) => {
  const entry = await c.req.json<{ what: string }>();
  const record = async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    await fetch(at(c, "/echo/audit"), { method: "POST", body: JSON.stringify(entry), headers: { "content-type": "application/json" } });
  };
  c.executionCtx.waitUntil(record());
  return c.text("accepted", 202);
});
