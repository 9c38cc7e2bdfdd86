import { effect, signal } from '@preact/signals';
import { lines, token } from './api.ts';

/** What came of asking the cache, by where it was asked: what is not there is zero. */
export type Lookups = Partial<Record<'route' | 'fetch' | 'caches', Partial<Record<Lookup, number>>>>;
type Lookup = 'hit' | 'stale' | 'revalidated' | 'expired' | 'miss' | 'bypass' | 'dynamic' | 'failed';

/** What happened in a second, as the server tells it. */
export interface WorkerMoment {
  worker: string;
  requests: number;
  errors: number;
  fuel: number;
  cache: Lookups;
  /** Milliseconds to the response's head. */
  p50: number | null;
  p99: number | null;
}
export interface Moment {
  seconds: number;
  inFlight: number;
  queued: number;
  rejected: number;
  total: WorkerMoment;
  workers: WorkerMoment[];
}

/** Seconds that are kept for the picture. */
export const KEPT = 60;
const AGAIN = 3000;

export const moments = signal<Moment[]>([]);

/** Seconds that rates and times are of. */
export const SECONDS = 5;
/** Kept answers, validated or stale ones among them. */
const HITS: readonly Lookup[] = ['hit', 'stale', 'revalidated'];
/** What had to be asked of the worker or origin, though the cache could have had it. */
const MISSES: readonly Lookup[] = ['expired', 'miss', 'bypass', 'failed'];

/** What a worker did in the last seconds. */
export function recent(name: string) {
  const last = moments.value.slice(-SECONDS);
  const own = of(name, last);
  const seconds = last.reduce((sum, moment) => sum + moment.seconds, 0);
  const latest = own.at(-1);
  return { perSecond: seconds > 0 ? sum(own, (worker) => worker.requests) / seconds : undefined, p50: latest?.p50 ?? null, p99: latest?.p99 ?? null };
}

/** What a worker did in all the seconds that are kept: the last minute, or since the page was opened. */
export function kept(name: string) {
  const own = of(name, moments.value);
  return {
    requests: sum(own, (worker) => worker.requests),
    errors: sum(own, (worker) => worker.errors),
    fuel: sum(own, (worker) => worker.fuel),
    hits: sum(own, (worker) => count(worker.cache, HITS)),
    misses: sum(own, (worker) => count(worker.cache, MISSES)),
  };
}

const of = (name: string, from: Moment[]) => from.flatMap((moment) => moment.workers.filter((worker) => worker.worker === name));
const sum = <T>(all: T[], read: (each: T) => number): number => all.reduce((sum, each) => sum + read(each), 0);
const count = (cache: Lookups, which: readonly Lookup[]) => sum(Object.values(cache), (place) => sum([...which], (result) => place[result] ?? 0));

/** Follows the server's events for as long as somebody is signed in. They are read with `fetch`, since an EventSource can send no token. */
export function follow(): void {
  let control: AbortController | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const watch = async (signal: AbortSignal): Promise<void> => {
    try {
      for await (const line of lines('/v1/live', signal)) {
        if (line.startsWith('data:')) moments.value = [...moments.value, JSON.parse(line.slice(5)) as Moment].slice(-KEPT);
      }
    } catch {
      // The pages say what is wrong with the server; figures come again when it does.
    }
    if (!signal.aborted) timer = setTimeout(() => void watch(signal), AGAIN);
  };
  effect(() => {
    control?.abort();
    clearTimeout(timer);
    if (!token.value) return;
    control = new AbortController();
    void watch(control.signal);
  });
}
