// Streams its answer line by line. Waiting costs wall time and no fuel.

export default {
  fetch(request) {
    const lines = Math.min(20, Number(new URL(request.url).searchParams.get("lines") ?? 3));
    const { readable, writable } = new TransformStream();
    write(writable, lines);
    return new Response(readable, { headers: { "content-type": "text/plain; charset=utf-8" } });
  },
};

async function write(writable, lines) {
  const writer = writable.getWriter();
  const encoder = new TextEncoder();
  for (let line = 1; line <= lines; line++) {
    await writer.write(encoder.encode(`line ${line}\n`));
    await scheduler.wait(20);
  }
  await writer.close();
}
