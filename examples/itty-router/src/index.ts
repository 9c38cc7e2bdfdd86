import { AutoRouter, cors, error, html, type IRequest, json, status, StatusError, text, withContent, withCookies } from "itty-router";

import type { Env } from "./env";
import { items } from "./items";
import { stock } from "./stock";

const { preflight, corsify } = cors({
  origin: ["https://shop.example", "https://admin.example"],
  credentials: true,
  allowMethods: ["GET", "POST", "PATCH"],
  allowHeaders: ["content-type", "x-cart"],
  exposeHeaders: "x-items",
  maxAge: 300,
});

const countItems = (response: Response) => {
  const counted = new Response(response.body, response);
  counted.headers.set("x-items", String(items.length));
  return counted;
};

// `corsify` of itty-router 6.0.0 makes each response a 200.
const share = (response: Response, request: IRequest) => (response.status === 200 ? corsify(response, request) : response);

const router = AutoRouter({
  before: [preflight],
  catch: (reason, request) => {
    if (reason instanceof SyntaxError) return error(400, "no JSON");
    if (new URL(request.url).pathname === "/fail/handled") return new Response(`caught ${reason.message}`, { status: 503 });
    return error(reason);
  },
  finally: [countItems, share],
});

const loggedIn = (request: IRequest) => {
  if (!request.headers.get("authorization")) return error(401, "who are you?");
};

router
  .get("/", (_request: IRequest, env: Env) => `Prices in ${env.CURRENCY}`)
  .get("/items", ({ query }: IRequest) => items.filter((item) => !query.tag || [query.tag].flat().every((tag) => item.tags.includes(tag))))
  .get("/items/:id", ({ id }: IRequest) => items.find((item) => item.id === id) ?? error(404, `no item ${id}`))
  .get("/items/:id/:field.:format?", ({ params }: IRequest) => params)
  .get("/files/:path+", ({ params, route }: IRequest) => ({ ...params, route }))
  .get("/greedy/*", ({ url }: IRequest) => ({ url }))
  .post("/items", withContent, ({ content }: IRequest) => {
    const { name, cents } = content as { name?: string; cents?: number };
    if (!name || !Number.isInteger(cents)) throw new StatusError(422, { error: "`name` and `cents` are needed", got: content });
    return json({ id: items.length, name, cents }, { status: 201, headers: { location: `/items/${items.length}` } });
  })
  .post("/content", withContent, ({ content }: IRequest) => (content instanceof FormData ? { form: [...content.entries()] } : { content: content ?? null }))
  .patch("/items/:id", async (request: IRequest) => ({ id: request.params.id, change: await request.json() }))
  .delete("/items/:id", () => status(204))
  .head("/items", () => new Response(null, { headers: { "x-head": "yes" } }))
  .all("/any/:thing?", ({ method, params }: IRequest) => `${method} ${params.thing ?? "nothing"}`)
  .get("/cart", withCookies, ({ cookies }: IRequest) => cookies)
  .put("/cart/:item", ({ item }: IRequest) => {
    const response = text(`added ${item}`);
    response.headers.append("set-cookie", `item=${encodeURIComponent(item)}; Path=/cart; HttpOnly`);
    response.headers.append("set-cookie", "count=1; Max-Age=60; Expires=Wed, 02 Jan 2030 03:04:05 GMT");
    return response;
  })
  .get("/private/*", loggedIn)
  .get("/private/orders", () => [])
  .get("/label/:id", ({ id }: IRequest) => html(`<p>${id}</p>`))
  .get("/old", ({ url }: IRequest) => Response.redirect(new URL("/items?tag=tea", url).href, 301))
  .get("/empty", () => status(202))
  .get("/number", () => 42)
  .get("/null", () => null)
  .get("/text", () => new Response("Tee für zwei 🍵"))
  .get("/fail/status", () => {
    throw new StatusError(402, "pay first");
  })
  .get("/fail/error", async () => {
    throw new TypeError("out of tea");
  })
  .get("/fail/handled", () => {
    throw new Error("on the way");
  })
  .get("/fail/json", async () => JSON.parse("{tea"))
  .all("/stock/*", stock.fetch);

export default router;
