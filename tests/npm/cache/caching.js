// What a worker in front of an origin does with `caches.default`: look, else ask, and keep what may be kept.
export default {
  async fetch(request, env, ctx) {
    const { pathname, search } = new URL(request.url);
    const cache = caches.default;
    const kept = await cache.match(request);
    if (kept) return kept;
    const response = await fetch(env.ORIGIN + pathname + search, request);
    if (request.method === 'GET' && response.status !== 206 && response.headers.get('vary') !== '*') {
      ctx.waitUntil(cache.put(request, response.clone()));
    }
    return response;
  },
};
