import './dashboard.css';
import { signal } from '@preact/signals';
import { render } from 'preact';
import { SchemeSelect } from '../common/scheme.tsx';
import { Tabs } from '../common/tabs.tsx';
import { get, server, signOut, token, type Worker } from './api.ts';
import { Cache } from './cache.tsx';
import { Crons } from './crons.tsx';
import { Browser, Namespaces } from './kv.tsx';
import { follow } from './live.ts';
import { Login } from './login.tsx';
import { Failure, useLoad } from './parts.tsx';
import { WorkerNow } from './now.tsx';
import { Settings } from './settings.tsx';
import { Tail } from './tail.tsx';
import { Usage } from './usage.tsx';
import { Versions } from './versions.tsx';
import { Workers } from './workers.tsx';

/** The path after `#`, in its parts. */
const at = signal(parts());
addEventListener('hashchange', () => {
  at.value = parts();
});

function parts(): string[] {
  return location.hash
    .replace(/^#\/?/, '')
    .split('/')
    .filter((part) => part !== '')
    .map((part) => {
      try {
        return decodeURIComponent(part);
      } catch {
        return part;
      }
    });
}

function App() {
  if (!token.value) return <Login />;
  const [section = 'workers', name, view] = at.value;
  const link = (id: string, title: string) => (
    <a href={`#/${id}`} aria-current={section === id ? 'page' : undefined}>
      {title}
    </a>
  );
  return (
    <>
      <header class="top">
        <a class="brand" href="#/workers">
          <img src="icon.svg" alt="" width="24" height="24" /> glowplug
        </a>
        <nav aria-label="Sections" class="row grow">
          {link('workers', 'Workers')}
          {link('usage', 'Usage')}
          {link('kv', 'KV')}
          {link('cache', 'Cache')}
        </nav>
        <SchemeSelect />
        <button type="button" onClick={() => signOut()}>
          Sign out
        </button>
      </header>
      <main class="stack">
        {section === 'workers' && !name && <Workers />}
        {section === 'workers' && name && <WorkerPage key={name} name={name} view={view ?? 'versions'} />}
        {section === 'usage' && (
          <>
            <h1>Usage of all workers</h1>
            <Usage />
          </>
        )}
        {section === 'cache' && <Cache />}
        {section === 'kv' && !name && <Namespaces />}
        {section === 'kv' && name && <Browser key={name} id={name} />}
      </main>
      <About />
    </>
  );
}

function About() {
  const { value } = useLoad((signal) => get<{ version: string; url: string }>('/v1/server', signal), 'server');
  const known = server.value ?? value;
  return known ? (
    <footer class="muted">
      glowplug {known.version}, workers on {known.url}
    </footer>
  ) : null;
}

const VIEWS = [
  { id: 'versions', title: 'Versions' },
  { id: 'settings', title: 'Routes and bindings' },
  { id: 'tail', title: 'Live log' },
  { id: 'usage', title: 'Usage and cost' },
  { id: 'crons', title: 'Cron triggers' },
];

function WorkerPage({ name, view }: { name: string; view: string }) {
  const { value: worker, error, reload } = useLoad((signal) => get<Worker>(`/v1/workers/${encodeURIComponent(name)}`, signal), `worker ${name}`, 5000);
  const active = VIEWS.some((known) => known.id === view) ? view : 'versions';
  return (
    <>
      <h1>
        <a href="#/workers">Workers</a> / {name}
      </h1>
      <Failure text={error} />
      <WorkerNow name={name} />
      {worker && (
        <Tabs label="Views" prefix="worker" items={VIEWS} active={active} onSelect={(id) => (location.hash = `#/workers/${name}/${id}`)}>
          {active === 'versions' && <Versions worker={worker} onChange={reload} />}
          {active === 'settings' && <Settings worker={worker} />}
          {active === 'tail' && <Tail name={name} />}
          {active === 'usage' && <Usage name={name} />}
          {active === 'crons' && <Crons name={name} />}
        </Tabs>
      )}
    </>
  );
}

const root = document.getElementById('app');
if (root) {
  render(<App />, root);
  follow();
}
