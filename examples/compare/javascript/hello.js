// Answers every request with the same text.

export default {
  fetch() {
    return new Response("Hello from glowplug!\n", {
      headers: { "content-type": "text/plain; charset=utf-8" },
    });
  },
};
