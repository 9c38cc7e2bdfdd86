const html = (text, headers = {}) => new Response(text, { headers: { 'content-type': 'text/html', ...headers } });
const rewrite = (text, rewriter) => rewriter.transform(html(text)).text();
const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** A response whose body comes in these chunks. */
function chunked(...chunks) {
  const bytes = chunks.map((chunk) => new TextEncoder().encode(chunk));
  return html(new ReadableStream({
    pull(controller) {
      if (bytes.length === 0) controller.close();
      else controller.enqueue(bytes.shift());
    },
  }, { highWaterMark: 0 }));
}

test('elements are found by selectors and changed', async () => {
  const rewriter = new HTMLRewriter()
    .on('a[href]', { element(a) { a.setAttribute('href', a.getAttribute('href').replace('http:', 'https:')); } })
    .on('h1', { element(h1) { h1.tagName = 'h2'; } })
    .on('.gone', { element(element) { element.remove(); } })
    .on('b', { element(b) { b.removeAndKeepContent(); } })
    .on('i', { element(i) { i.removeAttribute('id').setAttribute('data-x', '"'); } });
  const text = '<!doctype html><h1>T</h1><a  href="http://x/">l</a><a>n</a><p class=gone>g</p><b>bold</b><i id=1>i</i>';
  assert.equal(await rewrite(text, rewriter),
    '<!doctype html><h2>T</h2><a href="https://x/">l</a><a>n</a>bold<i data-x="&quot;">i</i>');
});

test('content is inserted as text or as html', async () => {
  const rewriter = new HTMLRewriter().on('p', {
    element(p) {
      p.before('<1>').before('<2>', { html: true }).after('<7>').prepend('<3>').append('<6>', { html: true });
      p.prepend('0');
    },
  });
  assert.equal(await rewrite('<p>x</p>', rewriter), '&lt;1&gt;<2><p>0&lt;3&gt;x<6></p>&lt;7&gt;');
  assert.equal(await rewrite('<p>x<i>y</i></p>', new HTMLRewriter().on('p', { element(p) { p.setInnerContent('a&b'); } })), '<p>a&amp;b</p>');
  assert.equal(await rewrite('<p>x<i>y</i></p>z', new HTMLRewriter().on('p', { element(p) { p.replace('<q/>', { html: true }); assert.ok(p.removed); } })), '<q/>z');
});

test('the members of an element', async () => {
  let seen;
  const rewriter = new HTMLRewriter().on('svg *', {
    element(element) {
      seen = [element.tagName, element.namespaceURI, [...element.attributes], element.hasAttribute('a'), element.hasAttribute('z'), element.getAttribute('z'), element.removed];
      assert.equal(Object.prototype.toString.call(element), '[object Element]');
      assert.ok(element.attributes[Symbol.iterator]);
    },
  });
  await rewrite('<svg><path A=1 b=2></path></svg>', rewriter);
  assert.deepEqual(seen, ['path', 'http://www.w3.org/2000/svg', [['a', '1'], ['b', '2']], true, false, null, false]);
});

test('text, comments, doctype and the end of the document', async () => {
  const seen = [];
  const rewriter = new HTMLRewriter()
    .on('p', {
      text(text) {
        seen.push(['text', text.text, text.lastInTextNode]);
        if (!text.lastInTextNode) text.replace(text.text.toUpperCase());
      },
      comments(comment) {
        seen.push(['comment', comment.text]);
        comment.text = 'new';
      },
    })
    .onDocument({
      doctype(doctype) { seen.push(['doctype', doctype.name, doctype.publicId, doctype.systemId]); },
      end(end) { end.append('<end>', { html: true }).append('<'); },
    });
  assert.equal(await rewrite('<!DOCTYPE html SYSTEM "about:x"><p>one<!--c-->two</p>', rewriter),
    '<!DOCTYPE html SYSTEM "about:x"><p>ONE<!--new-->TWO</p><end>&lt;');
  assert.deepEqual(seen, [
    ['doctype', 'html', null, 'about:x'], ['text', 'one', false], ['text', '', true], ['comment', 'c'], ['text', 'two', false], ['text', '', true],
  ]);
});

test('onEndTag sees the end tag; the last one counts', async () => {
  const rewriter = new HTMLRewriter().on('div', {
    element(div) {
      div.onEndTag(() => { throw new Error('replaced'); });
      div.onEndTag((tag) => {
        assert.equal(tag.name, 'div');
        tag.before('1').after('2');
        tag.name = 'section';
      });
    },
  });
  assert.equal(await rewrite('<div>x</div>', rewriter), '<div>x1</section>2');
  await assert.rejects(rewrite('<br>', new HTMLRewriter().on('br', { element(br) { br.onEndTag(() => {}); } })), 'TypeError', 'Parser error: No end tag.');
});

