import { useEffect, useState } from 'preact/hooks';
import { milliseconds, short } from '../common/format.ts';
import { lines } from './api.ts';
import { Failure, say } from './parts.tsx';

/** Events that stay on the page. */
const KEPT = 200;
/** After this time a watch that ended is begun again. */
const AGAIN = 2000;

interface Event {
  requestId: string;
  scriptVersion: string;
  eventTimestamp: number;
  event: { request: { method: string; url: string }; response: { status: number } | null };
  outcome: string;
  logs: { level: string; message: string; timestamp: number }[];
  exceptions: { message: string; stack: string[] }[];
  fuel: number;
  wallTime: number;
}

interface Filter {
  status: string;
  method: string;
  search: string;
}

/** What a worker does, as it does it. */
export function Tail({ name }: { name: string }) {
  const [filter, setFilter] = useState<Filter>({ status: '', method: '', search: '' });
  const [paused, setPaused] = useState(false);
  const [events, setEvents] = useState<Event[]>([]);
  const [lost, setLost] = useState(0);
  const [error, setError] = useState('');
  const [watching, setWatching] = useState(false);
  const wanted = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== '')).toString();

  useEffect(() => {
    if (paused) return;
    const control = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const watch = async () => {
      try {
        setWatching(true);
        for await (const line of lines(`/v1/workers/${name}/tail?${wanted}`, control.signal)) {
          setError('');
          if (line === '') continue;
          const event = JSON.parse(line) as Event | { lost: number };
          if ('lost' in event) setLost((lost) => lost + event.lost);
          else setEvents((events) => [event, ...events].slice(0, KEPT));
        }
      } catch (failure) {
        if (control.signal.aborted) return;
        setError(say(failure));
      }
      setWatching(false);
      if (!control.signal.aborted) timer = setTimeout(watch, AGAIN);
    };
    void watch();
    return () => {
      control.abort();
      clearTimeout(timer);
    };
  }, [name, wanted, paused]);

  const set = (part: Partial<Filter>) => setFilter({ ...filter, ...part });
  return (
    <div class="stack">
      <Failure text={error} />
      <div class="row">
        <label>
          Outcome{' '}
          <select value={filter.status} onChange={(event) => set({ status: event.currentTarget.value })}>
            <option value="">all</option>
            <option>ok</option>
            <option>error</option>
            <option>canceled</option>
          </select>
        </label>
        <label>
          Method{' '}
          <select value={filter.method} onChange={(event) => set({ method: event.currentTarget.value })}>
            <option value="">all</option>
            {['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => (
              <option key={method}>{method}</option>
            ))}
          </select>
        </label>
        <label class="grow">
          Search <input value={filter.search} onChange={(event) => set({ search: event.currentTarget.value })} />
        </label>
        <button type="button" aria-pressed={paused} onClick={() => setPaused(!paused)}>
          {paused ? 'Go on' : 'Pause'}
        </button>
        <button type="button" onClick={() => setEvents([])}>
          Clear
        </button>
      </div>
      <p class="muted" role="status" data-testid="watching">
        {paused ? 'Paused.' : watching ? 'Watching.' : 'Connecting…'}
        {lost > 0 && ` ${lost} events came too fast and are missing.`}
      </p>
      <ol class="events" data-testid="events">
        {events.map((event) => (
          <li key={event.requestId}>
            <details>
              <summary>
                <span class="muted">{new Date(event.eventTimestamp).toLocaleTimeString('en-GB')}</span>{' '}
                <span class={`tag ${event.outcome === 'ok' ? 'good' : 'bad'}`}>{event.outcome === 'ok' ? (event.event.response?.status ?? '–') : event.outcome}</span>{' '}
                <span class="mono">
                  {event.event.request.method} {event.event.request.url}
                </span>{' '}
                <span class="muted">
                  {short(event.fuel)} fuel, {milliseconds(event.wallTime)}
                </span>
              </summary>
              <p class="muted">
                Request {event.requestId}, version {event.scriptVersion}
              </p>
              {event.exceptions.map((exception, at) => (
                <pre key={at} class="notice bad">
                  {[exception.message, ...exception.stack].join('\n  ')}
                </pre>
              ))}
              {event.logs.map((log, at) => (
                <pre key={at}>
                  {log.level}: {log.message}
                </pre>
              ))}
            </details>
          </li>
        ))}
      </ol>
    </div>
  );
}
