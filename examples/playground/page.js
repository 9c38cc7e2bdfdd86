// Answers with a page. In the playground it is shown in a frame that has no origin: its script runs, and reaches nothing.

export default {
  fetch(request) {
    const { pathname } = new URL(request.url);
    return new Response(page(pathname), { headers: { "content-type": "text/html; charset=utf-8" } });
  },
};

function page(path) {
  return `<!doctype html>
<title>A page</title>
<style>
  body { font: 16px system-ui; max-width: 34rem; margin: 3rem auto; padding: 0 1rem; }
  button { font: inherit; }
</style>
<h1>It is ${new Date().toISOString().slice(0, 10)}</h1>
<p>You asked for <code>${path.replaceAll("<", "&lt;")}</code>.</p>
<button>Clicked 0 times</button>
<script>
  let times = 0;
  const button = document.querySelector("button");
  button.onclick = () => (button.textContent = "Clicked " + ++times + " times");
</script>`;
}