test('handlers are called on their object', async () => {
  class Counter {
    count = 0;
    element() { this.count += 1; }
  }
  const counter = new Counter();
  await rewrite('<a></a><a></a>', new HTMLRewriter().on('a', counter));
  assert.equal(counter.count, 2);
});

test('a handler may be async: parsing waits for it', async () => {
  const order = [];
  const rewriter = new HTMLRewriter().on('a', {
    async element(a) {
      const name = a.getAttribute('n');
      order.push(`begin ${name}`);
      await sleep(name === '1' ? 20 : 1);
      order.push(`end ${name}`);
      a.after(name);
    },
  });
  assert.equal(await rewrite('<a n=1></a><a n=2></a>', rewriter), '<a n=1></a>1<a n=2></a>2');
  assert.deepEqual(order, ['begin 1', 'end 1', 'begin 2', 'end 2']);
});

test('two rewriters whose handlers wait, one inside the other', async () => {
  const one = new HTMLRewriter().on('a', { async element(a) { await sleep(5); a.append('1'); } });
  const two = new HTMLRewriter().on('a', {
    async element(a) {
      await sleep(1);
      const inner = await rewrite('<a></a>', one);
      a.append(inner, { html: true });
    },
  });
  const texts = await Promise.all([rewrite('<a></a>', one), rewrite('<a></a>', two), rewrite('<a></a><a></a>', one)]);
  assert.deepEqual(texts, ['<a>1</a>', '<a><a>1</a></a>', '<a>1</a><a>1</a>']);
});

test('what came before an element goes out while its handler waits', async () => {
  let release;
  const rewriter = new HTMLRewriter().on('a', { element: () => new Promise((resolve) => { release = resolve; }) });
  const reader = rewriter.transform(html('<p>first</p><a>x</a>')).body.getReader();
  const decode = ({ value }) => new TextDecoder().decode(value);
  const rest = [];
  const first = reader.read().then((result) => {
    rest.push(decode(result));
    release();
  });
  await first;
  for (let result = await reader.read(); !result.done; result = await reader.read()) rest.push(decode(result));
  assert.equal(rest[0], '<p>first</p>');
  assert.equal(rest.join(''), '<p>first</p><a>x</a>');
});

test('it streams, and reads no further than it is read', async () => {
  let pulls = 0;
  const chunks = ['<p>a', '</p><p', '>b</p>'];
  const source = new ReadableStream({
    pull(controller) {
      const chunk = chunks[pulls++];
      if (chunk === undefined) controller.close();
      else controller.enqueue(new TextEncoder().encode(chunk));
    },
  }, { highWaterMark: 0 });
  const transformed = new HTMLRewriter().on('p', { element(p) { p.setAttribute('x', ''); } }).transform(new Response(source));
  await sleep(1);
  assert.equal(pulls, 0);
  const reader = transformed.body.getReader();
  assert.equal(new TextDecoder().decode((await reader.read()).value), '<p x="">a');
  assert.equal(pulls, 1);
  let text = '';
  for (let result = await reader.read(); !result.done; result = await reader.read()) text += new TextDecoder().decode(result.value);
  assert.equal(text, '</p><p x="">b</p>');
});

test('an error in a handler is the error of the body', async () => {
  const boom = new Error('boom');
  for (const element of [() => { throw boom; }, async () => { throw boom; }, async () => { await sleep(1); throw boom; }]) {
    let failed;
    await rewrite('<p>1</p><a></a>', new HTMLRewriter().on('a', { element })).catch((error) => { failed = error; });
    assert.equal(failed, boom);
  }
  let canceled;
  const source = new ReadableStream({
    pull(controller) { controller.enqueue(new TextEncoder().encode('<a></a>')); },
    cancel(reason) { canceled = reason; },
  });
  await assert.rejects(new HTMLRewriter().on('a', { element() { throw boom; } }).transform(new Response(source)).text(), 'Error', 'boom');
  assert.equal(canceled, boom);
});

test('an error of the source, and a chunk that is no bytes', async () => {
  const broken = new Response(new ReadableStream({ pull(controller) { controller.error(new RangeError('lost')); } }));
  await assert.rejects(new HTMLRewriter().transform(broken).text(), 'RangeError', 'lost');
  const text = new Response(new ReadableStream({ pull(controller) { controller.enqueue('text'); } }));
  await assert.rejects(new HTMLRewriter().transform(text).text(), 'TypeError', /must give bytes/);
});

test('a handler that can never end is the error of the body', async () => {
  await assert.rejects(rewrite('<a></a>', new HTMLRewriter().on('a', { element: () => new Promise(() => {}) })), 'Error', /never settle/);
});

test('a token is of no use after its handler', async () => {
  let kept;
  let attributes;
  await rewrite('<a b=c></a>', new HTMLRewriter().on('a', { element(a) { kept = a; attributes = a.attributes; } }));
  const message = 'This content token is no longer valid. Content tokens are only valid during the execution of the relevant content handler.';
  assert.throws(() => kept.tagName, 'TypeError', message);
  assert.throws(() => kept.remove(), 'TypeError', message);
  assert.throws(() => kept.before(''), 'TypeError', message);
  assert.throws(() => attributes.next(), 'TypeError', message);
});

