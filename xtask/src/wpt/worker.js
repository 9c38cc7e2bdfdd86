// Runs one Web Platform Test when it is asked, and answers with the results.
// what the server of the tests would give, by path: the type and the bytes, as text or in base64
const files = "FILES";
const seconds = "SECONDS";

export default {
  async fetch() {
    const results = await new Promise((resolve) => {
      (function () {
        self.location = (({ href, origin, protocol, host, hostname, port, pathname, search, hash }) => (
          { href, origin, protocol, host, hostname, port, pathname, search, hash, toString: () => href }
        ))(new URL("URL"));
        const { location } = self;
        self.GLOBAL = { isWindow: () => false, isWorker: () => true, isShadowRealm: () => false };
        const fetched = self.fetch;
        const served = (input) => {
          if (!URL.canParse(input?.url ?? input, location.href)) return null;
          const url = new URL(input?.url ?? input, location.href);
          return url.origin === location.origin && Object.hasOwn(files, url.pathname) ? url : null;
        };
        self.fetch = function fetch(input, init) {
          const url = served(input);
          if (url === null) return fetched.call(self, typeof input === 'string' && URL.canParse(input, location.href) ? new URL(input, location.href).href : input, init);
          return new Promise((resolve) => {
            // the errors of a request are those that `fetch` itself has
            const request = new Request(input instanceof Request ? input : url.href, init);
            request.signal?.throwIfAborted();
            const { type, text, base64 } = files[url.pathname];
            const headers = new Headers({ 'content-type': type });
            for (const [, name, value] of (url.searchParams.get('pipe') ?? '').matchAll(/header\(([^,()]+),([^()]*)\)/g)) headers.set(name, value);
            const body = text ?? Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
            resolve(Object.defineProperty(new Response(body, { headers }), 'url', { value: url.href }));
          });
        };
        const { fetch } = self;
        (function () {
          "HARNESS";
        }).call(self);
        setup({ explicit_timeout: true });
        const expired = setTimeout(() => self.timeout(), seconds * 1000);
        add_completion_callback((tests, { status, message }) => {
          clearTimeout(expired);
          const text = (value) => (value === null || value === undefined ? null : String(value).toWellFormed());
          resolve({ status, message: text(message), tests: tests.map((test) => [text(test.name), test.status, text(test.message)]) });
        });
        "VARIABLES";
        "FUNCTIONS";
        const expressions = { "EXPRESSIONS" };
        function evaluateExpression(text) {
          if (!Object.hasOwn(expressions, text)) throw new Error(`the expression ${text} was not compiled in`);
          return expressions[text]();
        }
        "TEST";
        self.done();
        // What a service worker waits for, which a worker's global object says it is. Node.js's is no event target.
        self.dispatchEvent?.(new Event('install'));
      }).call(globalThis);
    });
    return Response.json(results);
  },
};
