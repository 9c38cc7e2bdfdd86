import { get, type Version, type Worker } from './api.ts';
import { Failure, useLoad } from './parts.tsx';
import { Scroll } from '../common/scroll.tsx';

/** Where a worker is reached, and what it can reach. Secrets have names here, and nothing more. */
export function Settings({ worker }: { worker: Worker }) {
  const id = worker.deployment?.versions[0]?.version;
  const { value: version, error } = useLoad<Version | null>(
    async (signal) => (id ? get<Version>(`/v1/workers/${worker.name}/versions/${id}`, signal) : null),
    `settings ${worker.name} ${id}`,
  );
  return (
    <div class="stack">
      <Failure text={error} />
      <h2>Routes</h2>
      {worker.routes.length === 0 && !worker.url ? (
        <p class="muted">No route leads here.</p>
      ) : (
        <ul>
          {worker.url && (
            <li>
              <a href={worker.url}>{worker.url}</a>
            </li>
          )}
          {worker.routes.map((route) => (
            <li key={route} class="mono">
              {route}
            </li>
          ))}
        </ul>
      )}
      <h2>Bindings</h2>
      {version && <Bindings version={version} />}
      {version && Object.keys(version.limits).length > 0 && (
        <>
          <h2>Limits</h2>
          <ul>
            {Object.entries(version.limits).map(([name, value]) => (
              <li key={name}>
                <span class="mono">{name}</span>: {value ?? "the server's default"}
              </li>
            ))}
          </ul>
        </>
      )}
      {version && <p class="muted">Compatibility date {version.compatibility_date}</p>}
    </div>
  );
}

function Bindings({ version }: { version: Version }) {
  const rows: [string, string, string][] = [
    ...Object.entries(version.vars).map(([name, value]): [string, string, string] => [name, 'variable', typeof value === 'string' ? value : JSON.stringify(value)]),
    ...Object.entries(version.bindings).map(([name, { type, ...rest }]): [string, string, string] => [
      name,
      type,
      Object.entries(rest)
        .map(([key, value]) => `${key} ${String(value)}`)
        .join(', '),
    ]),
    ...version.secrets.map((name): [string, string, string] => [name, 'secret', '••••••••']),
  ];
  if (rows.length === 0) return <p class="muted">It has none.</p>;
  return (
    <Scroll label="Bindings">
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Kind</th>
            <th scope="col">Value</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, kind, value]) => (
            <tr key={name}>
              <th scope="row" class="mono">
                {name}
              </th>
              <td>{kind}</td>
              <td class="mono value">{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
