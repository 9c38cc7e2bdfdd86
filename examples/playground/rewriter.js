// Changes a page on its way: adds numbers to its headings, and marks links that lead elsewhere.

const PAGE = `<!doctype html><title>Notes</title>
<h2>Fuel</h2><p>See <a href="/fuel">the schedule</a>.</p>
<h2>Limits</h2><p>See <a href="https://example.com/">elsewhere</a>.</p>`;

export default {
  fetch() {
    let headings = 0;
    const page = new Response(PAGE, { headers: { "content-type": "text/html; charset=utf-8" } });
    return new HTMLRewriter()
      .on("h2", { element: (heading) => heading.prepend(`${++headings}. `) })
      .on("a[href^='https:']", { element: (link) => link.setAttribute("rel", "external") && link.append(" ↗") })
      .transform(page);
  },
};
