// Work of several kinds; each answers with a number that depends on all of it.

const kernels = {
  fib() {
    const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2));
    return fib(24);
  },

  mandelbrot() {
    let inside = 0;
    for (let py = 0; py < 80; py++) {
      for (let px = 0; px < 80; px++) {
        const cx = px / 40 - 1.5, cy = py / 40 - 1;
        let x = 0, y = 0, i = 0;
        for (; i < 50 && x * x + y * y < 4; i++) {
          const t = x * x - y * y + cx;
          y = 2 * x * y + cy;
          x = t;
        }
        if (i === 50) inside++;
      }
    }
    return inside;
  },

  sha256() {
    const k = constants;
    const h = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
    const w = new Int32Array(64);
    const rotate = (x, n) => (x >>> n) | (x << (32 - n));
    for (let block = 0; block < 200; block++) {
      for (let i = 0; i < 16; i++) w[i] = Math.imul(block + i, 0x9e3779b1);
      for (let i = 16; i < 64; i++) {
        const s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ (w[i - 15] >>> 3);
        const s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ (w[i - 2] >>> 10);
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
      }
      let [a, b, c, d, e, f, g, z] = h;
      for (let i = 0; i < 64; i++) {
        const t1 = (z + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + k[i] + w[i]) | 0;
        const t2 = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        z = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
      }
      [a, b, c, d, e, f, g, z].forEach((value, i) => (h[i] = (h[i] + value) | 0));
    }
    return h[0] >>> 0;
  },

  json() {
    const rows = Array.from({ length: 400 }, (_, id) => ({ id, name: `name ${id}`, tags: ["a", "b"], nested: { x: id / 3 } }));
    let length = 0;
    for (let i = 0; i < 5; i++) length += JSON.stringify(JSON.parse(JSON.stringify(rows))).length;
    return length;
  },

  regex() {
    const pattern = /^(\S+) \S+ \S+ \[([^\]]+)\] "(\w+) (\S+) HTTP\/[\d.]+" (\d{3}) (\d+)/;
    let bytes = 0;
    for (let i = 0; i < 1000; i++) {
      const line = `10.0.${i % 256}.7 - - [12/Nov/2026:10:00:${i % 60} +0000] "GET /page/${i} HTTP/1.1" 200 ${i * 13}`;
      bytes += Number(pattern.exec(line)[6]);
    }
    return bytes;
  },

  sort() {
    let seed = 42;
    const numbers = Array.from({ length: 10000 }, () => (seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff));
    numbers.sort((a, b) => a - b);
    return numbers[5000];
  },

  strings() {
    let text = "";
    for (let i = 0; i < 20000; i++) text += i.toString(36);
    return text.split("z").map((part) => part.toUpperCase()).join("-").length;
  },

  markdown() {
    const source = "# Title\n\nSome *text* with `code` and [a link](https://example.com/).\n\n- one\n- two **bold**\n\n".repeat(60);
    const inline = (text) =>
      text
        .replace(/&/g, "&amp;").replace(/</g, "&lt;")
        .replace(/`([^`]+)`/g, "<code>$1</code>")
        .replace(/\*\*([^*]+)\*\*/g, "<b>$1</b>")
        .replace(/\*([^*]+)\*/g, "<i>$1</i>")
        .replace(/\[([^\]]+)\]\(([^)]+)\)/g, '<a href="$2">$1</a>');
    let html = "";
    for (const line of source.split("\n")) {
      const heading = /^(#+) (.*)/.exec(line);
      if (heading) html += `<h${heading[1].length}>${inline(heading[2])}</h${heading[1].length}>`;
      else if (line.startsWith("- ")) html += `<li>${inline(line.slice(2))}</li>`;
      else if (line) html += `<p>${inline(line)}</p>`;
    }
    return html.length;
  },
};

const constants = Int32Array.from({ length: 64 }, (_, i) => Math.imul(i + 1, 0x428a2f98));

export default {
  fetch(request) {
    const kernel = kernels[new URL(request.url).pathname.slice(1)];
    return kernel ? new Response(String(kernel())) : new Response("there is no such kernel", { status: 404 });
  },
};
