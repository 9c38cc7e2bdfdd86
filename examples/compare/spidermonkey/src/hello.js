// Says hello.

addEventListener('fetch', event => {
  event.respondWith(
    new Response('Hello from glowplug!\n', { headers: { 'content-type': 'text/plain; charset=utf-8' } }),
  );
});
