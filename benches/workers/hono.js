import { Hono } from "hono";

const app = new Hono();
for (let version = 0; version < 50; version++) {
  app.get(`/v${version}/items/:id`, (c) => c.json({ version, id: c.req.param("id"), query: c.req.query("q") }));
}
// Hono compiles its routes when the first request comes. Done here, it is part of what a worker starts with.
app.fetch(new Request("http://localhost/"));

export default { fetch: (request) => app.fetch(request) };
