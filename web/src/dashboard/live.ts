import { effect, signal } from '@preact/signals';
import { lines, token } from './api.ts';

/** What happened in a second, as the server tells it. */
export interface WorkerMoment {
  worker: string;
  requests: number;
  errors: number;
  fuel: number;
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
const KEPT = 60;
const AGAIN = 3000;

export const moments = signal<Moment[]>([]);

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
