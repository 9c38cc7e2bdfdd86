// Markdown to HTML.
import { Lexer, Marked } from 'marked';

const plain = new Marked();
const own = new Marked({
  gfm: true,
  breaks: true,
  async: true,
  walkTokens: async (token) => { if (token.type === 'link') token.href = token.href.replace(/^http:/, 'https:'); },
  renderer: { heading({ tokens, depth }) { return `<h${depth} id="${this.parser.parseInline(tokens).toLowerCase().replace(/\W+/g, '-')}">${this.parser.parseInline(tokens)}</h${depth}>\n`; } },
  extensions: [{
    name: 'mark', level: 'inline', start: (source) => source.indexOf('=='),
    tokenizer(source) {
      const match = /^==([^=]+)==/.exec(source);
      return match ? { type: 'mark', raw: match[0], tokens: this.lexer.inlineTokens(match[1]) } : undefined;
    },
    renderer(token) { return `<mark>${this.parser.parseInline(token.tokens)}</mark>`; },
  }],
});

export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    const text = await request.text();
    if (pathname === '/tokens') return Response.json(new Lexer().lex(text));
    const html = pathname === '/own' ? await own.parse(text) : plain.parse(text, { gfm: pathname !== '/strict' });
    return new Response(html, { headers: { 'content-type': 'text/html; charset=utf-8' } });
  },
};
