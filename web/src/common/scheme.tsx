import { signal } from '@preact/signals';

const KEY = 'glowplug-theme';
const scheme = signal(read());

function read(): string {
  try {
    return localStorage.getItem(KEY) ?? 'auto';
  } catch {
    return 'auto';
  }
}

function apply(value: string): void {
  if (value === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = value;
}

apply(scheme.value);

/** Light, dark, or as the system is. */
export function SchemeSelect() {
  const set = (value: string) => {
    scheme.value = value;
    apply(value);
    try {
      localStorage.setItem(KEY, value);
    } catch {
      // A browser that keeps nothing shows the system's scheme next time.
    }
  };
  return (
    <select aria-label="Colours" value={scheme.value} onChange={(event) => set(event.currentTarget.value)}>
      <option value="auto">Auto</option>
      <option value="light">Light</option>
      <option value="dark">Dark</option>
    </select>
  );
}
