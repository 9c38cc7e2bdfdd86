// Answers what clients.rs has all clients ask for. Each answer says how it was asked for in `x-path` and `x-protocol`.

export default {
  async fetch(request) {
    const url = new URL(request.url);
    const response = await (answers[url.pathname] ?? answers['/hello'])(request, url);
    if (response.status === 101) return response;
    response.headers.set('x-path', url.pathname);
    response.headers.set('x-protocol', request.cf.httpProtocol);
    return response;
  },
};

const answers = {
  '/hello': (request, url) =>
    Response.json({
      method: request.method,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      agent: request.headers.get('user-agent') ?? '',
    }),
  async '/echo'(request) {
    const body = await request.arrayBuffer();
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', body));
    const received = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
    return new Response(body, { headers: { 'content-type': 'application/octet-stream', 'x-sha256': received } });
  },
  '/stream'() {
    const encoder = new TextEncoder();
    let part = 0;
    const body = new ReadableStream({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        controller.enqueue(encoder.encode(`part ${part}\n`));
        part += 1;
        if (part === 5) controller.close();
      },
    });
    return new Response(body);
  },
  '/redirect': () => new Response(null, { status: 302, headers: { location: '/hello?from=redirect' } }),
  '/large'() {
    const lines = Array.from({ length: 2500 }, (_, line) => `line ${line} of a text that gets shorter\n`);
    return new Response(lines.join(''), { headers: { 'content-type': 'text/plain' } });
  },
  '/cookies': () => new Response('', { headers: [['set-cookie', 'a=1; Path=/'], ['set-cookie', 'b=2; Path=/']] }),
  '/page': () => new Response('<!doctype html><title>clients</title>', { headers: { 'content-type': 'text/html' } }),
  '/socket'() {
    const { 0: client, 1: server } = new WebSocketPair();
    server.accept();
    server.addEventListener('message', ({ data }) => server.send(`echo ${data}`));
    return new Response(null, { status: 101, webSocket: client });
  },
};
