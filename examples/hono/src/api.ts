import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { etag } from "hono/etag";
import { HTTPException } from "hono/http-exception";
import { prettyJSON } from "hono/pretty-json";
import { validator } from "hono/validator";

import { birds, find } from "./birds";
import type { Env } from "./env";

export const api = new Hono<Env>();

api.use(
  cors({
    origin: (origin) => (origin.endsWith(".example") ? origin : null),
    allowMethods: ["GET", "POST", "PUT", "DELETE"],
    allowHeaders: ["content-type", "x-token"],
    exposeHeaders: ["etag"],
    credentials: true,
    maxAge: 600,
  }),
);
api.use("/birds/*", etag());
api.use("/birds", etag({ weak: true }), prettyJSON());
api.use("/upload/small", bodyLimit({ maxSize: 16, onError: (c) => c.text("too big", 413) }));

api.get("/birds", (c) => {
  const heaviest = Number(c.req.query("max_grams") ?? Infinity);
  const places = c.req.queries("habitat") ?? [];
  return c.json(birds.filter((bird) => bird.grams <= heaviest && places.every((place) => bird.habitat.includes(place))));
});

api.get("/birds/:id{[a-z]+}", (c) => {
  const bird = find(c.req.param("id"));
  if (!bird) throw new HTTPException(404, { message: `no bird is called ${c.req.param("id")}` });
  return c.json(bird);
});

api.post(
  "/birds",
  validator("json", (value, c) => {
    if (typeof value.name !== "string" || value.name === "") return c.json({ error: "`name` is missing" }, 422);
    return { name: value.name as string, grams: Number(value.grams ?? 0) };
  }),
  (c) => {
    const bird = c.req.valid("json");
    const id = bird.name.toLowerCase().normalize("NFC").replace(/[^\p{L}\d]+/gu, "-");
    return c.json({ id, ...bird }, 201, { Location: `/api/birds/${encodeURIComponent(id)}` });
  },
);

api.put("/birds/:id", async (c) => c.json({ id: c.req.param("id"), change: await c.req.json() }));
api.delete("/birds/:id", (c) => c.body(null, 204));

api.post("/form", async (c) => {
  const form = await c.req.parseBody({ all: true, dot: true });
  const seen: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(form)) {
    seen[name] = value instanceof File ? { file: value.name, type: value.type, size: value.size, text: await value.text() } : value;
  }
  return c.json(seen);
});

api.post("/form/raw", async (c) => {
  let form: FormData;
  try {
    form = await c.req.formData();
  } catch (error) {
    return c.json({ error: (error as Error).name }, 400);
  }
  return c.json([...form].map(([name, value]) => [name, typeof value === "string" ? value : `${value.name} (${value.type})`]));
});

api.post("/upload", async (c) => {
  const bytes = await c.req.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return c.json({ bytes: bytes.byteLength, sha256: Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") });
});
api.post("/upload/small", async (c) => c.text(await c.req.text()));

api.post("/reverse", async (c) => {
  const bytes = new Uint8Array(await c.req.arrayBuffer());
  return c.body(bytes.reverse(), 200, { "Content-Type": "application/octet-stream" });
});

api.get("/bytes", (c) => c.body(Uint8Array.from({ length: 256 }, (_, index) => index), 200, { "Content-Type": "application/octet-stream" }));

api.all("/echo/*", async (c) => {
  const url = new URL(c.req.url);
  return c.json({
    method: c.req.method,
    url: c.req.url,
    path: c.req.path,
    search: url.search,
    query: [...url.searchParams],
    type: c.req.header("content-type") ?? null,
    token: c.req.header("X-Token") ?? null,
    body: await c.req.text(),
  });
});

api.get("/headers", (c) => {
  const seen = Object.entries(c.req.header()).filter(([name]) => name.startsWith("x-") || name.startsWith("accept"));
  c.header("x-one", "1");
  c.header("X-Two", "a");
  c.header("x-two", "b", { append: true });
  c.header("x-empty", "");
  c.header("x-gone", "soon");
  c.header("x-gone", undefined);
  c.header("vary", "accept");
  return c.json(Object.fromEntries(seen.sort()));
});

api.get("/params/:first/:second?", (c) => c.json(c.req.param()));
api.get("/files/*", (c) => c.text(decodeURIComponent(c.req.path)));
api.on(["PATCH", "PROPFIND"], "/methods", (c) => c.text(c.req.method));
api.get("/status/:code{[0-9]+}", (c) => {
  const status = Number(c.req.param("code"));
  return new Response([101, 204, 205, 304].includes(status) ? null : `status ${status}`, { status });
});
