/** @jsxImportSource react */
// Pages rendered on the server, streamed while parts of them wait.
import { createContext, Suspense, use, useId, useMemo, useState } from 'react';
import { renderToReadableStream, renderToStaticMarkup, renderToString } from 'react-dom/server';

const Theme = createContext('light');
const after = (ms, value) => new Promise((resolve) => { setTimeout(resolve, ms, value); });

function Counter({ start }) {
  const [count] = useState(() => start * 2);
  const id = useId();
  const squares = useMemo(() => Array.from({ length: count }, (_, index) => index * index), [count]);
  return <section id={id} style={{ color: use(Theme) === 'dark' ? 'white' : 'black', marginTop: 4 }}>{squares.map((square) => <b key={square}>{square}</b>)}</section>;
}

function Late({ promise }) {
  return <p>{use(promise)} &amp; "quoted" &lt;tag&gt;</p>;
}

function Fails() {
  throw new Error('a component failed');
}

function Page({ name, children }) {
  return (
    <html lang="en">
      <head><title>{`Hello ${name}`}</title><meta charSet="utf-8" /></head>
      <body className="a b" data-x={undefined} aria-label="page"><Theme.Provider value="dark"><Counter start={2} /></Theme.Provider>{children}{false}{null}{0}</body>
    </html>
  );
}

const routes = {
  string: (name) => renderToString(<Page name={name} />),
  static: (name) => renderToStaticMarkup(<Page name={name}><input disabled defaultValue="x" /><textarea defaultValue={'a\nb'} /><select defaultValue="2"><option value="1">1</option><option value="2">2</option></select></Page>),
  markup: () => renderToStaticMarkup(<div dangerouslySetInnerHTML={{ __html: '<i>raw</i>' }} />),
  svg: () => renderToStaticMarkup(<svg viewBox="0 0 1 1"><path strokeWidth={2} d="M0 0" xlinkHref="#a" /></svg>),
  stream: (name) => renderToReadableStream(<Page name={name}><p>now</p></Page>),
  suspense: (name) => renderToReadableStream(<Page name={name}><Suspense fallback={<i>wait</i>}><Late promise={after(20, 'late')} /></Suspense></Page>),
  async two(name) {
    return renderToReadableStream(<Page name={name}><Suspense fallback="1"><Late promise={after(10, 'first')} /></Suspense><Suspense fallback="2"><Late promise={after(60, 'second')} /></Suspense></Page>);
  },
  async ready(name) {
    const stream = await renderToReadableStream(<Page name={name}><Suspense fallback={<i>wait</i>}><Late promise={after(5, 'all')} /></Suspense></Page>, { bootstrapScripts: ['/main.js'], identifierPrefix: 'p' });
    await stream.allReady;
    return stream;
  },
  boundary: (name) => renderToReadableStream(<Page name={name}><Suspense fallback={<i>failed</i>}><Fails /></Suspense></Page>, { onError: () => 'digest' }),
  fails: () => renderToReadableStream(<Fails />),
  failsAtOnce: () => renderToString(<Fails />),
};

export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    try {
      const body = await routes[pathname.slice(1)](searchParams.get('name') ?? 'World');
      return new Response(body, { headers: { 'content-type': 'text/html; charset=utf-8' } });
    } catch (error) {
      return new Response(`${error.name}: ${error.message}`, { status: 500 });
    }
  },
};
