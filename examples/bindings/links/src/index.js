// Makes short links and follows them.

export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/go/")) return follow(pathname.slice("/go/".length), env, ctx);
    if (pathname === "/api/links") {
      return request.method === "POST" ? add(request, env) : list(request, env);
    }
    if (pathname === "/api/version") return Response.json({ title: env.TITLE, version: env.VERSION });
    return Response.json({ error: "not found" }, { status: 404 });
  },
};

async function follow(slug, env, ctx) {
  const url = await env.LINKS.get(slug);
  // The page for what is not there is one of the static files.
  if (url === null) return env.ASSETS.fetch("https://assets/no-such-link");
  ctx.waitUntil(env.VISITS.fetch(`https://visits/${slug}`, { method: "POST" }));
  return Response.redirect(url, 302);
}

async function add(request, env) {
  if (request.headers.get("authorization") !== `Bearer ${env.ADMIN_TOKEN}`) {
    return Response.json({ error: "who are you?" }, { status: 401 });
  }
  const url = await request.text();
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    return Response.json({ error: "the body must be an http or https URL" }, { status: 400 });
  }
  const slug = newSlug(env.SLUG);
  await env.LINKS.put(slug, url, { metadata: { made: new Date().toISOString() } });
  return Response.json({ slug, url, short: new URL(`/go/${slug}`, request.url).href }, { status: 201 });
}

async function list(request, env) {
  const cursor = new URL(request.url).searchParams.get("cursor");
  const page = await env.LINKS.list({ limit: 100, cursor });
  const slugs = page.keys.map((key) => key.name);
  if (slugs.length === 0) return Response.json({ links: [] });
  const [urls, visits] = await Promise.all([
    env.LINKS.get(slugs),
    env.VISITS.fetch("https://visits/", { method: "POST", body: JSON.stringify(slugs) }).then((answer) => answer.json()),
  ]);
  const links = page.keys.map(({ name, metadata }) => ({
    slug: name,
    url: urls.get(name),
    made: metadata.made,
    visits: visits[name],
  }));
  return Response.json({ links, cursor: page.cursor });
}

function newSlug({ length, alphabet }) {
  const random = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(random, (byte) => alphabet[byte % alphabet.length]).join("");
}
