// Reads an order as JSON, and answers with a summary of it.

export default {
  async fetch(request) {
    const order = await request.json().catch(() => undefined);
    if (!isOrder(order)) {
      return new Response("bad request\n", {
        status: 400,
        headers: { "content-type": "text/plain; charset=utf-8" },
      });
    }
    return new Response(summary(order.items), { headers: { "content-type": "application/json" } });
  },
};

function isOrder(order) {
  return Array.isArray(order?.items) && order.items.every(isItem);
}

function isItem(item) {
  return (
    typeof item?.name === "string" &&
    Number.isSafeInteger(item.price) &&
    Number.isSafeInteger(item.quantity) &&
    Array.isArray(item.tags) &&
    item.tags.every((tag) => typeof tag === "string")
  );
}

function summary(items) {
  const total = items.reduce((sum, item) => sum + item.price * item.quantity, 0);
  const names = items.map((item) => item.name.toUpperCase()).sort();
  const tags = new Map();
  for (const item of items) {
    for (const tag of new Set(item.tags)) {
      tags.set(tag, (tags.get(tag) ?? 0) + 1);
    }
  }
  // Put together by hand: an object would move keys that look like numbers to the front.
  const counts = [...tags.keys()].sort().map((tag) => `${JSON.stringify(tag)}:${tags.get(tag)}`);
  return `{"count":${items.length},"total":${total},"names":${JSON.stringify(names)},"tags":{${counts.join()}}}`;
}
