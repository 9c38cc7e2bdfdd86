import { useState } from 'preact/hooks';
import { bytes, moment } from '../common/format.ts';
import { type Deployment, get, sendJson, type Version, type Worker } from './api.ts';
import { Failure, Sure, say, useLoad } from './parts.tsx';
import { Scroll } from '../common/scroll.tsx';

interface Props {
  worker: Worker;
  /** Something changed. */
  onChange: () => void;
}

/** What is live, what could be, and how the traffic is shared. */
export function Versions({ worker, onChange }: Props) {
  const path = `/v1/workers/${worker.name}`;
  const loaded = useLoad(
    async (signal) => {
      const [{ versions }, { deployments }] = await Promise.all([
        get<{ versions: Version[] }>(`${path}/versions`, signal),
        get<{ deployments: Deployment[] }>(`${path}/deployments?limit=20`, signal),
      ]);
      return { versions, deployments };
    },
    `versions ${worker.name} ${worker.deployment?.number}`,
    5000,
  );
  const [error, setError] = useState('');
  const [done, setDone] = useState('');
  const act = async (what: string, call: () => Promise<unknown>) => {
    setError('');
    setDone('');
    try {
      await call();
      setDone(what);
      loaded.reload();
      onChange();
    } catch (failure) {
      setError(say(failure));
    }
  };
  const { value } = loaded;
  if (!value) return loaded.error ? <Failure text={loaded.error} /> : <p class="muted" role="status">Loading…</p>;
  const shares = new Map(worker.deployment?.versions.map((share) => [share.version, share.percent]));
  const before = value.deployments[1];
  const roll = (body: object, what: string) => act(what, () => sendJson('POST', `${path}/rollback`, body));
  return (
    <div class="stack">
      <Failure text={error || loaded.error} />
      <div aria-live="polite">{done && <p class="notice good">{done}</p>}</div>
      <div class="row spread">
        <h2>Versions</h2>
        {before && (
          <Sure question="Give all traffic back to what was live before?" onSure={() => roll({}, 'Rolled back.')}>
            Roll back
          </Sure>
        )}
      </div>
      <Scroll label="Versions">
        <table>
          <thead>
            <tr>
              <th scope="col">Version</th>
              <th scope="col">Traffic</th>
              <th scope="col">Made</th>
              <th scope="col">By</th>
              <th scope="col">Message</th>
              <th scope="col" class="number">Size</th>
              <th scope="col">
                <span class="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {value.versions.map((version) => (
              <tr key={version.id}>
                <th scope="row" class="mono">
                  {version.preview_url ? <a href={version.preview_url}>{version.id}</a> : version.id}
                </th>
                <td>{shares.has(version.id) ? <span class="tag good">{shares.get(version.id)} %</span> : <span class="muted">none</span>}</td>
                <td class="when">{moment(version.created)}</td>
                <td>{version.author}</td>
                <td>{version.message || version.tag}</td>
                <td class="number">{bytes((version.artifact?.size ?? 0) + (version.assets?.size ?? 0))}</td>
                <td>
                  {shares.get(version.id) !== 100 && (
                    <Sure
                      question={`Give all traffic to ${version.id}?`}
                      onSure={() =>
                        act(`${version.id} is live.`, () => sendJson('POST', `${path}/deployments`, { versions: [{ version: version.id, percent: 100 }] }))
                      }
                    >
                      Make live
                    </Sure>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {value.versions.length > 1 && <Rollout worker={worker} versions={value.versions} act={act} />}
      <h2>History</h2>
      <Scroll label="History">
        <table>
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">By</th>
              <th scope="col">What</th>
              <th scope="col">Traffic</th>
              <th scope="col">Message</th>
            </tr>
          </thead>
          <tbody>
            {value.deployments.map((each) => (
              <tr key={each.number}>
                <td class="when">{moment(each.created)}</td>
                <td>{each.author}</td>
                <td>{each.cause}</td>
                <td class="mono">{each.versions.map((share) => `${share.version} ${share.percent} %`).join(', ')}</td>
                <td>{each.message}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </div>
  );
}

/** A version that takes over little by little. */
function Rollout({ worker, versions, act }: { worker: Worker; versions: Version[]; act: (what: string, call: () => Promise<unknown>) => Promise<void> }) {
  const live = worker.deployment?.versions ?? [];
  const base = [...live].sort((a, b) => b.percent - a.percent)[0]?.version ?? '';
  const others = versions.filter((version) => version.id !== base);
  const at = live.find((share) => share.version !== base);
  const [chosen, setChosen] = useState(at?.version ?? others[0]?.id ?? '');
  const [share, setShare] = useState(at?.percent ?? 10);
  const candidate = others.some((version) => version.id === chosen) ? chosen : (others[0]?.id ?? '');
  const apply = () =>
    act(`${candidate} gets ${share} % of the traffic.`, () => {
      const parts = [
        { version: candidate, percent: share },
        { version: base, percent: 100 - share },
      ].filter((part) => part.percent > 0);
      return sendJson('POST', `/v1/workers/${worker.name}/deployments`, { versions: parts, message: `gradual rollout: ${share} %` });
    });
  return (
    <form
      class="rollout stack"
      aria-label="Gradual rollout"
      onSubmit={(event) => {
        event.preventDefault();
        void apply();
      }}
    >
      <h2>Gradual rollout</h2>
      <div class="row">
        <label>
          New version{' '}
          <select value={candidate} onChange={(event) => setChosen(event.currentTarget.value)}>
            {others.map((version) => (
              <option key={version.id} value={version.id}>
                {version.id} {version.message}
              </option>
            ))}
          </select>
        </label>
        <label class="grow slider">
          <span>
            Share: <strong>{share} %</strong>, the other {100 - share} % stay with <span class="mono">{base}</span>
          </span>
          <input type="range" min={0} max={100} step={1} value={share} aria-valuetext={`${share} %`} onInput={(event) => setShare(Number(event.currentTarget.value))} />
        </label>
        <button type="submit" class="primary">
          Apply
        </button>
      </div>
    </form>
  );
}
