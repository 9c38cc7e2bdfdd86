// What a worker can do with an answer under a `Content-Encoding`: /ACTION/PATH, where PATH is asked of the origin.

const reads = {
  text: (response) => response.text(),
  bytes: async (response) => `${(await response.arrayBuffer()).byteLength} bytes`,
  blob: async (response) => (await response.blob()).text(),
  async stream({ body }) {
    let text = '';
    for await (const part of body.pipeThrough(new TextDecoderStream())) text += part;
    return text;
  },
  async rewrapped(response) { return new Response(response.body, { headers: { a: 'b' } }).text(); },
  async cloned(response) { return `${await response.clone().text()}, ${await response.text()}`; },
};

const answers = {
  pass: (response) => response,
  rewrap: (response) => new Response(response.body, response),
  look: (response) => (response.body === null ? null : response),
  strip(response) {
    const headers = new Headers(response.headers);
    headers.delete('content-encoding');
    return new Response(response.body, { headers });
  },
  manual: ({ body, headers }) => new Response(body, { encodeBody: 'manual', headers }),
  async clone(response) {
    await response.clone().text();
    return response;
  },
};

export default {
  async fetch(request, env) {
    const [, action, ...path] = new URL(request.url).pathname.split('/');
    const url = `${env.ORIGIN}/${path.join('/')}`;
    if (action === 'forward') return fetch(url, request);
    if (action === 'resend') {
      const { body } = await fetch(`${env.ORIGIN}/gzip`);
      return fetch(url, { method: 'POST', body });
    }
    const response = await fetch(url, { method: request.method });
    if (action in answers) return answers[action](response);
    const text = await reads[action](response).catch((error) => error.name);
    return Response.json([response.status, response.headers.get('content-encoding'), response.headers.get('content-length'), text]);
  },
};
