import { Hono } from "hono";
import { basicAuth } from "hono/basic-auth";
import { HTTPException } from "hono/http-exception";
import { logger } from "hono/logger";
import { poweredBy } from "hono/powered-by";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";

import { api } from "./api";
import type { Env } from "./env";
import { live } from "./live";
import { ErrorPage, pages } from "./pages";
import { session } from "./session";
import { upstream } from "./upstream";

const app = new Hono<Env>();

app.use(logger());
app.use(requestId());
app.use("/pages/*", secureHeaders());
app.use("/admin/*", poweredBy());
app.use("/admin/*", (c, next) => {
  const { user, password } = c.env.ADMIN;
  return basicAuth({ username: user, password, realm: 'the "hide"' })(c, next);
});

app.get("/", (c) => c.text(`${c.env.TITLE} for ${c.req.query("name") ?? "everyone"}\n`));
app.get("/admin/vars", (c) => c.json({ ...c.env, ADMIN: { ...c.env.ADMIN, password: "***" }, ORIGIN: "***" }));

app.route("/api", api);
app.route("/pages", pages);
app.route("/session", session);
app.route("/live", live);
app.route("/upstream", upstream);

app.get("/fail/http", () => {
  throw new HTTPException(418, { message: "short and stout" });
});
app.get("/fail/response", () => {
  const response = Response.json({ error: "no token" }, { status: 401, headers: { "WWW-Authenticate": "Bearer" } });
  throw new HTTPException(401, { res: response });
});
app.get("/fail/error", () => {
  throw new RangeError("five is right out");
});
app.get("/fail/rejection", async () => {
  await Promise.reject(new TypeError("late"));
  return new Response();
});
app.get("/fail/page", async (c) => {
  c.header("x-set-before", "kept?");
  return c.html(await Promise.reject(new Error("<no page>")));
});

app.notFound((c) => c.text(`nothing at ${c.req.path}`, 404));
app.onError((error, c) => {
  if (error instanceof HTTPException) return error.getResponse();
  if (c.req.path === "/fail/page") return c.html(<ErrorPage message={error.message} />, 500);
  return c.json({ name: error.name, message: error.message }, 500);
});

export default app;
