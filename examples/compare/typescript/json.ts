// Reads an order as JSON, and answers with a summary of it.

interface Item {
  name: string;
  price: number;
  quantity: number;
  tags: string[];
}

interface Order {
  items: Item[];
}

export default {
  async fetch(request: Request): Promise<Response> {
    const order: unknown = await request.json().catch(() => undefined);
    if (!isOrder(order)) {
      return new Response("bad request\n", {
        status: 400,
        headers: { "content-type": "text/plain; charset=utf-8" },
      });
    }
    return new Response(summary(order), { headers: { "content-type": "application/json" } });
  },
};

function isOrder(value: unknown): value is Order {
  const order = value as Partial<Order> | null | undefined;
  return Array.isArray(order?.items) && order.items.every(isItem);
}

function isItem(value: unknown): value is Item {
  const item = value as Partial<Item> | null;
  return (
    typeof item?.name === "string" &&
    Number.isSafeInteger(item.price) &&
    Number.isSafeInteger(item.quantity) &&
    Array.isArray(item.tags) &&
    item.tags.every((tag) => typeof tag === "string")
  );
}

function summary({ items }: Order): string {
  const total = items.reduce((sum, item) => sum + item.price * item.quantity, 0);
  const names = items.map((item) => item.name.toUpperCase()).sort();
  const tags = new Map<string, number>();
  for (const item of items) {
    for (const tag of new Set(item.tags)) {
      tags.set(tag, (tags.get(tag) ?? 0) + 1);
    }
  }
  // Put together by hand: an object would move keys that look like numbers to the front.
  const counts = [...tags.keys()].sort().map((tag) => `${JSON.stringify(tag)}:${tags.get(tag)}`);
  return `{"count":${items.length},"total":${total},"names":${JSON.stringify(names)},"tags":{${counts.join()}}}`;
}
