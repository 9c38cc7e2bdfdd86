import { useState } from 'preact/hooks';
import { bytes, moment } from '../common/format.ts';
import { get, type Namespace, request } from './api.ts';
import { Failure, Sure, say, useLoad } from './parts.tsx';
import { Scroll } from '../common/scroll.tsx';

interface Key {
  name: string;
  expiration?: number;
  metadata?: unknown;
}
interface Page {
  keys: Key[];
  list_complete: boolean;
  cursor?: string;
}

/** Text longer than this is shown and not edited: a browser's text field is no editor of files. */
const LONGEST = 1 << 20;

export function Namespaces() {
  const { value, error } = useLoad((signal) => get<{ namespaces: Namespace[] }>('/v1/kv/namespaces', signal), 'namespaces', 5000);
  return (
    <>
      <h1>KV namespaces</h1>
      <Failure text={error} />
      {value?.namespaces.length === 0 && <p class="muted">There are none: a worker that binds one makes it.</p>}
      <ul class="plain-list">
        {value?.namespaces.map((namespace) => (
          <li key={namespace.id}>
            <a href={`#/kv/${encodeURIComponent(namespace.id)}`}>{namespace.title}</a> <span class="muted mono">{namespace.id}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

const pathOf = (id: string, key: string) => `/v1/kv/namespaces/${encodeURIComponent(id)}/values/${encodeURIComponent(key)}`;

/** The keys of a namespace, and the value of one. */
export function Browser({ id }: { id: string }) {
  const [prefix, setPrefix] = useState('');
  const [pages, setPages] = useState<string[]>([]);
  const [open, setOpen] = useState<string | null>(null);
  const [adding, setAdding] = useState(false);
  const namespace = useLoad((signal) => get<Namespace>(`/v1/kv/namespaces/${encodeURIComponent(id)}`, signal), `namespace ${id}`);
  const cursor = pages.at(-1) ?? '';
  const query = new URLSearchParams({ limit: '50', ...(prefix ? { prefix } : {}), ...(cursor ? { cursor } : {}) });
  const page = useLoad((signal) => get<Page>(`/v1/kv/namespaces/${encodeURIComponent(id)}/keys?${query}`, signal), `keys ${id} ${query}`);
  const close = () => {
    setOpen(null);
    setAdding(false);
    page.reload();
  };
  return (
    <>
      <h1>
        <a href="#/kv">KV</a> / {namespace.value?.title ?? id}
      </h1>
      <Failure text={namespace.error || page.error} />
      <div class="row">
        <label class="grow">
          Prefix{' '}
          <input
            class="mono"
            value={prefix}
            onInput={(event) => {
              setPrefix(event.currentTarget.value);
              setPages([]);
            }}
          />
        </label>
        <button type="button" onClick={() => setAdding(true)}>
          New entry
        </button>
      </div>
      {(adding || open !== null) && <Entry key={open ?? ''} id={id} name={open} onClose={close} />}
      <Scroll label="Keys">
        <table>
          <caption class="visually-hidden">Keys</caption>
          <thead>
            <tr>
              <th scope="col">Key</th>
              <th scope="col">Metadata</th>
              <th scope="col">Expires</th>
            </tr>
          </thead>
          <tbody>
            {page.value?.keys.map((key) => (
              <tr key={key.name}>
                <th scope="row">
                  <button type="button" class="link" onClick={() => setOpen(key.name)}>
                    {key.name}
                  </button>
                </th>
                <td class="mono">{key.metadata == null ? '' : JSON.stringify(key.metadata)}</td>
                <td class="when">{key.expiration ? moment(key.expiration * 1000) : ''}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {page.value?.keys.length === 0 && <p class="muted">No keys{prefix ? ' with this prefix' : ''}.</p>}
      <div class="row">
        <button type="button" disabled={pages.length === 0} onClick={() => setPages(pages.slice(0, -1))}>
          Back
        </button>
        <button type="button" disabled={!page.value?.cursor} onClick={() => setPages([...pages, page.value?.cursor ?? ''])}>
          Next
        </button>
      </div>
    </>
  );
}

interface Value {
  text: string | null;
  size: number;
  /** As it goes back with the next write. */
  metadata: string | null;
  expiration: string | null;
}

async function read(id: string, name: string, signal: AbortSignal): Promise<Value> {
  const answer = await request(pathOf(id, name), { signal });
  const data = new Uint8Array(await answer.arrayBuffer());
  let text: string | null = null;
  if (data.length <= LONGEST) {
    try {
      text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data);
    } catch {
      // It is no text.
    }
  }
  return { text, size: data.length, metadata: answer.headers.get('glowplug-kv-metadata'), expiration: answer.headers.get('glowplug-kv-expiration') };
}

/** One entry: read, changed, deleted. Its metadata and the time it expires stay as they are. */
function Entry({ id, name, onClose }: { id: string; name: string | null; onClose: () => void }) {
  const loaded = useLoad<Value>(
    (signal) => (name === null ? Promise.resolve({ text: '', size: 0, metadata: null, expiration: null }) : read(id, name, signal)),
    `value ${id} ${name}`,
  );
  const [key, setKey] = useState(name ?? '');
  const [text, setText] = useState<string | null>(null);
  const [error, setError] = useState('');
  const act = async (call: () => Promise<unknown>) => {
    setError('');
    try {
      await call();
      onClose();
    } catch (failure) {
      setError(say(failure));
    }
  };
  const value = loaded.value;
  const save = () =>
    act(() => {
      const expiration = value?.expiration ? `?expiration=${value.expiration}` : '';
      const headers: Record<string, string> = value?.metadata ? { 'glowplug-kv-metadata': value.metadata } : {};
      return request(pathOf(id, key) + expiration, { method: 'PUT', body: text ?? value?.text ?? '', headers });
    });
  return (
    <form
      class="entry stack"
      aria-label={name === null ? 'New entry' : `Entry ${name}`}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Failure text={error || loaded.error} />
      {name === null ? (
        <label>
          Key <input class="mono" required value={key} onInput={(event) => setKey(event.currentTarget.value)} />
        </label>
      ) : (
        <h2 class="mono">{name}</h2>
      )}
      {value && value.text === null && <p class="notice warn">{bytes(value.size)} that are no text, or too long to be edited here.</p>}
      {value && value.text !== null && (
        <label>
          Value
          <textarea rows={8} spellcheck={false} value={text ?? value.text} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
      )}
      <div class="row">
        <button type="submit" class="primary" disabled={!value || value.text === null || (name !== null && (text === null || text === value.text))}>
          Save
        </button>
        <button type="button" onClick={onClose}>
          Close
        </button>
        {name !== null && (
          <Sure question={`Delete ${name}?`} onSure={() => act(() => request(pathOf(id, name), { method: 'DELETE' }))}>
            Delete
          </Sure>
        )}
      </div>
    </form>
  );
}
