import { useEffect, useMemo, useState } from 'preact/hooks';
import { bytes } from '../common/format.ts';
import type { Answer } from './api.ts';

/** Bytes of a body that is no text that are shown. */
const DUMPED = 1024;

type Kind = 'json' | 'html' | 'image' | 'text' | 'binary' | 'empty';

export function kindOf(response: Answer['response']): Kind {
  if (response.body_bytes === 0) return 'empty';
  const type = (response.headers.find(([name]) => name === 'content-type')?.[1] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'text/html') return 'html';
  if (type.startsWith('image/')) return 'image';
  if (type === 'application/json' || type.endsWith('+json')) return 'json';
  if (type.startsWith('text/') || /(javascript|xml|x-www-form-urlencoded|toml|yaml|ndjson)$/.test(type)) return 'text';
  return type === '' ? 'text' : 'binary';
}

export function bytesOf(response: Answer['response']): Uint8Array {
  return Uint8Array.from(atob(response.body), (character) => character.charCodeAt(0));
}

/** A body, shown by its type. */
export function Body({ response }: { response: Answer['response'] }) {
  const data = useMemo(() => bytesOf(response), [response.body]);
  const kind = kindOf(response);
  const [source, setSource] = useState(false);
  const cut = response.truncated ? <p class="notice warn">This is the first part of {bytes(response.body_bytes)}.</p> : null;
  const text = () => new TextDecoder().decode(data);
  if (kind === 'empty') return <p class="muted">The body is empty.</p>;
  if (kind === 'image') return <Picture data={data} response={response} />;
  if (kind === 'html' && response.preview) {
    return (
      <div class="stack">
        {cut}
        <div class="row">
          <button type="button" aria-pressed={!source} onClick={() => setSource(false)}>
            Page
          </button>
          <button type="button" aria-pressed={source} onClick={() => setSource(true)}>
            Source
          </button>
        </div>
        {source ? (
          <pre data-testid="body">{text()}</pre>
        ) : (
          <iframe class="preview" title="The page that the worker answered with" sandbox="allow-scripts" src={`preview/${response.preview}`} />
        )}
      </div>
    );
  }
  return (
    <div class="stack">
      {cut}
      <pre data-testid="body">{kind === 'binary' ? dump(data) : kind === 'json' ? pretty(text()) : text()}</pre>
    </div>
  );
}

function Picture({ data, response }: { data: Uint8Array; response: Answer['response'] }) {
  const type = response.headers.find(([name]) => name === 'content-type')?.[1] ?? '';
  const [url, setUrl] = useState('');
  useEffect(() => {
    // A picture runs no scripts, whatever is in it.
    const made = URL.createObjectURL(new Blob([data as BlobPart], { type }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [data, type]);
  return url ? <img class="picture" src={url} alt="What the worker answered with" /> : null;
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function dump(data: Uint8Array): string {
  const rows = [];
  for (let at = 0; at < Math.min(data.length, DUMPED); at += 16) {
    const row = [...data.subarray(at, at + 16)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const shown = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
    rows.push(`${at.toString(16).padStart(6, '0')}  ${hex.padEnd(47)}  ${shown}`);
  }
  return rows.join('\n') + (data.length > DUMPED ? `\n… ${bytes(data.length - DUMPED)} more` : '');
}
