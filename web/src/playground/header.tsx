import { useEffect, useRef, useState } from 'preact/hooks';
import { SchemeSelect } from '../common/scheme.tsx';
import { Refused, upload } from './api.ts';
import { forget } from './editor.tsx';
import { startShown } from './runner.ts';
import { encode, LONGEST } from './share.ts';
import { add, BLANK_REQUEST, change, compared, current, firstFile, notice, other, type Request, remove, resultOf, tab, tabs } from './state.ts';

interface Example {
  title: string;
  files: Record<string, string>;
  request: Request;
}

export async function examples(): Promise<Example[]> {
  return (await fetch('examples.json')).json();
}

const stem = (title: string) => title.replace(/ \d+$/, '');

/** A title that no tab has. */
function fresh(title: string): string {
  const taken = new Set(tabs.value.map((tab) => tab.title));
  if (!taken.has(title)) return title;
  for (let number = 2; ; number++) if (!taken.has(`${stem(title)} ${number}`)) return `${stem(title)} ${number}`;
}

export function Header() {
  const [list, setList] = useState<Example[]>([]);
  const file = useRef<HTMLInputElement>(null);
  useEffect(() => {
    void examples().then(setList);
  }, []);
  const shown = tab.value;
  const open = (example: Example) => {
    current.value = add({ title: fresh(example.title), files: example.files, open: firstFile(example.files), request: example.request });
    other.value = null;
  };
  const take = async (chosen: File) => {
    try {
      const { component } = await upload(chosen);
      const digest = { digest: component, name: chosen.name, bytes: chosen.size };
      current.value = add({ title: fresh(chosen.name), files: {}, open: '', component: digest, request: shown?.request ?? BLANK_REQUEST });
      notice.value = '';
    } catch (error) {
      notice.value = error instanceof Refused ? `${chosen.name}: ${error.message}` : `${chosen.name} could not be uploaded`;
    }
  };
  const share = async () => {
    if (!shown) return;
    const fragment = await encode(shown);
    history.replaceState(null, '', fragment);
    try {
      await navigator.clipboard.writeText(location.href);
      notice.value = 'The link was copied. It holds the code itself; nothing was sent anywhere.';
    } catch {
      notice.value = 'The link is in the address bar. It holds the code itself; nothing was sent anywhere.';
    }
    if (fragment.length > LONGEST) notice.value += ' It is long, and some programs cut long links.';
  };
  const running = shown && resultOf(shown.id).running;
  return (
    <header class="top">
      <h1>
        <img src="icon.svg" alt="" width="24" height="24" /> glowplug <span class="muted">playground</span>
      </h1>
      <div class="row grow">
        <button type="button" class="primary" onClick={startShown} title="Ctrl+Enter in the editor">
          {running ? 'Running…' : shown && resultOf(shown.id).fuels.length > 0 ? 'Run again' : 'Run'}
        </button>
        <select
          aria-label="Examples"
          value=""
          onChange={(event) => {
            const chosen = list[Number(event.currentTarget.value)];
            event.currentTarget.value = '';
            if (chosen) open(chosen);
          }}
        >
          <option value="">Examples…</option>
          {list.map((example, at) => (
            <option key={example.title} value={at}>
              {example.title}
            </option>
          ))}
        </select>
        <button type="button" onClick={() => file.current?.click()}>
          Upload component
        </button>
        <input
          ref={file}
          class="visually-hidden"
          type="file"
          accept=".wasm"
          aria-label="Component file"
          tabIndex={-1}
          onChange={(event) => {
            const chosen = event.currentTarget.files?.[0];
            event.currentTarget.value = '';
            if (chosen) void take(chosen);
          }}
        />
        <button type="button" onClick={share} disabled={!shown || Boolean(shown.component)}>
          Share
        </button>
      </div>
      <SchemeSelect />
    </header>
  );
}

/** The programs that are open. */
export function Programs() {
  const shown = tab.value;
  if (!shown) return null;
  const compare = () => {
    if (other.value !== null) {
      other.value = null;
      return;
    }
    const next = tabs.value.find((each) => each.id !== shown.id);
    // With one program alone, its copy is what is changed and compared.
    other.value = next?.id ?? add({ ...shown, title: fresh(shown.title) });
  };
  return (
    <div class="programs row">
      <div class="row grow program-list" role="group" aria-label="Programs">
        {tabs.value.map((each) => (
          <span class={`program${each.id === shown.id ? ' open' : ''}`} key={each.id}>
            <button
              type="button"
              class="plain"
              aria-pressed={each.id === shown.id}
              onClick={() => {
                if (other.value === each.id) other.value = shown.id;
                current.value = each.id;
              }}
            >
              {each.title}
            </button>
            {tabs.value.length > 1 && (
              <button
                type="button"
                class="plain close"
                aria-label={`Close ${each.title}`}
                onClick={() => {
                  remove(each.id);
                  forget(each.id);
                }}
              >
                ✕
              </button>
            )}
          </span>
        ))}
        <button type="button" aria-label="Copy this program to a new tab" title="Copy to a new tab" onClick={() => (current.value = add({ ...shown, title: fresh(shown.title) }))}>
          +
        </button>
      </div>
      {compared.value && (
        <select aria-label="Compare with" value={other.value ?? ''} onChange={(event) => (other.value = Number(event.currentTarget.value))}>
          {tabs.value
            .filter((each) => each.id !== shown.id)
            .map((each) => (
              <option key={each.id} value={each.id}>
                {each.title}
              </option>
            ))}
        </select>
      )}
      <button type="button" aria-pressed={other.value !== null} onClick={compare}>
        Compare
      </button>
    </div>
  );
}

/** The files of a program. */
export function Files({ id }: { id: number }) {
  const which = tabs.value.find((each) => each.id === id);
  const [adding, setAdding] = useState(false);
  if (!which) return null;
  const names = Object.keys(which.files);
  const create = (event: SubmitEvent) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget as HTMLFormElement).get('name') ?? '').trim();
    if (name && !(name in which.files)) change(id, { files: { ...which.files, [name]: '' }, open: name });
    setAdding(false);
  };
  const drop = (name: string) => {
    const { [name]: _, ...files } = which.files;
    change(id, { files, open: which.open === name ? firstFile(files) : which.open });
  };
  return (
    <div class="files row" role="group" aria-label={`Files of ${which.title}`}>
      {names.map((name) => (
        <span class={`file${name === which.open ? ' open' : ''}`} key={name}>
          <button type="button" class="plain mono" aria-pressed={name === which.open} onClick={() => change(id, { open: name })}>
            {name}
          </button>
          {names.length > 1 && (
            <button type="button" class="plain close" aria-label={`Remove ${name}`} onClick={() => drop(name)}>
              ✕
            </button>
          )}
        </span>
      ))}
      {adding ? (
        <form class="row" onSubmit={create}>
          <input name="name" class="mono" aria-label="Name of the new file" placeholder="lib.js" autofocus />
          <button type="submit">Add</button>
        </form>
      ) : (
        <button type="button" class="plain" onClick={() => setAdding(true)}>
          + file
        </button>
      )}
    </div>
  );
}
