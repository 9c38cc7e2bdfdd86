// Serves the worker that the first argument names.
const worker = (await import(process.argv[2])).default;

Bun.serve({ port: Number(process.env.PORT), hostname: "127.0.0.1", fetch: (request) => worker.fetch(request, {}, {}) });
