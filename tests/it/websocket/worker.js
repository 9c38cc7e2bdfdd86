// What the tests of WebSockets talk to. `?…` of the URL says more.
const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

function accept(request, run, headers = {}) {
  const [client, server] = Object.values(new WebSocketPair());
  server.accept();
  run(server, new URL(request.url).searchParams);
  return new Response(null, { status: 101, webSocket: client, headers });
}

const sockets = {
  echo(server) {
    server.addEventListener('message', ({ data }) => { server.send(data); });
  },
  describe(server) {
    server.addEventListener('message', ({ data }) => {
      server.send(typeof data === 'string' ? `text ${data.length}` : `${data.constructor.name} ${data.byteLength}`);
    });
    server.addEventListener('close', ({ code, reason, wasClean }) => { console.log(`closed ${code} ${reason} ${wasClean}`); });
  },
  count(server) {
    let count = 0;
    server.onmessage = () => { server.send(`${count += 1}`); };
  },
  close(server, params) {
    server.send('before');
    server.addEventListener('close', ({ code, reason }) => { console.log(`answered ${code} ${reason}`); });
    if (params.has('code')) server.close(Number(params.get('code')), params.get('reason') ?? undefined);
    else server.close();
  },
  time(server) {
    const start = Date.now();
    server.onmessage = () => { server.send(`${Date.now() - start}`); };
  },
  throws(server) {
    server.onmessage = ({ data }) => { throw new RangeError(`no ${data}`); };
  },
  spin(server) {
    // some 200 ms of CPU
    server.onmessage = ({ data }) => {
      if (data === 'forever') for (;;);
      let sum = 0;
      for (let i = 0; i < 1_000_000; i += 1) sum += i;
      server.send(`${sum}`);
    };
  },
  flood(server) {
    const chunk = 'x'.repeat(64 * 1024);
    // What is sent before there is a client waits in the pair.
    server.send('hello');
    server.send(`${server.bufferedAmount}`);
    server.addEventListener('message', () => {
      for (let i = 0; i < 100; i += 1) server.send(chunk);
      server.send(`buffered ${server.bufferedAmount > 1 << 20}`);
      server.close(1000, 'done');
    });
  },
  large(server) {
    try {
      server.send('x'.repeat((1 << 20) + 1));
    } catch (error) {
      server.send(`${error.name}: ${error.message}`);
    }
  },
};

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const name = url.pathname.slice(1);
    if (Object.hasOwn(sockets, name)) return accept(request, sockets[name], url.searchParams.has('protocol') ? { 'Sec-WebSocket-Protocol': url.searchParams.get('protocol') } : {});
    switch (name) {
      case 'plain': return new Response('plain');
      case 'unaccepted': return new Response(null, { status: 101, webSocket: new WebSocketPair()[0] });
      case 'upgrade': return Response.json({ upgrade: request.headers.get('upgrade'), key: request.headers.get('sec-websocket-key') });
      case 'proxy': return fetch(url.searchParams.get('to'), request);
      case 'service': return env.OTHER.fetch(request);
      case 'client': {
        // talks to a server, and tells what came of it
        const { webSocket, status } = await fetch(url.searchParams.get('to'), { headers: { Upgrade: 'websocket' } });
        if (webSocket === null) return new Response(`no socket, status ${status}`);
        const got = [];
        webSocket.accept();
        const closed = new Promise((resolve) => {
          webSocket.addEventListener('close', ({ code, wasClean }) => { resolve(`${code} ${wasClean}`); });
        });
        webSocket.addEventListener('message', ({ data }) => {
          got.push(data);
          if (got.length === 3) webSocket.close(3001, 'enough');
        });
        for (const message of ['one', 'two', 'three']) webSocket.send(message);
        return Response.json({ got, closed: await closed, got2: got });
      }
      case 'standard': {
        const protocols = url.searchParams.getAll('protocol');
        const socket = new WebSocket(url.searchParams.get('to'), protocols);
        const seen = [];
        await new Promise((resolve) => {
          socket.onopen = () => {
            seen.push(`open ${socket.protocol} ${socket.readyState}`);
            socket.send(new Uint8Array([1, 2, 3]));
            socket.send('x'.repeat(5000));
          };
          socket.onmessage = ({ data }) => {
            seen.push(typeof data === 'string' ? data.length : [...new Uint8Array(data)].join());
            if (typeof data === 'string') socket.close(3000, 'bye');
          };
          socket.onerror = ({ type }) => seen.push(type);
          socket.onclose = ({ code, reason, wasClean }) => { resolve(seen.push(`close ${code} ${reason} ${wasClean} ${socket.readyState}`)); };
        });
        return Response.json(seen);
      }
      default: return new Response('no such case', { status: 404 });
    }
  },
};
