import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { ApiError } from './api.ts';

export interface Loaded<T> {
  value: T | undefined;
  error: string;
  reload: () => void;
}

/** Loads something when `key` changes, and again every `every` milliseconds if that is given. */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, key: string, every = 0): Loaded<T> {
  const [value, setValue] = useState<T>();
  const [error, setError] = useState('');
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const control = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const once = async () => {
      try {
        const found = await load(control.signal);
        if (control.signal.aborted) return;
        setValue(() => found);
        setError('');
      } catch (failure) {
        if (control.signal.aborted) return;
        setError(say(failure));
      }
      if (every > 0) timer = setTimeout(once, every);
    };
    void once();
    return () => {
      control.abort();
      clearTimeout(timer);
    };
  }, [key, turn, every]);
  const reload = useCallback(() => setTurn((turn) => turn + 1), []);
  return { value, error, reload };
}

export function say(failure: unknown): string {
  if (failure instanceof ApiError) return failure.message;
  return `The server cannot be reached: ${(failure as Error).message}`;
}

export function Failure({ text }: { text: string }) {
  return text ? <p class="notice bad" role="alert">{text}</p> : null;
}

/** A button for what cannot be taken back: it asks once more in its own place. */
export function Sure({ children, question, onSure, disabled }: { children: ComponentChildren; question: string; onSure: () => void; disabled?: boolean }) {
  const [asking, setAsking] = useState(false);
  if (!asking) {
    return (
      <button type="button" disabled={disabled ?? false} onClick={() => setAsking(true)}>
        {children}
      </button>
    );
  }
  return (
    <span class="row sure" role="group" aria-label={question}>
      <span>{question}</span>
      <button
        type="button"
        class="primary"
        ref={(button) => button?.focus()}
        onClick={() => {
          setAsking(false);
          onSure();
        }}
      >
        Yes
      </button>
      <button type="button" onClick={() => setAsking(false)}>
        No
      </button>
    </span>
  );
}

interface BarsProps {
  values: { name: string; value: number }[];
  label: string;
  format: (value: number) => string;
  /** Bars that there is room for; those there are stand at the end. */
  places?: number;
}

/** Bars over time, with the figures for those who cannot see them. */
export function Bars({ values, label, format, places = 0 }: BarsProps) {
  const most = Math.max(...values.map((each) => each.value), 1e-9);
  const width = 100 / Math.max(values.length, places, 1);
  const start = 100 - width * values.length;
  const total = values.map((each) => `${each.name}: ${format(each.value)}`).join(', ');
  return (
    <svg class="bars" viewBox="0 0 100 30" preserveAspectRatio="none" role="img" aria-label={`${label}. ${total}`}>
      {values.map((each, at) => {
        const height = (28 * each.value) / most;
        return (
          <rect key={each.name} x={start + at * width + width * 0.1} y={30 - height} width={width * 0.8} height={height}>
            <title>{`${each.name}: ${format(each.value)}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}
