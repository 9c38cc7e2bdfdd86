import { Hono } from "hono";
import { html, raw } from "hono/html";
import type { FC, PropsWithChildren } from "hono/jsx";
import { renderToReadableStream, Suspense } from "hono/jsx/streaming";
import { jsxRenderer } from "hono/jsx-renderer";

import { type Bird, birds, find } from "./birds";
import type { Env } from "./env";

const Layout: FC<PropsWithChildren<{ title: string }>> = ({ title, children }) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <title>{title}</title>
    </head>
    <body>{children}</body>
  </html>
);

const Card: FC<{ bird: Bird; big?: boolean }> = ({ bird, big }) => (
  <article class={big ? "card big" : "card"} id={bird.id} hidden={bird.grams < 10} style={{ maxWidth: "20em", color: "green" }}>
    <h2>{bird.name}</h2>
    <em>{bird.latin}</em> weighs {bird.grams} g
    {bird.habitat.length > 1 && <ul>{bird.habitat.map((place) => <li>{place}</li>)}</ul>}
  </article>
);

const Slow: FC<{ id: string }> = async ({ id }) => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  const bird = find(id);
  return bird ? <Card bird={bird} big /> : <p>unknown</p>;
};

export const ErrorPage: FC<{ message: string }> = ({ message }) => (
  <Layout title="Error">
    <pre>{message}</pre>
  </Layout>
);

declare module "hono" {
  interface ContextRenderer {
    (content: string | Promise<string>, props: { title: string }): Response;
  }
}

export const pages = new Hono<Env>();

pages.use("/wrapped/*", jsxRenderer(({ children, title }) => <Layout title={title}>{children}</Layout>));

pages.get("/", (c) =>
  c.html(
    <Layout title={c.env.TITLE}>
      <h1>{birds.length} birds &amp; counting</h1>
      {birds.map((bird) => (
        <Card key={bird.id} bird={bird} />
      ))}
      <a href={`/pages/search?q=${encodeURIComponent("a&b")}`}>search</a>
    </Layout>,
  ),
);

pages.get("/wrapped/:id", (c) => {
  const bird = find(c.req.param("id"));
  return bird ? c.render(<Card bird={bird} />, { title: bird.name }) : c.notFound();
});

pages.get("/async/:id", (c) => c.html(<Slow id={c.req.param("id")} />));

pages.get("/suspense/:id", (c) => {
  const stream = renderToReadableStream(
    <Layout title="Suspense">
      <Suspense fallback={<p>looking…</p>}>
        <Slow id={c.req.param("id")} />
      </Suspense>
    </Layout>,
  );
  return c.body(stream, { headers: { "Content-Type": "text/html; charset=UTF-8", "Transfer-Encoding": "chunked" } });
});

pages.get("/search", (c) => {
  const query = c.req.query("q") ?? "";
  return c.html(html`<!doctype html>
    <p>Results for “${query}”: ${birds.filter((bird) => bird.name.includes(query)).map((bird) => html`<b>${bird.name}</b> `)}</p>
    ${raw("<hr>")}`);
});