test('an async handler keeps its token until it has ended', async () => {
  const rewriter = new HTMLRewriter().on('a', {
    async element(a) {
      await sleep(1);
      a.setAttribute('x', await Promise.resolve('y'));
    },
  });
  assert.equal(await rewrite('<a></a>', rewriter), '<a x="y"></a>');
});

test('content may be a stream or a response', async () => {
  const stream = () => new ReadableStream({
    async pull(controller) {
      await sleep(1);
      controller.enqueue(new TextEncoder().encode('<i>s</i>'));
      controller.close();
    },
  });
  const rewriter = new HTMLRewriter().on('a', {
    element(a) {
      a.before(stream(), { html: true }).append(new Response('<r>')).after(stream());
    },
  });
  assert.equal(await rewrite('<a>x</a>', rewriter), '<i>s</i><a>x&lt;r&gt;</a>&lt;i&gt;s&lt;/i&gt;');
});

test('what is wrong is said at once', () => {
  assert.throws(() => new HTMLRewriter().on('p >', {}), 'TypeError', 'Parser error: Dangling combinator in selector.');
  assert.throws(() => new HTMLRewriter().on('', {}), 'TypeError', 'Parser error: The selector is empty.');
  assert.throws(() => new HTMLRewriter().on('a', { element: 5 }), 'TypeError', /'element'/);
  assert.throws(() => new HTMLRewriter().transform('<a>'), 'TypeError', /parameter 1 is not of type 'Response'/);
  assert.throws(() => HTMLRewriter.prototype.transform.call({}, new Response('')), 'TypeError');
  assert.throws(() => new HTMLRewriter().transform(new Response('x', { headers: { 'content-type': 'text/html; charset=utf-16' } })), 'TypeError', /Parser error/);
});

test('invalid names are refused', async () => {
  let errors = [];
  const attempt = (fn) => { try { fn(); } catch (error) { errors.push(`${error.name}: ${error.message}`); } };
  await rewrite('<a><!--x--></a>', new HTMLRewriter().on('a', {
    element(a) {
      attempt(() => { a.tagName = ''; });
      attempt(() => a.setAttribute('a b', ''));
    },
    comments(comment) { attempt(() => { comment.text = '-->'; }); },
  }));
  assert.equal(errors.length, 3);
  for (const error of errors) assert.ok(error.startsWith('TypeError: Parser error: '), error);
});

test('the response is the same but for its body and length', async () => {
  const given = new Response('<p>x</p>', { status: 203, statusText: 'S', headers: { 'content-type': 'text/html', 'content-length': '8', 'x-y': 'z' } });
  const transformed = new HTMLRewriter().transform(given);
  assert.deepEqual([transformed.status, transformed.statusText, [...transformed.headers]], [203, 'S', [['content-type', 'text/html'], ['x-y', 'z']]]);
  assert.ok(given.bodyUsed || given.body.locked);
  assert.equal(await transformed.text(), '<p>x</p>');
  const empty = new Response(null, { status: 204 });
  assert.equal(new HTMLRewriter().transform(empty), empty);
});

test('the charset of the content type is that of input and output', async () => {
  const latin = new Uint8Array([60, 112, 62, 0xe9, 60, 47, 112, 62]); // <p>é</p>
  let seen = '';
  const rewriter = new HTMLRewriter().on('p', { element(p) { p.append('ü'); }, text(text) { seen += text.text; } });
  const bytes = await rewriter.transform(new Response(latin, { headers: { 'content-type': 'text/html; charset="iso-8859-1"' } })).bytes();
  assert.equal(seen, 'é');
  assert.deepEqual([...bytes], [60, 112, 62, 0xe9, 0xfc, 60, 47, 112, 62]);
});

test('canceling the body cancels the source', async () => {
  let canceled;
  const source = new ReadableStream({ cancel(reason) { canceled = reason; } });
  await new HTMLRewriter().transform(new Response(source)).body.cancel('enough');
  assert.equal(canceled, 'enough');
});

test('chunks that split tags and characters', async () => {
  const rewriter = new HTMLRewriter().on('p', { element(p) { p.setAttribute('k', p.getAttribute('t')); } });
  const response = chunked('<', 'p t="', '€"', '>x</', 'p>');
  assert.equal(await rewriter.transform(response).text(), '<p t="€" k="€">x</p>');
});

test('the shape of the interface', () => {
  assert.equal(HTMLRewriter.name, 'HTMLRewriter');
  assert.equal(HTMLRewriter.length, 0);
  assert.deepEqual(Object.keys(HTMLRewriter.prototype), ['on', 'onDocument', 'transform']);
  assert.throws(() => HTMLRewriter(), 'TypeError');
});
