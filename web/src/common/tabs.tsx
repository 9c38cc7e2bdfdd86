import type { ComponentChildren } from 'preact';

export interface TabItem {
  id: string;
  title: ComponentChildren;
}

interface Props {
  label: string;
  prefix: string;
  items: TabItem[];
  active: string;
  onSelect: (id: string) => void;
  children: ComponentChildren;
  className?: string;
}

/** Tabs as the ARIA practices have them: arrow keys move among them, and one of them is in the order of Tab. */
export function Tabs({ label, prefix, items, active, onSelect, children, className }: Props) {
  const move = (event: KeyboardEvent) => {
    const at = items.findIndex((item) => item.id === active);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = items[(to + items.length) % items.length];
    if (!next) return;
    onSelect(next.id);
    document.getElementById(`${prefix}-tab-${next.id}`)?.focus();
  };
  return (
    <div class={className}>
      <div role="tablist" aria-label={label} onKeyDown={move}>
        {items.map((item) => (
          <button
            type="button"
            role="tab"
            key={item.id}
            id={`${prefix}-tab-${item.id}`}
            aria-selected={item.id === active}
            aria-controls={`${prefix}-panel`}
            tabIndex={item.id === active ? 0 : -1}
            onClick={() => onSelect(item.id)}
          >
            {item.title}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${prefix}-panel`} aria-labelledby={`${prefix}-tab-${active}`} class="panel" tabIndex={0}>
        {children}
      </div>
    </div>
  );
}
