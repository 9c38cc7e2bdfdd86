import { useState } from 'preact/hooks';
import { sendJson } from './api.ts';
import { Failure, Sure, say } from './parts.tsx';

const KINDS = { urls: 'URLs', prefixes: 'Prefixes, such as example.com/images/', tags: 'Tags' } as const;
type Kind = keyof typeof KINDS;

/** Takes answers out of the cache. */
export function Cache() {
  const [kind, setKind] = useState<Kind>('urls');
  const [text, setText] = useState('');
  const [error, setError] = useState('');
  const [done, setDone] = useState('');
  const purge = async (body: object, what: string) => {
    setError('');
    setDone('');
    try {
      await sendJson('POST', '/v1/cache/purge', body);
      setDone(what);
    } catch (failure) {
      setError(say(failure));
    }
  };
  const named = text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  return (
    <>
      <h1>Cache</h1>
      <Failure text={error} />
      <div aria-live="polite">{done && <p class="notice good">{done}</p>}</div>
      <form
        class="entry stack"
        aria-label="Purge"
        onSubmit={(event) => {
          event.preventDefault();
          void purge({ [kind]: named }, `Purged: ${named.join(', ')}`);
        }}
      >
        <label>
          What{' '}
          <select value={kind} onChange={(event) => setKind(event.currentTarget.value as Kind)}>
            {Object.entries(KINDS).map(([id, title]) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
        </label>
        <label>
          One in each line
          <textarea rows={4} spellcheck={false} value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
        <div class="row">
          <button type="submit" class="primary" disabled={named.length === 0}>
            Purge
          </button>
          <Sure question="Forget everything that is cached?" onSure={() => void purge({ everything: true }, 'Everything was purged.')}>
            Purge everything
          </Sure>
        </div>
      </form>
    </>
  );
}
