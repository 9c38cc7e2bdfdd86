import { milliseconds, percent, short, whole } from '../common/format.ts';
import { get, type Usage, type UsageLine, type Worker } from './api.ts';
import { KEPT, kept, moments, recent, SECONDS } from './live.ts';
import { Bars, Failure, useLoad } from './parts.tsx';
import { Scroll } from '../common/scroll.tsx';

/** How often the figures are asked for. */
const EVERY = 2000;
/** What the other figures are told of. */
const SPAN_MINUTES = 60;

interface Row {
  worker: Worker;
  line?: UsageLine;
}

export const minutesAgo = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();

export function Workers() {
  const load = async (signal: AbortSignal): Promise<Row[]> => {
    const since = encodeURIComponent(minutesAgo(SPAN_MINUTES));
    const [{ workers }, usage] = await Promise.all([
      get<{ workers: Worker[] }>('/v1/workers', signal),
      get<Usage>(`/v1/usage?by=worker&since=${since}`, signal),
    ]);
    return workers.map((worker) => {
      const line = usage.usage.find((line) => line.worker === worker.name);
      return { worker, ...(line ? { line } : {}) };
    });
  };
  const { value: rows, error } = useLoad(load, 'workers', EVERY);
  if (!rows) return error ? <Failure text={error} /> : <p class="muted" role="status">Loading…</p>;
  return (
    <>
      <h1>Workers</h1>
      <Now />
      <Failure text={error} />
      {rows.length === 0 ? (
        <p class="muted">
          There are none yet: <code>glowplug deploy</code> makes the first.
        </p>
      ) : (
        <Scroll label="Workers">
          <table aria-describedby="about-workers">
            <thead>
              <tr>
                <th scope="col" rowSpan={2}>Worker</th>
                <th scope="col" rowSpan={2}>Version</th>
                <th scope="colgroup" colSpan={5} class="group">Live</th>
                <th scope="colgroup" colSpan={4} class="group">The last {SPAN_MINUTES} minutes</th>
              </tr>
              <tr>
                <th scope="col" class="number from">Requests/s</th>
                <th scope="col" class="number">Errors</th>
                <th scope="col" class="number">Fuel</th>
                <th scope="col" class="number">p50</th>
                <th scope="col" class="number">p99</th>
                <th scope="col" class="number from">Requests</th>
                <th scope="col" class="number">Errors</th>
                <th scope="col" class="number">Fuel p50</th>
                <th scope="col" class="number">Fuel p99</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ worker, line }) => {
                const { perSecond, p50, p99 } = recent(worker.name);
                const { requests, errors, fuel } = kept(worker.name);
                const waiting = perSecond === undefined;
                return (
                <tr key={worker.name}>
                  <th scope="row">
                    <a href={`#/workers/${worker.name}`}>{worker.name}</a>
                  </th>
                  <td>{live(worker)}</td>
                  <td class="number from">{waiting ? '…' : perSecond.toFixed(1)}</td>
                  <td class="number">{waiting ? '…' : share(errors, requests)}</td>
                  <td class="number">{waiting ? '…' : requests > 0 ? short(Math.round(fuel / requests)) : '–'}</td>
                  <td class="number">{p50 === null ? '–' : milliseconds(p50)}</td>
                  <td class="number">{p99 === null ? '–' : milliseconds(p99)}</td>
                  <td class="number from">{whole((line?.requests ?? 0) + (line?.assets ?? 0))}</td>
                  <td class="number">{line ? share(failed(line), line.requests) : '0'}</td>
                  <td class="number">{line?.fuel_p50 == null ? '–' : short(line.fuel_p50)}</td>
                  <td class="number">{line?.fuel_p99 == null ? '–' : short(line.fuel_p99)}</td>
                </tr>
                );
              })}
            </tbody>
          </table>
        </Scroll>
      )}
      {rows.length > 0 && (
        <p class="muted" id="about-workers">
          Live: requests a second and times to the response's head in the last {SECONDS} seconds, errors and mean fuel of a request in the last minute.
        </p>
      )}
    </>
  );
}

/** All workers together, second by second. */
function Now() {
  const last = moments.value.at(-1);
  if (!last) return <p class="muted" role="status">Waiting for live figures…</p>;
  const values = moments.value.map((moment, at) => ({
    name: `${moments.value.length - 1 - at} s ago`,
    value: moment.seconds > 0 ? moment.total.requests / moment.seconds : 0,
  }));
  return (
    <section class="now" aria-label="Live" data-testid="live">
      <dl>
        <div>
          <dt>requests/s</dt>
          <dd data-testid="rate">{(values.at(-1)?.value ?? 0).toFixed(0)}</dd>
        </div>
        <div>
          <dt>errors</dt>
          <dd>{whole(last.total.errors)}</dd>
        </div>
        <div>
          <dt>under way</dt>
          <dd>{whole(last.inFlight)}</dd>
        </div>
        <div>
          <dt>turned away</dt>
          <dd>{whole(last.rejected)}</dd>
        </div>
      </dl>
      <Bars label="Requests a second in the last minute" format={(value) => value.toFixed(1)} values={values} places={KEPT} />
    </section>
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

function share(errors: number, requests: number) {
  return errors === 0 ? '0' : <span class="tag bad">{`${whole(errors)} (${percent(errors, requests)})`}</span>;
}
