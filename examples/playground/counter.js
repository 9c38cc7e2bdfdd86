// Counts in a KV namespace. The playground's namespaces are empty at the beginning of each run.

export default {
  async fetch(request, env, ctx) {
    const count = Number((await env.COUNTS.get("visits")) ?? 0) + 1;
    ctx.waitUntil(env.COUNTS.put("visits", String(count)));
    console.log("visit number", count);
    return Response.json({ visits: count });
  },
};
