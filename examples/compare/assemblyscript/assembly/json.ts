// Reads an order as JSON, and answers with a summary of it.

import { Reader, quoted } from "./json-text";
import { Request, Response, serve } from "./wasi-http";

export { cabi_realloc } from "./wasi-http";

export function handle(request: i32, out: i32): void {
  serve(request, out, summarize);
}

class Item {
  constructor(
    public name: string,
    public price: i64,
    public quantity: i64,
    public tags: Set<string>,
  ) {}
}

function summarize(request: Request): Response {
  const body = request.text();
  if (body === null) return badRequest();
  const items = readOrder(new Reader(body));
  if (items === null) return badRequest();
  return new Response(summary(items), 200, "application/json");
}

function badRequest(): Response {
  return new Response("bad request\n", 400);
}

function readOrder(reader: Reader): Item[] | null {
  let items: Item[] | null = null;
  reader.enter("{");
  while (reader.more("}")) {
    if (reader.name() == "items") {
      items = readItems(reader);
    } else {
      reader.skip();
    }
  }
  return reader.finish() ? items : null;
}

function readItems(reader: Reader): Item[] {
  const items: Item[] = [];
  reader.enter("[");
  while (reader.more("]")) {
    items.push(readItem(reader));
  }
  return items;
}

function readItem(reader: Reader): Item {
  const item = new Item("", 0, 0, new Set());
  const seen = new Set<string>();
  reader.enter("{");
  while (reader.more("}")) {
    const key = reader.name();
    if (key == "name") {
      item.name = reader.string();
    } else if (key == "price") {
      item.price = reader.integer();
    } else if (key == "quantity") {
      item.quantity = reader.integer();
    } else if (key == "tags") {
      item.tags = readTags(reader);
    } else {
      reader.skip();
      continue;
    }
    seen.add(key);
  }
  if (seen.size < 4) reader.fail();
  return item;
}

function readTags(reader: Reader): Set<string> {
  const tags = new Set<string>();
  reader.enter("[");
  while (reader.more("]")) {
    tags.add(reader.string());
  }
  return tags;
}

function summary(items: Item[]): string {
  let total: i64 = 0;
  const names: string[] = [];
  const counts = new Map<string, i32>();
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    total += item.price * item.quantity;
    names.push(item.name.toUpperCase());
    const tags = item.tags.values();
    for (let j = 0; j < tags.length; j++) {
      const tag = tags[j];
      counts.set(tag, counts.has(tag) ? counts.get(tag) + 1 : 1);
    }
  }
  const quotedNames = names.sort().map<string>((name) => quoted(name));
  const members: string[] = [];
  const tags = counts.keys().sort();
  for (let i = 0; i < tags.length; i++) {
    members.push(`${quoted(tags[i])}:${counts.get(tags[i])}`);
  }
  return `{"count":${items.length},"total":${total},"names":[${quotedNames.join(",")}],"tags":{${members.join(",")}}}`;
}
