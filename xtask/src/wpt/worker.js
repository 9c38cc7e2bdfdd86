// Runs one Web Platform Test when it is asked, and answers with the results.
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
        self.fetch = function fetch(input, init) {
          if (typeof input === 'string' && Object.hasOwn(files, input)) return Promise.resolve(new Response(files[input]));
          return fetched.call(self, input, init);
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
        // What a service worker waits for, which a worker's global object says it is.
        self.dispatchEvent(new Event('install'));
      }).call(globalThis);
    });
    return Response.json(results);
  },
};
