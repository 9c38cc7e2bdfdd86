// Documents and handlers, each with what workerd makes of them.
const log = [];
const note = (...values) => { log.push(values); };
const attempt = (name, fn) => {
  try {
    note(name, fn());
  } catch (error) {
    note(name, `${error.name}: ${error.message}`);
  }
};
const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const html = { html: true };

const CASES = [
  ['every place of content', ['<div><p a=1>x<i>y</i></p></div>'], (r) => r.on('p', { element(e) { e.before('<b>').before('<b>', html).prepend('1').prepend('<2>', html).append('3').append('<4>', html).after('5').after('<6>', html); } })],
  ['replace twice, then after', ['<p>x</p>'], (r) => r.on('p', { element(e) { e.replace('1').replace('2').before('b').after('a'); } })],
  ['remove keeps what stands around', ['<p>x<b>y</b></p>z'], (r) => r.on('p', { element(e) { e.before('b').after('a').prepend('p').append('q').remove(); } })],
  ['removeAndKeepContent', ['<p>x<b>y</b></p>z'], (r) => r.on('p', { element(e) { e.prepend('p').append('q').removeAndKeepContent(); note(e.removed); } })],
  ['setInnerContent then append', ['<p>x<b>y</b></p>z'], (r) => r.on('p', { element(e) { e.setInnerContent('<i>in</i>', html).append('!'); } })],
  ['handlers inside of removed content', ['<p>x<b>y<!--c--></b></p>z'], (r) => r.on('p', { element(e) { e.remove(); } }).on('b', { element(e) { note('b', e.removed); }, text(t) { note(t.text); }, comments(c) { note(c.text); } })],
  ['two handlers of one element', ['<p>x</p>'], (r) => r.on('p', { element(e) { e.setAttribute('a', '1'); e.tagName = 'q'; } }).on('*', { element(e) { note(e.tagName, e.getAttribute('a')); e.after('2'); } })],
  ['void elements', ['<br><img src=x>after'], (r) => r.on('br,img', { element(e) { e.prepend('no').append('no').setInnerContent('no').before('1').after('2'); attempt('onEndTag', () => e.onEndTag(() => {})); } })],
  ['self-closing in svg', ['<svg><path/><g></g></svg>'], (r) => r.on('svg *', { element(e) { note(e.tagName, e.namespaceURI); e.append('x'); attempt('onEndTag', () => e.onEndTag((t) => note(t.name))); } })],
  ['mathml and html namespaces', ['<math><mrow>x</mrow></math><p></p>'], (r) => r.on('*', { element(e) { note(e.tagName, e.namespaceURI); } })],
  ['unclosed elements', ['<ul><li>1<li>2</ul><p>3'], (r) => r.on('li, p', { element(e) { e.append('+').after('|'); e.onEndTag((t) => note('end', t.name)); } })],
  ['end tags change', ['<div><b>x</b></div>'], (r) => r.on('b', { element(e) { e.onEndTag((t) => { note(t.name); t.name = 'i'; t.before('<'); t.after('>', html); }); } })],
  ['an end tag is removed', ['<div><b>x</b></div>'], (r) => r.on('b', { element(e) { e.onEndTag((t) => { t.remove(); }); } })],
  ['onEndTag and tagName', ['<b>x</b>'], (r) => r.on('b', { element(e) { e.tagName = 'i'; e.onEndTag((t) => note(t.name)); } })],
  ['attributes as they are written', ['<p A="1&amp;2"  b=\'3\' c=4 d e="">x</p>'], (r) => r.on('p', { element(e) { note([...e.attributes]); note(e.getAttribute('a'), e.getAttribute('D'), e.getAttribute('z'), e.hasAttribute('E')); e.setAttribute('b', '"<&'); e.removeAttribute('c'); e.setAttribute('F', 5); } })],
  ['the first of two attributes', ['<p a=1 a=2>x</p>'], (r) => r.on('p', { element(e) { note([...e.attributes]); e.setAttribute('a', 3); } })],
  ['wrong names', ['<p>x</p>'], (r) => r.on('p', { element(e) { attempt('empty', () => e.setAttribute('', 'x')); attempt('space', () => e.setAttribute('a b', 'x')); attempt('tag', () => { e.tagName = ''; }); attempt('tag2', () => { e.tagName = '1a'; }); attempt('tag3', () => { e.tagName = 'a b'; }); } })],
  ['comments', ['<p><!-- one --></p><!--two--><!>'], (r) => r.on('p', { comments(c) { note(c.text, c.removed); c.before('<').after('>', html); attempt('text', () => { c.text = '-->'; }); c.text = 'new'; } }).onDocument({ comments(c) { note('doc', c.text); if (c.text === 'two') c.replace('<r>', html); } })],
  ['text of a document in pieces', ['<p>on', 'e &amp; t', 'wo</p>out'], (r) => r.on('p', { text(t) { note(t.text, t.lastInTextNode, t.removed); } }).onDocument({ text(t) { if (t.text === 'out') t.replace('<in>').before('1').after('2', html); } })],
  ['text removed', ['<p>one<b>two</b></p>'], (r) => r.on('p', { text(t) { t.remove(); note(t.removed); } })],
  ['scripts, styles, titles', ['<title>a<b</title><style>p{}</style><script>if(a<b){"</p>"}</script><textarea><p></textarea>'], (r) => r.on('*', { element(e) { note(e.tagName); }, text(t) { note(t.text); } })],
  ['doctypes', ['<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd"><p>'], (r) => r.onDocument({ doctype(d) { note(d.name, d.publicId, d.systemId); } })],
  ['doctype without anything', ['<!doctype>x'], (r) => r.onDocument({ doctype(d) { note(d.name, d.publicId, d.systemId); } })],
  ['end of the document', ['<p>x'], (r) => r.onDocument({ end(d) { d.append('<end>', html).append('<'); note('end'); } })],
  ['selectors', ['<div id=a class="b c" d="e-f g" lang=en-US><p><span>1</span></p><p>2</p></div>'], (r) => ['div', '#a', '.b.c', '[d]', '[d="e-f g"]', '[d^=e]', '[d$=g]', '[d*="-"]', '[d~=g]', '[lang|=en]', '[D="E-F G" i]', 'div > p', 'div span', 'p:first-child', 'p:nth-child(2)', 'p:nth-of-type(2n)', ':not(p)', '*', 'p, span'].forEach((s) => r.on(s, { element(e) { note(s, e.tagName); } }))],
  ['wrong selectors', [''], (r) => ['', 'p >', 'p:hover', 'a|b', 'p + p', 'p ~ p', ':not(:not(p))', '[', '.1', 'p::before', ':nth-child(x)', '> p', 'a,,b'].forEach((s) => attempt(s, () => { r.on(s, {}); }))],
  ['async handlers in order', ['<a n=1></a><a n=2></a>'], (r) => r.on('a', { async element(e) { note('in', e.getAttribute('n')); await sleep(3 - e.getAttribute('n')); e.append(e.getAttribute('n')); note('out', e.getAttribute('n')); } })],
  ['an async text and end', ['<a>x</a>'], (r) => r.on('a', { async text(t) { await sleep(1); t.after('!'); } }).onDocument({ async end(d) { await sleep(1); d.append('end'); } })],
  ['onEndTag inside of an async handler', ['<a>x</a>'], (r) => r.on('a', { async element(e) { await sleep(1); e.onEndTag(async (t) => { await sleep(1); t.before(t.name); }); } })],
  ['onEndTag twice', ['<a>x</a>'], (r) => r.on('a', { element(e) { e.onEndTag(() => note(1)); e.onEndTag(() => note(2)); } })],
  ['a token after its handler', ['<a b=c>x</a>'], (r) => { let kept; let list; r.on('a', { element(e) { kept = e; list = e.attributes; } }).onDocument({ end() { attempt('tagName', () => kept.tagName); attempt('append', () => kept.append('')); attempt('next', () => list.next()); } }); }],
  ['an error', ['<p>1</p><a>x</a>'], (r) => r.on('a', { element() { throw new RangeError('boom'); } })],
  ['an async error', ['<p>1</p><a>x</a>'], (r) => r.on('a', { async element() { await sleep(1); throw new RangeError('boom'); } })],
  ['broken markup', ['<p <b>x</p></i><><a href="', 'x>y"', '<'], (r) => r.on('*', { element(e) { note(e.tagName, [...e.attributes]); } })],
  ['ambiguous markup', ['<select><xmp><script>x</script></xmp></select>'], (r) => r.on('*', { element(e) { note(e.tagName); } })],
  ['a table and a template', ['<table><tr><td>1<template><p>2</p></template></table>'], (r) => r.on('td, p', { element(e) { e.setAttribute('s', ''); } })],
  ['cdata and processing instructions', ['<svg><![CDATA[ <p> ]]></svg><?xml version="1"?><![CDATA[x]]>'], (r) => r.onDocument({ comments(c) { note('c', c.text); }, text(t) { note('t', t.text); } })],
  ['text with entities is not decoded', ['<p>&lt;&eacute;</p>'], (r) => r.on('p', { text(t) { if (t.text) { note(t.text); t.replace(t.text); } } })],
  ['null characters', ['<p>a\0b<\0c>'], (r) => r.on('*', { text(t) { note(t.text); }, element(e) { note(e.tagName); } })],
  ['content of other types', ['<p>x</p>'], (r) => r.on('p', { element(e) { e.append(5).append(null).append(undefined).append({}).setAttribute('n', null); } })],
  ['a response as content', ['<p>x</p>'], (r) => r.on('p', { element(e) { e.append(new Response('<r>')).before(new Response('<r>').body, html); } })],
  ['handlers that are no functions', ['<p>x</p>'], (r) => { attempt('5', () => { r.on('p', { element: 5 }); }); attempt('null', () => { r.on('p', { element: null }); }); attempt('undefined', () => { r.on('p'); }); attempt('null', () => { r.on('p', null); }); attempt('string', () => { r.on('p', 'x'); }); attempt('document', () => { r.onDocument({ end: 'x' }); }); attempt('end tag', () => { r.on('p', { element(e) { attempt('onEndTag', () => e.onEndTag(5)); } }); }); }],
  ['utf-16', ['x'], (r) => r, 'text/html; charset=utf-16'],
  ['no such charset', ['x'], (r) => r, 'text/html; charset=none'],
  ['latin', [[60, 112, 62, 233, 60, 47, 112, 62]], (r) => r.on('p', { element(e) { e.append('\u20ac\u4e00\u00fc'); }, text(t) { note(t.text); } }), 'text/html;charset=iso-8859-1'],
  ['bad utf-8', [[60, 112, 62, 255, 60, 47, 112, 62]], (r) => r.on('p', { text(t) { note(t.text); } })],
  ['bad utf-8 that nobody looks at', [[60, 112, 62, 255, 60, 47, 112, 62]], (r) => r.on('b', { text(t) { note(t.text); } })],
  ['a tag of many chunks', ['<', 'p', ' a', '=', '"1', '2"', ' b', '>', 'x', '<', '/p', '>'], (r) => r.on('p', { element(e) { note([...e.attributes]); e.setAttribute('c', '3'); }, text(t) { note(t.text, t.lastInTextNode); } })],
  ['return values', ['<p>x</p>'], (r) => r.on('p', { element(e) { note(e.before('') === e, e.setAttribute('a', '') === e, e.removeAttribute('a') === e, e.onEndTag(() => {}) === undefined, r.on('q', {}) === r, r.onDocument({}) === r, String(e), String(e.attributes), Object.prototype.toString.call(r)); } })],
];

