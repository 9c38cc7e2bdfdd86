// Counts visits. `POST /SLUG` adds one, and `POST /` with a list of slugs gives the counts of these.

export default {
  async fetch(request, env) {
    const slug = new URL(request.url).pathname.slice(1);
    if (slug === "") return Response.json(await counts(await request.json(), env));
    // Two visits at the same moment may count as one: KV has no transactions.
    await env.COUNTS.put(slug, String(Number(await env.COUNTS.get(slug)) + 1));
    return new Response(null, { status: 204 });
  },
};

async function counts(slugs, env) {
  const found = await env.COUNTS.get(slugs);
  return Object.fromEntries(slugs.map((slug) => [slug, Number(found.get(slug))]));
}
