// Serves the worker that the first argument names, as adapters for Node.js do.
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";

// Without a JIT there is no WebAssembly, which Request loads an HTTP client of; nothing here asks for one.
globalThis.WebAssembly ??= { compile: () => new Promise(() => {}) };

const worker = (await import(pathToFileURL(process.argv[2]))).default;

createServer(async (incoming, outgoing) => {
  const hasBody = incoming.method !== "GET" && incoming.method !== "HEAD";
  const request = new Request(`http://${incoming.headers.host}${incoming.url}`, {
    method: incoming.method,
    headers: incoming.headers,
    body: hasBody ? Readable.toWeb(incoming) : undefined,
    duplex: hasBody ? "half" : undefined,
  });
  const response = await worker.fetch(request, {}, { waitUntil() {} });
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body) Readable.fromWeb(response.body).pipe(outgoing);
  else outgoing.end();
}).listen(Number(process.env.PORT), "127.0.0.1", 1024);
