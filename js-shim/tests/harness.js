// What a test file may use: test(), assert, mock, hooks, serve().

export default (mock, hooks) => {
  const tests = [];
  const results = { failures: [], left: 0, current: null };

  class AssertionError extends Error {}

  const show = (value) => (typeof value === 'string' ? JSON.stringify(value) : String(value instanceof Object && !(value instanceof Error) ? JSON.stringify(value) : value));
  const fail = (message) => { throw new AssertionError(message); };

  const assert = {
    ok(value, message = 'is not true') { if (!value) fail(message); },
    equal(actual, expected) { if (!Object.is(actual, expected)) fail(`got ${show(actual)}, expected ${show(expected)}`); },
    deepEqual(actual, expected) {
      const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
      if (a !== b) fail(`got ${a}, expected ${b}`);
    },
    throws(fn, name, pattern) {
      try {
        fn();
      } catch (error) {
        assert.error(error, name, pattern);
        return;
      }
      fail(`nothing was thrown, expected ${name}`);
    },
    async rejects(promise, name, pattern) {
      if (!(promise instanceof Promise)) fail('is not a promise');
      try {
        await promise;
      } catch (error) {
        assert.error(error, name, pattern);
        return;
      }
      fail(`was not rejected, expected ${name}`);
    },
    error(error, name, pattern) {
      if (error.name !== name) fail(`threw ${error.name}: ${error.message}, expected ${name}\n${error.stack}`);
      if (pattern instanceof RegExp && !pattern.test(error.message)) fail(`message ${show(error.message)} does not match ${pattern}`);
      if (typeof pattern === 'string' && error.message !== pattern) fail(`message ${show(error.message)}, expected ${show(pattern)}`);
    },
  };

  /** Runs a request through a handler and gives what the client saw, when the run is over. */
  async function serve(handler, init) {
    Object.assign(mock, { response: null, failures: [], dones: 0 });
    hooks.register(handler === null ? {} : { default: handler });
    hooks.fetch(mock.incoming(init));
    const streaming = () => mock.response?.body === true && !mock.response.ended && !mock.response.aborted;
    while (mock.dones === 0 || streaming()) await mock.progress();
    const { response } = mock;
    return response === null ? null : { ...response, text: await bodyText(response) };
  }

  async function bodyText({ body, written }) {
    if (body === true) return mock.native.utf8Decode(new Uint8Array(written), false, false);
    if (body === null || typeof body === 'string') return body;
    if (body instanceof mock.BodyHandle) return body.text();
    return mock.native.utf8Decode(body, false, false);
  }

  Object.assign(globalThis, {
    mock, hooks, assert, serve,
    test(name, fn) { tests.push([name, fn]); },
  });

  return {
    results,
    /** Runs the tests one after the other; `results.left` says how many are still to come. */
    run() {
      results.left = tests.length;
      (async () => {
        for (const [name, fn] of tests) {
          results.current = name;
          mock.reset();
          try {
            await fn();
          } catch (error) {
            results.failures.push(`${name}: ${error instanceof AssertionError ? '' : `${error?.name}: `}${error?.message ?? error}\n${error?.stack}`);
          }
          results.left -= 1;
        }
      })();
    },
    tick: mock.tick,
    pending: () => hooks.pending().join('\n'),
  };
};
