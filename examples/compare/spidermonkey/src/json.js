// Adds up a list of things for sale.

addEventListener('fetch', event => event.respondWith(handle(event.request)));

async function handle(request) {
  let order;
  try {
    order = await request.json();
  } catch {
    return badRequest();
  }
  if (!Array.isArray(order?.items) || !order.items.every(isItem)) {
    return badRequest();
  }
  return new Response(summarise(order.items), { headers: { 'content-type': 'application/json' } });
}

function isItem(item) {
  return (
    typeof item?.name === 'string' &&
    Number.isSafeInteger(item.price) &&
    Number.isSafeInteger(item.quantity) &&
    Array.isArray(item.tags) &&
    item.tags.every(tag => typeof tag === 'string')
  );
}

function summarise(items) {
  const tags = new Map();
  for (const item of items) {
    for (const tag of new Set(item.tags)) {
      tags.set(tag, (tags.get(tag) ?? 0) + 1);
    }
  }
  const count = items.length;
  const total = items.reduce((sum, item) => sum + item.price * item.quantity, 0);
  const names = JSON.stringify(items.map(item => item.name.toUpperCase()).sort());
  // Not an object: those put keys that look like numbers first.
  const sorted = [...tags].sort(([a], [b]) => (a < b ? -1 : 1)).map(([tag, n]) => `${JSON.stringify(tag)}:${n}`);
  return `{"count":${count},"total":${total},"names":${names},"tags":{${sorted}}}`;
}

function badRequest() {
  return new Response('bad request\n', { status: 400, headers: { 'content-type': 'text/plain; charset=utf-8' } });
}
