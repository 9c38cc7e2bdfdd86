import { effect, untracked } from '@preact/signals';
import { keyOf, profile, Refused, run } from './api.ts';
import { compared, other, resultOf, setResult, type Tab, tab, waiting } from './state.ts';

/** Typing is over when there was none for so long. */
const QUIET = 350;

const running = new Map<number, AbortController>();
const keys = new Map<number, string>();

/** Runs a tab's program; what is under way for that tab is cancelled. */
export async function start(which: Tab, request = which.request): Promise<void> {
  running.get(which.id)?.abort();
  const control = new AbortController();
  running.set(which.id, control);
  const key = keyOf(which, request);
  const same = keys.get(which.id) === key;
  keys.set(which.id, key);
  const before = resultOf(which.id);
  setResult(which.id, { running: true, fuels: same ? before.fuels : [] });
  try {
    const answer = await run(which, request, control.signal);
    if (control.signal.aborted) return;
    setResult(which.id, {
      running: false,
      answer,
      flame: same ? before.flame : undefined,
      problems: undefined,
      failure: undefined,
      fuels: [...resultOf(which.id).fuels, answer.usage.fuel],
    });
    if (!same || !before.flame) {
      const flame = await profile(which, request, control.signal);
      if (!control.signal.aborted) setResult(which.id, { flame });
    }
  } catch (error) {
    if (control.signal.aborted) return;
    const problems = error instanceof Refused ? error.problems : undefined;
    setResult(which.id, {
      running: false,
      answer: problems ? undefined : resultOf(which.id).answer,
      flame: undefined,
      problems,
      failure: problems ? undefined : `The server cannot be reached: ${(error as Error).message}`,
      fuels: [],
    });
  }
}

/** Runs what is shown. Two that are compared are sent the same request. */
export function startShown(): void {
  const [first, second] = [tab.value, compared.value];
  if (!first) return;
  waiting.value = false;
  void start(first);
  if (second) void start(second, first.request);
}

/** Runs what is shown whenever it changes, when typing is over. */
export function runAsYouType(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const first = tab.value;
    const second = compared.value;
    void other.value;
    const changed = [first, second].some((shown) => shown && first && keys.get(shown.id) !== keyOf(shown, first.request));
    if (!first || !changed || waiting.value) return;
    clearTimeout(timer);
    // Nothing has run yet: there is no typing to wait for.
    const wait = keys.size === 0 ? 0 : QUIET;
    timer = setTimeout(() => {
      untracked(() => {
        const shown = tab.value;
        for (const each of [shown, compared.value]) {
          if (each && shown && keys.get(each.id) !== keyOf(each, shown.request)) void start(each, shown.request);
        }
      });
    }, wait);
  });
}
