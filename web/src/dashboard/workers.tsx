import { useRef } from 'preact/hooks';
import { milliseconds, percent, short, whole } from '../common/format.ts';
import { get, type Usage, type UsageLine, type Worker } from './api.ts';
import { Failure, useLoad } from './parts.tsx';
import { Scroll } from '../common/scroll.tsx';

/** How often the figures are asked for. */
const EVERY = 2000;
/** What errors, fuel and times are told of. */
const SPAN_MINUTES = 60;

interface Row {
  worker: Worker;
  line?: UsageLine;
  perSecond?: number;
}

export const minutesAgo = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();

/** Requests a second, from how much a count grew since it was last looked at. */
function useRates(): (counts: Map<string, number>) => Map<string, number> {
  const before = useRef<{ at: number; counts: Map<string, number> }>();
  return (counts) => {
    const now = performance.now();
    const last = before.current;
    before.current = { at: now, counts };
    const rates = new Map<string, number>();
    if (!last) return rates;
    for (const [name, count] of counts) {
      rates.set(name, Math.max(0, (count - (last.counts.get(name) ?? 0)) * 1000) / (now - last.at));
    }
    return rates;
  };
}

export function Workers() {
  const rates = useRates();
  const load = async (signal: AbortSignal): Promise<Row[]> => {
    const since = encodeURIComponent(minutesAgo(SPAN_MINUTES));
    const [{ workers }, usage, all] = await Promise.all([
      get<{ workers: Worker[] }>('/v1/workers', signal),
      get<Usage>(`/v1/usage?by=worker&since=${since}`, signal),
      // Over a span that does not move, so that counts only grow.
      get<Usage>('/v1/usage?by=worker&since=2020-01-01T00:00:00Z', signal),
    ]);
    const grown = rates(new Map(all.usage.map((line) => [line.worker ?? '', line.requests + line.assets])));
    return workers.map((worker) => {
      const line = usage.usage.find((line) => line.worker === worker.name);
      return { worker, ...(line ? { line } : {}), ...(grown.has(worker.name) ? { perSecond: grown.get(worker.name) ?? 0 } : {}) };
    });
  };
  const { value: rows, error } = useLoad(load, 'workers', EVERY);
  if (!rows) return error ? <Failure text={error} /> : <p class="muted" role="status">Loading…</p>;
  return (
    <>
      <h1>Workers</h1>
      <Failure text={error} />
      {rows.length === 0 ? (
        <p class="muted">
          There are none yet: <code>glowplug deploy</code> makes the first.
        </p>
      ) : (
        <Scroll label="Workers">
          <table>
            <caption>Requests a second are those of the last moments; the rest is of the last {SPAN_MINUTES} minutes.</caption>
            <thead>
              <tr>
                <th scope="col">Worker</th>
                <th scope="col">Live</th>
                <th scope="col" class="number">Requests/s</th>
                <th scope="col" class="number">Requests</th>
                <th scope="col" class="number">Errors</th>
                <th scope="col" class="number">Fuel p50</th>
                <th scope="col" class="number">Fuel p99</th>
                <th scope="col" class="number">Mean time</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ worker, line, perSecond }) => (
                <tr key={worker.name}>
                  <th scope="row">
                    <a href={`#/workers/${worker.name}`}>{worker.name}</a>
                  </th>
                  <td>{live(worker)}</td>
                  <td class="number">{perSecond === undefined ? '…' : perSecond.toFixed(1)}</td>
                  <td class="number">{whole((line?.requests ?? 0) + (line?.assets ?? 0))}</td>
                  <td class="number">{line ? errors(line) : '0'}</td>
                  <td class="number">{line?.fuel_p50 == null ? '–' : short(line.fuel_p50)}</td>
                  <td class="number">{line?.fuel_p99 == null ? '–' : short(line.fuel_p99)}</td>
                  <td class="number">{line && line.runs > 0 ? milliseconds(line.wall_ms / line.runs) : '–'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </>
  );
}

function live(worker: Worker) {
  const shares = worker.deployment?.versions ?? [];
  if (shares.length === 0) return <span class="tag warn">not live</span>;
  return shares.map((share) => (
    <span class="tag mono" key={share.version}>
      {share.version.slice(0, 8)}
      {shares.length > 1 ? ` ${share.percent} %` : ''}
    </span>
  ));
}

/** Requests that ended otherwise than well; clients that left are no error of anybody. */
export function failed(line: UsageLine): number {
  return Object.entries(line.outcomes).reduce((sum, [outcome, times]) => (outcome === 'ok' || outcome === 'canceled' ? sum : sum + times), 0);
}

function errors(line: UsageLine) {
  const count = failed(line);
  return count === 0 ? '0' : <span class="tag bad">{`${whole(count)} (${percent(count, line.requests)})`}</span>;
}
