// Takes an order as JSON, and gives it back sorted, with totals.
export default {
  async fetch(request) {
    const order = await request.json();
    const items = order.items.map((item) => ({ ...item, total: item.price * item.quantity }));
    items.sort((a, b) => (a.name < b.name ? -1 : 1));
    const tags = {};
    for (const item of items) for (const tag of item.tags) tags[tag] = (tags[tag] ?? 0) + 1;
    const total = items.reduce((sum, item) => sum + item.total, 0);
    return Response.json({ customer: order.customer, count: items.length, total, tags, items });
  },
};
