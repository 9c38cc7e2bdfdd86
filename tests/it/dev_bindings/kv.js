// Each path is one look at the namespace `KV`; what it finds is the answer, as JSON.

const encoder = new TextEncoder();
const read = async (stream) => new Response(stream).text();
const streamOf = (...parts) => new ReadableStream({
  start(controller) {
    for (const part of parts) controller.enqueue(encoder.encode(part));
    controller.close();
  },
});
const pairs = (map) => (map instanceof Map ? [...map] : `no Map: ${map}`);

async function refusal(action) {
  try {
    return `nothing was thrown: ${JSON.stringify(await action())}`;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

const looks = {
  async get({ KV }) {
    await KV.put("text", "héllo ☃");
    await KV.put("json", JSON.stringify({ list: [1, 2, { three: null }] }));
    const stream = await KV.get("text", "stream");
    return {
      text: [await KV.get("text"), await KV.get("text", "text"), await KV.get("text", { type: "text" })],
      json: [await KV.get("json", "json"), await KV.get("json", { type: "json", cacheTtl: 60 })],
      buffer: [...new Uint8Array(await KV.get("text", "arrayBuffer"))],
      stream: [stream instanceof ReadableStream, await read(stream)],
      missing: [await KV.get("no"), await KV.get("no", "json"), await KV.get("no", "arrayBuffer"), await KV.get("no", "stream")],
    };
  },

  async put({ KV }, request) {
    await KV.put("string", "a string");
    await KV.put("empty", "");
    await KV.put("number", 42);
    await KV.put("buffer", encoder.encode("a buffer").buffer);
    await KV.put("view", encoder.encode("not a view of all").subarray(4, 10));
    await KV.put("stream", streamOf("a ", "stream ", "of three"));
    await KV.put("request", request.body);
    await KV.put("string", "written again");
    const values = {};
    for (const key of ["string", "empty", "number", "buffer", "view", "stream", "request"]) values[key] = await KV.get(key);
    return values;
  },

  async keys({ KV }) {
    const names = ["a/b?c=d#e", "100 % ü☃😀", " ", "..a", "a\nb", "__proto__", "x".repeat(512)];
    for (const name of names) await KV.put(name, `value of ${name}`);
    const values = await Promise.all(names.map((name) => KV.get(name)));
    const { keys } = await KV.list();
    for (const name of names) await KV.delete(name);
    return {
      right: values.every((value, index) => value === `value of ${names[index]}`),
      listed: names.every((name) => keys.some((key) => key.name === name)),
      left: (await KV.list()).keys.length,
    };
  },

  async metadata({ KV }) {
    const metadata = { text: "ü☃\n", list: [1, 2.5], nested: { ok: true, none: null } };
    await KV.put("with", "1", { metadata });
    await KV.put("without", "{}");
    return {
      with: await KV.getWithMetadata("with"),
      json: await KV.getWithMetadata("with", "json"),
      options: await KV.getWithMetadata("with", { type: "json" }),
      stream: await read((await KV.getWithMetadata("with", "stream")).value),
      buffer: (await KV.getWithMetadata("with", "arrayBuffer")).value.byteLength,
      without: await KV.getWithMetadata("without"),
      missing: await KV.getWithMetadata("no"),
      overwritten: (await KV.put("with", "2"), await KV.getWithMetadata("with")),
    };
  },

  async bulk({ KV }) {
    await KV.put("one", "1", { metadata: { n: 1 } });
    await KV.put("two", '{"n":2}');
    return {
      text: pairs(await KV.get(["two", "no", "one", "two"])),
      json: pairs(await KV.get(["one", "two", "no"], "json")),
      metadata: pairs(await KV.getWithMetadata(["one", "two", "no"], { type: "json" })),
    };
  },

  async expiration({ KV }) {
    const now = Math.floor(Date.now() / 1000);
    await KV.put("ttl", "v", { expirationTtl: 3600 });
    await KV.put("at", "v", { expiration: now + 7200 });
    await KV.put("both", "v", { expiration: now + 7200, expirationTtl: 60 });
    await KV.put("never", "v");
    const { keys } = await KV.list();
    const found = Object.fromEntries(keys.map(({ name, expiration }) => [name, expiration === undefined ? "never" : Math.round((expiration - now) / 60)]));
    for (const { name } of keys) await KV.delete(name);
    return found;
  },

  async list({ KV }) {
    for (let n = 0; n < 25; n += 1) await KV.put(`p:${String(n).padStart(2, "0")}`, "v", n === 3 ? { metadata: { n } } : {});
    await KV.put("other", "v");
    const pages = [];
    let cursor;
    do {
      const page = await KV.list({ prefix: "p:", limit: 10, cursor });
      pages.push([page.keys.length, page.list_complete, typeof page.cursor]);
      cursor = page.cursor;
    } while (cursor !== undefined);
    const first = await KV.list({ prefix: "p:", limit: 4 });
    return {
      pages,
      first: first.keys,
      all: (await KV.list()).keys.length,
      prefix: (await KV.list({ prefix: "p:1" })).keys.map((key) => key.name),
      none: await KV.list({ prefix: "no such" }),
    };
  },

  async delete({ KV }) {
    await KV.put("gone", "v", { metadata: 1 });
    return [await KV.delete("gone"), await KV.get("gone"), (await KV.list()).keys, await KV.delete("gone")];
  },

  async side({ KV }) {
    await Promise.all(Array.from({ length: 50 }, (_, n) => KV.put(`side:${n}`, String(n))));
    const values = await Promise.all(Array.from({ length: 50 }, (_, n) => KV.get(`side:${n}`)));
    return values.every((value, n) => value === String(n));
  },

  async errors({ KV }) {
    const now = Math.floor(Date.now() / 1000);
    const broken = new ReadableStream({ start: (controller) => controller.error(new Error("the stream broke")) });
    await KV.put("text", "no json");
    return {
      noKey: await refusal(() => KV.get()),
      emptyKey: await refusal(() => KV.get("")),
      dot: await refusal(() => KV.put(".", "v")),
      dots: await refusal(() => KV.delete("..")),
      longKey: await refusal(() => KV.get("x".repeat(513))),
      longUnicodeKey: await refusal(() => KV.put("☃".repeat(171), "v")),
      longPrefix: await refusal(() => KV.list({ prefix: "x".repeat(513) })),
      type: await refusal(() => KV.get("text", "blob")),
      json: (await refusal(() => KV.get("text", "json"))).startsWith("SyntaxError: "),
      cacheTtl: await refusal(() => KV.get("text", { cacheTtl: 29 })),
      ttl: await refusal(() => KV.put("k", "v", { expirationTtl: 59 })),
      negativeTtl: await refusal(() => KV.put("k", "v", { expirationTtl: -1 })),
      past: await refusal(() => KV.put("k", "v", { expiration: 1 })),
      soon: (await refusal(() => KV.put("k", "v", { expiration: now + 30 }))).replace(String(now + 30), "SOON"),
      metadata: await refusal(() => KV.put("k", "v", { metadata: "m".repeat(1023) })),
      limit: await refusal(() => KV.list({ limit: 1001 })),
      object: await refusal(() => KV.put("k", { not: "a value" })),
      noValue: await refusal(() => KV.put("k")),
      bulkMany: await refusal(() => KV.get(Array.from({ length: 101 }, (_, n) => `k${n}`))),
      bulkNone: await refusal(() => KV.get([])),
      bulkType: await refusal(() => KV.get(["text"], "arrayBuffer")),
      bulkJson: await refusal(() => KV.get(["text"], "json")),
      broken: await refusal(() => KV.put("k", broken)),
      constructed: await refusal(() => new KV.constructor()),
      stolen: await refusal(() => KV.get.call({}, "k")),
      written: await KV.get("k"),
    };
  },

  async size({ KV }, request) {
    const { searchParams } = new URL(request.url);
    const [bytes, streamed] = [Number(searchParams.get("bytes")), searchParams.has("streamed")];
    const chunk = new Uint8Array(1 << 16).fill(7);
    let left = bytes;
    const stream = new ReadableStream({
      pull(controller) {
        if (left === 0) return controller.close();
        controller.enqueue(chunk.subarray(0, Math.min(left, chunk.length)));
        left -= Math.min(left, chunk.length);
      },
    });
    const put = await refusal(() => KV.put("large", streamed ? stream : new Uint8Array(bytes).fill(7)));
    let [read, right] = [0, true];
    for await (const part of (await KV.get("large", "stream")) ?? []) {
      read += part.length;
      right &&= part.every((byte) => byte === 7);
    }
    return { put, read, right };
  },

  async write({ KV }, request) {
    const { searchParams } = new URL(request.url);
    await KV.put(searchParams.get("key"), searchParams.get("value"), { metadata: { by: "JavaScript" } });
    return "written";
  },

  async read({ KV }, request) {
    return KV.getWithMetadata(new URL(request.url).searchParams.get("key"));
  },
};

export default {
  async fetch(request, env) {
    return Response.json(await looks[new URL(request.url).pathname.slice(1)](env, request));
  },
};
