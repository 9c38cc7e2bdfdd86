// What is done with a long body.
const through = () => new TransformStream({ transform(chunk, controller) { controller.enqueue(chunk); } });

export default {
  async fetch(request) {
    switch (new URL(request.url).pathname) {
      case '/bytes': return new Response(String((await request.arrayBuffer()).byteLength));
      case '/text': return new Response(String((await request.text()).length));
      case '/through': return new Response(request.body.pipeThrough(through()));
      case '/gzip': return new Response(request.body.pipeThrough(new CompressionStream('gzip')));
      default: return new Response(request.body);
    }
  },
};
