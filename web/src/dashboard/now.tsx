import { percent, short, whole } from '../common/format.ts';
import { KEPT, kept, moments, recent } from './live.ts';
import { Bars } from './parts.tsx';

/** What a worker does right now, and what the cache does for it. */
export function WorkerNow({ name }: { name: string }) {
  if (moments.value.length === 0) return <p class="muted" role="status">Waiting for live figures…</p>;
  const { perSecond } = recent(name);
  const { errors, fuel, hits, misses } = kept(name);
  const requests = moments.value.map((moment, at) => ({
    name: `${moments.value.length - 1 - at} s ago`,
    value: (moment.workers.find((worker) => worker.worker === name)?.requests ?? 0) / (moment.seconds || 1),
  }));
  const figures = [
    ['requests/s', 'rate', (perSecond ?? 0).toFixed(1)],
    ['errors', 'errors', whole(errors)],
    ['fuel', 'fuel', short(fuel)],
    ['cache hits', 'hits', whole(hits)],
    ['cache misses', 'misses', whole(misses)],
    ['hit ratio', 'ratio', hits + misses > 0 ? percent(hits, hits + misses) : '–'],
  ] as const;
  return (
    <section class="now" aria-label="The last minute" data-testid="worker-live">
      <dl>
        {figures.map(([title, id, value]) => (
          <div key={id}>
            <dt>{title}</dt>
            <dd data-testid={id}>{value}</dd>
          </div>
        ))}
      </dl>
      <p>
        <span class="muted">in the last minute</span> <a href="#/cache">Purge</a>
      </p>
      <Bars label="Requests a second in the last minute" format={(value) => value.toFixed(1)} values={requests} places={KEPT} />
    </section>
  );
}
