import './playground.css';
import { effect } from '@preact/signals';
import { render } from 'preact';
import { bytes } from '../common/format.ts';
import { project } from './api.ts';
import { Comparison } from './compare.tsx';
import { Editor } from './editor.tsx';
import { examples, Files, Header, Programs } from './header.tsx';
import { RequestPanel } from './request.tsx';
import { Outcome } from './response.tsx';
import { runAsYouType, startShown } from './runner.ts';
import { decode } from './share.ts';
import { add, BLANK_REQUEST, compared, current, firstFile, notice, type Tab, tab, tabs, waiting } from './state.ts';

const KEPT = 'glowplug-playground';

function App() {
  const shown = tab.value;
  const second = compared.value;
  if (!shown) return <p class="muted loading" role="status">Loading…</p>;
  return (
    <div class={`app${second ? ' comparing' : ''}`}>
      <Header />
      {waiting.value && (
        <div class="notice warn row" role="alert">
          <span class="grow">This code came by a link. It runs in a sandbox, with public addresses alone in reach; read it first.</span>
          <button type="button" class="primary" onClick={startShown}>
            Run it
          </button>
        </div>
      )}
      <div aria-live="polite">
        {notice.value && (
          <div class="notice row" data-testid="notice">
            <span class="grow">{notice.value}</span>
            <button type="button" class="plain" aria-label="Dismiss" onClick={() => (notice.value = '')}>
              ✕
            </button>
          </div>
        )}
      </div>
      <main>
        <Programs />
        {second && <Comparison first={shown} second={second} />}
        <div class="panes">
          <Source tab={shown} />
          {second ? <Source tab={second} /> : <Run tab={shown} />}
        </div>
        {second && (
          <div class="panes below">
            <Run tab={shown} compact />
            <Run tab={second} compact answerOnly />
          </div>
        )}
      </main>
    </div>
  );
}

function Source({ tab }: { tab: Tab }) {
  return (
    <section class="source" aria-label={`Source of ${tab.title}`}>
      {tab.component ? (
        <div class="component">
          <h2>{tab.component.name}</h2>
          <p>A WebAssembly component of {bytes(tab.component.bytes)}.</p>
          <p class="mono muted">sha256:{tab.component.digest}</p>
        </div>
      ) : (
        <>
          <Files id={tab.id} />
          <Editor key={tab.id} tab={tab} />
        </>
      )}
    </section>
  );
}

function Run({ tab, compact, answerOnly }: { tab: Tab; compact?: boolean; answerOnly?: boolean }) {
  return (
    <section class="run" aria-label={`Request and response of ${tab.title}`}>
      {!answerOnly && <RequestPanel tab={tab} />}
      <Outcome tab={tab} compact={compact ?? false} />
    </section>
  );
}

/** A link's program, or what was open before, or the project that is served, or the first example. */
async function begin(): Promise<void> {
  let linked: Awaited<ReturnType<typeof decode>>;
  try {
    linked = await decode(location.hash);
  } catch (error) {
    notice.value = (error as Error).message;
  }
  if (linked) {
    waiting.value = true;
    current.value = add({ ...linked, open: firstFile(linked.files) });
    return;
  }
  const kept = restore();
  if (kept.length > 0) {
    for (const tab of kept) current.value = add(tab);
    current.value = tabs.value[0]?.id ?? 0;
    return;
  }
  const own = await project().catch(() => undefined);
  if (own && Object.keys(own.files).length > 0) {
    current.value = add({ title: own.name, files: own.files, open: firstFile(own.files), request: BLANK_REQUEST });
    return;
  }
  const [first] = await examples();
  if (first) current.value = add({ ...first, open: firstFile(first.files) });
}

/** What was open in this tab of the browser. Components are not kept. */
function restore(): Tab[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEPT) ?? '[]');
    return Array.isArray(kept) ? kept.filter((tab) => tab?.files && tab?.request && !tab.component) : [];
  } catch {
    return [];
  }
}

function keep(): void {
  effect(() => {
    const open = tabs.value.filter((tab) => !tab.component);
    try {
      if (open.length > 0 && !waiting.value) sessionStorage.setItem(KEPT, JSON.stringify(open));
    } catch {
      // A program too long to be kept is lost with the page.
    }
  });
}

const root = document.getElementById('app');
if (root) {
  render(<App />, root);
  void begin().then(() => {
    runAsYouType();
    keep();
  });
}
