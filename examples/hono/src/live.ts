import { Hono } from "hono";
import { stream, streamSSE, streamText } from "hono/streaming";

import { birds } from "./birds";
import type { Env } from "./env";

export const live = new Hono<Env>();

live.get("/text", (c) =>
  streamText(c, async (out) => {
    for (const bird of birds) {
      await out.writeln(bird.name);
      await out.sleep(2);
    }
  }),
);

live.get("/events", (c) =>
  streamSSE(c, async (out) => {
    for (const [index, bird] of birds.entries()) {
      await out.writeSSE({ id: String(index), event: "sighting", data: JSON.stringify(bird), retry: 1000 });
    }
    await out.writeSSE({ data: "two\nlines" });
  }),
);

live.get("/bytes", (c) =>
  stream(c, async (out) => {
    c.header("x-late", "no");
    for (let chunk = 0; chunk < 64; chunk++) await out.write(new Uint8Array(4096).fill(chunk));
  }),
);

live.get("/broken", (c) =>
  streamText(
    c,
    async (out) => {
      await out.write("before ");
      throw new Error("in the middle");
    },
    async (error, out) => {
      await out.write(`(${error.message})`);
    },
  ),
);

live.post("/upper", (c) => {
  const upper = new TransformStream<string, string>({
    transform: (chunk, controller) => controller.enqueue(chunk.toUpperCase()),
  });
  const body = c.req.raw.body;
  if (!body) return c.text("no body", 400);
  const text = body.pipeThrough(new TextDecoderStream()).pipeThrough(upper).pipeThrough(new TextEncoderStream());
  return c.body(text, 200, { "Content-Type": "text/plain;charset=utf-8" });
});

live.post("/count", async (c) => {
  const reader = c.req.raw.body?.getReader();
  let bytes = 0;
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) bytes += read.value.byteLength;
  return c.json({ bytes });
});

live.post("/pipe", (c) =>
  stream(c, async (out) => {
    await out.write(new TextEncoder().encode("<"));
    if (c.req.raw.body) await out.pipe(c.req.raw.body);
    await out.write(new TextEncoder().encode(">"));
  }),
);