async function run([name, chunks, setup, type = 'text/html']) {
  log.length = 0;
  const bytes = chunks.map((chunk) => (typeof chunk === 'string' ? new TextEncoder().encode(chunk) : new Uint8Array(chunk)));
  const source = new ReadableStream({
    pull(controller) {
      if (bytes.length === 0) controller.close();
      else controller.enqueue(bytes.shift());
    },
  });
  const rewriter = new HTMLRewriter();
  let output;
  try {
    setup(rewriter);
    output = [...await rewriter.transform(new Response(source, { headers: { 'content-type': type } })).bytes()].map((byte) => String.fromCharCode(byte)).join('');
  } catch (error) {
    output = `${error.name}: ${error.message}`;
  }
  return { name, output, log: JSON.parse(JSON.stringify(log)) };
}

// What workerd 1.20261117.1 gives for each case: the body, byte by byte, and what was noted.
const WORKERD = {
  "every place of content": ["<div>&lt;b&gt;<b><p a=1><2>1x<i>y</i>3<4></p><6>5</div>",[]],
  "replace twice, then after": ["b2a",[]],
  "remove keeps what stands around": ["baz",[]],
  "removeAndKeepContent": ["px<b>y</b>qz",[[true]]],
  "setInnerContent then append": ["<p><i>in</i>!</p>z",[]],
  "handlers inside of removed content": ["z",[["b",true],["y"],[""],["c"]]],
  "two handlers of one element": ["<q a=\"1\">x</q>2",[["q","1"]]],
  "void elements": ["1<br>21<img src=x>2after",[["onEndTag","TypeError: Parser error: No end tag."],["onEndTag","TypeError: Parser error: No end tag."]]],
  "self-closing in svg": ["<svg><path/><g>x</g></svg>",[["path","http://www.w3.org/2000/svg"],["onEndTag","TypeError: Parser error: No end tag."],["g","http://www.w3.org/2000/svg"],["onEndTag",null],["g"]]],
  "mathml and html namespaces": ["<math><mrow>x</mrow></math><p></p>",[["math","http://www.w3.org/1998/Math/MathML"],["mrow","http://www.w3.org/1998/Math/MathML"],["p","http://www.w3.org/1999/xhtml"]]],
  "unclosed elements": ["<ul><li>1<li>2+</ul>|<p>3",[["end","ul"],["end","ul"]]],
  "end tags change": ["<div><b>x&lt;</i>></div>",[["b"]]],
  "an end tag is removed": ["<div><b>x</div>",[]],
  "onEndTag and tagName": ["<i>x</i>",[["i"]]],
  "attributes as they are written": ["<p A=\"1&amp;2\" b=\"&quot;<&\" d e=\"\" f=\"5\">x</p>",[[[["a","1&amp;2"],["b","3"],["c","4"],["d",""],["e",""]]],["1&amp;2","",null,true]]],
  "the first of two attributes": ["<p a=\"3\" a=2>x</p>",[[[["a","1"],["a","2"]]]]],
  "wrong names": ["<p>x</p>",[["empty","TypeError: Parser error: Attribute name can't be empty."],["space","TypeError: Parser error: ` ` character is forbidden in the attribute name"],["tag","TypeError: Parser error: Tag name can't be empty."],["tag2","TypeError: Parser error: The first character of the tag name should be an ASCII alphabetical character."],["tag3","TypeError: Parser error: ` ` character is forbidden in the tag name"]]],
  "comments": ["<p>&lt;<!--new-->></p><r><!>",[[" one ",false],["text","TypeError: Parser error: Comment text shouldn't contain a comment-closing sequence."],["doc","new"],["doc","two"],["doc",""]]],
  "text of a document in pieces": ["<p>one &amp; two</p>1&lt;in&gt;2",[["on",false,false],["e &amp; t",false,false],["wo",false,false],["",true,false]]],
  "text removed": ["<p><b></b></p>",[[true],[true],[true],[true]]],
  "scripts, styles, titles": ["<title>a<b</title><style>p{}</style><script>if(a<b){\"</p>\"}</script><textarea><p></textarea>",[["title"],["a"],["<"],["b"],[""],["style"],["p{}"],[""],["script"],["if(a"],["<"],["b){\""],["</p"],[">\"}"],[""],["textarea"],["<"],["p>"],[""]]],
  "doctypes": ["<!DOCTYPE html PUBLIC \"-//W3C//DTD HTML 4.01//EN\" \"http://www.w3.org/TR/html4/strict.dtd\"><p>",[["html","-//W3C//DTD HTML 4.01//EN","http://www.w3.org/TR/html4/strict.dtd"]]],
  "doctype without anything": ["<!doctype>x",[[null,null,null]]],
  "end of the document": ["<p>x<end>&lt;",[["end"]]],
  "selectors": ["<div id=a class=\"b c\" d=\"e-f g\" lang=en-US><p><span>1</span></p><p>2</p></div>",[["div","div"],["#a","div"],[".b.c","div"],["[d]","div"],["[d=\"e-f g\"]","div"],["[d^=e]","div"],["[d$=g]","div"],["[d*=\"-\"]","div"],["[d~=g]","div"],["[lang|=en]","div"],["[D=\"E-F G\" i]","div"],[":not(p)","div"],["*","div"],["div > p","p"],["p:first-child","p"],["*","p"],["p, span","p"],["div span","span"],[":not(p)","span"],["*","span"],["p, span","span"],["div > p","p"],["p:nth-child(2)","p"],["p:nth-of-type(2n)","p"],["*","p"],["p, span","p"]]],
  "wrong selectors": ["",[["","TypeError: Parser error: The selector is empty."],["p >","TypeError: Parser error: Dangling combinator in selector."],["p:hover","TypeError: Parser error: Unsupported pseudo-class or pseudo-element in selector."],["a|b","TypeError: Parser error: Selectors with explicit namespaces are not supported."],["p + p","TypeError: Parser error: Unsupported combinator `+` in selector."],["p ~ p","TypeError: Parser error: Unsupported combinator `~` in selector."],[":not(:not(p))",null],["[","TypeError: Parser error: Unexpected end of selector."],[".1","TypeError: Parser error: The selector is empty."],["p::before","TypeError: Parser error: Unsupported pseudo-class or pseudo-element in selector."],[":nth-child(x)","TypeError: Parser error: Unexpected token in selector."],["> p","TypeError: Parser error: The selector is empty."],["a,,b","TypeError: Parser error: The selector is empty."]]],
  "async handlers in order": ["<a n=1>1</a><a n=2>2</a>",[["in","1"],["out","1"],["in","2"],["out","2"]]],
  "an async text and end": ["<a>x!!</a>end",[]],
  "onEndTag inside of an async handler": ["<a>xa</a>",[]],
  "onEndTag twice": ["<a>x</a>",[[2]]],
  "a token after its handler": ["<a b=c>x</a>",[["tagName","TypeError: This content token is no longer valid. Content tokens are only valid during the execution of the relevant content handler."],["append","TypeError: This content token is no longer valid. Content tokens are only valid during the execution of the relevant content handler."],["next","TypeError: This content token is no longer valid. Content tokens are only valid during the execution of the relevant content handler."]]],
  "an error": ["RangeError: boom",[]],
  "an async error": ["RangeError: boom",[]],
  "broken markup": ["<p <b>x</p></i><><a href=\"x>y\"<",[["p",[["<b",""]]]]],
  "ambiguous markup": ["TypeError: Parser error: The parser has encountered a text content tag (`<xmp>`) in the context where it is ambiguous whether this tag should be ignored or not. And, thus, it is unclear whether consequent content should be parsed as raw text or HTML markup.\n\nThis error occurs due to the limited capabilities of the streaming parsing. However, almost all of the cases of this error are caused by a non-conforming markup (e.g. a `<script>` element in `<select>` element).",[["select"]]],
  "a table and a template": ["<table><tr><td s=\"\">1<template><p s=\"\">2</p></template></table>",[]],
  "cdata and processing instructions": ["<svg><![CDATA[ <p> ]]></svg><?xml version=\"1\"?><![CDATA[x]]>",[["t"," <p> "],["t",""],["c","?xml version=\"1\"?"],["c","[CDATA[x]]"]]],
  "text with entities is not decoded": ["<p>&amp;lt;&amp;eacute;</p>",[["&lt;&eacute;"]]],
  "null characters": ["<p>a\u0000b<\u0000c>",[["p"],["a\u0000b"],["<"],["\u0000c>"],[""]]],
  "content of other types": ["<p n=\"null\">x5nullundefined[object Object]</p>",[]],
  "a response as content": ["<r><p>x&lt;r&gt;</p>",[]],
  "handlers that are no functions": ["<p>x</p>",[["5","TypeError: Incorrect type for the 'element' field on 'ElementContentHandlers': the provided value is not of type 'function'."],["null","TypeError: Incorrect type for the 'element' field on 'ElementContentHandlers': the provided value is not of type 'function'."],["undefined","TypeError: Failed to execute 'on' on 'HTMLRewriter': parameter 2 is not of type 'ElementContentHandlers'."],["null",null],["string","TypeError: Failed to execute 'on' on 'HTMLRewriter': parameter 2 is not of type 'ElementContentHandlers'."],["document","TypeError: Incorrect type for the 'end' field on 'DocumentContentHandlers': the provided value is not of type 'function'."],["end tag",null],["onEndTag","TypeError: Failed to execute 'onEndTag' on 'Element': parameter 1 is not of type 'function'."]]],
  "utf-16": ["TypeError: Parser error: Expected ASCII-compatible encoding.",[]],
  "no such charset": ["TypeError: Parser error: Unknown character encoding has been provided.",[]],
  "latin": ["<p>é&#19968;ü</p>",[["é"],[""]]],
  "bad utf-8": ["<p>ï¿½</p>",[["�"],[""]]],
  "bad utf-8 that nobody looks at": ["<p>ÿ</p>",[]],
  "a tag of many chunks": ["<p a=\"12\" b c=\"3\">x</p>",[[[["a","12"],["b",""]]],["x",false],["",true]]],
  "return values": ["<p>x</p>",[[true,true,true,true,true,true,"[object Element]","[object AttributesIterator]","[object HTMLRewriter]"]]],
};

for (const given of CASES) {
  test(given[0], async () => {
    const { output, log: noted } = await run(given);
    assert.deepEqual([output, noted], WORKERD[given[0]]);
  });
}
