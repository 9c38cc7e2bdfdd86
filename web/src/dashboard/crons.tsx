import { useState } from 'preact/hooks';
import { moment, short } from '../common/format.ts';
import { Scroll } from '../common/scroll.tsx';
import { get, sendJson } from './api.ts';
import { Failure, Sure, say, useLoad } from './parts.tsx';

interface Run {
  cron: string;
  scheduled: string;
  started: string;
  ended: string | null;
  outcome: string | null;
  fuel: number;
  cause: string;
  error: string | null;
}

/** When a worker runs by itself, and what came of it. */
export function Crons({ name }: { name: string }) {
  const path = `/v1/workers/${name}/crons`;
  const { value, error, reload } = useLoad(
    async (signal) => {
      const [{ crons }, { runs }] = await Promise.all([
        get<{ crons: { cron: string; next: string | null }[] }>(path, signal),
        get<{ runs: Run[] }>(`${path}/runs?limit=50`, signal),
      ]);
      return { crons, runs };
    },
    path,
    5000,
  );
  const [failure, setFailure] = useState('');
  const trigger = async (cron: string) => {
    setFailure('');
    try {
      await sendJson('POST', `${path}/trigger`, { cron });
      reload();
    } catch (problem) {
      setFailure(say(problem));
    }
  };
  if (!value) return error ? <Failure text={error} /> : <p class="muted" role="status">Loading…</p>;
  return (
    <div class="stack">
      <Failure text={failure || error} />
      <h2>Triggers</h2>
      {value.crons.length === 0 && <p class="muted">It has none.</p>}
      <ul class="plain-list">
        {value.crons.map(({ cron, next }) => (
          <li key={cron} class="row spread">
            <span>
              <span class="mono">{cron}</span> <span class="muted">{next ? `next ${moment(next)}` : 'never due'}</span>
            </span>
            <Sure question="Run it now?" onSure={() => void trigger(cron)}>
              Run now
            </Sure>
          </li>
        ))}
      </ul>
      <h2>Runs</h2>
      {value.runs.length === 0 ? (
        <p class="muted">It has not run in the last 7 days.</p>
      ) : (
        <Scroll label="Runs">
          <table>
            <thead>
              <tr>
                <th scope="col">Due</th>
                <th scope="col">Trigger</th>
                <th scope="col">Outcome</th>
                <th scope="col" class="number">Fuel</th>
                <th scope="col">Cause</th>
              </tr>
            </thead>
            <tbody>
              {value.runs.map((run) => (
                <tr key={`${run.cron} ${run.started}`}>
                  <td class="when">{moment(run.scheduled)}</td>
                  <td class="mono">{run.cron}</td>
                  <td>
                    <span class={`tag ${run.outcome === 'ok' ? 'good' : run.outcome === null ? 'warn' : 'bad'}`}>{run.outcome ?? 'under way'}</span>
                    {run.error && <div class="muted">{run.error}</div>}
                  </td>
                  <td class="number">{short(run.fuel)}</td>
                  <td>{run.cause}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </div>
  );
}
