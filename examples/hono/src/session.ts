import { Hono } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { csrf } from "hono/csrf";

import type { Env } from "./env";

export const session = new Hono<Env>();

session.use(csrf());

session.post("/login", async (c) => {
  const { name, next } = await c.req.parseBody<{ name: string; next?: string }>();
  setCookie(c, "name", name, { path: "/", httpOnly: true, secure: true, sameSite: "Lax", maxAge: 3600 });
  setCookie(c, "seen", "birds; and, more", { path: "/session", partitioned: true, secure: true, priority: "High" });
  setCookie(c, "guest", "", { path: "/", expires: new Date(Date.UTC(2020, 0, 2, 3, 4, 5)) });
  setCookie(c, "key", "k", { prefix: "host", secure: true, path: "/" });
  return c.redirect(next ?? "/session", 303);
});

session.get("/", (c) => c.json(getCookie(c)));

session.get("/logout", (c) => {
  const name = deleteCookie(c, "name", { path: "/" });
  return c.text(`bye ${name ?? "stranger"}`);
});

session.get("/old", (c) => c.redirect("/session"));
session.get("/moved", (c) => c.redirect("https://other.example/p%C3%A4th?q=%C3%BC", 301));
