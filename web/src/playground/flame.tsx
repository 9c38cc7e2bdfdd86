import { useRef, useState } from 'preact/hooks';
import { percent, short, whole } from '../common/format.ts';
import type { Flame, FlameNode } from './api.ts';

const ROW = 26;

interface Box {
  node: FlameNode;
  left: number;
  width: number;
  depth: number;
}

/** Lays `node` and what it called out, in shares of the whole. */
function lay(node: FlameNode, left: number, all: number, depth: number, out: Box[]): void {
  out.push({ node, left, width: node.fuel / all, depth });
  let at = left;
  for (const call of node.calls ?? []) {
    lay(call, at, all, depth + 1, out);
    at += call.fuel / all;
  }
}

/** Colours come from the file, so that one's own code stands out: what has no file is the engine's and the host's. */
function colour(node: FlameNode): string {
  if (!node.file || node.file.startsWith('glowplug:')) return node.name === '[host]' ? 'host' : 'engine';
  return 'own';
}

/** What an arrow key leads to: `Up` the caller, `Down` the first call, `Left` and `Right` a neighbour in the row, `Home` the dearest. */
function neighbour(boxes: Box[], from: number, key: string): number {
  const box = boxes[from];
  if (!box) return -1;
  const row = (depth: number) => boxes.map((each, index) => ({ ...each, index })).filter((each) => each.depth === depth);
  switch (key) {
    case 'ArrowUp':
      return row(box.depth - 1).filter((each) => each.left <= box.left).at(-1)?.index ?? -1;
    case 'ArrowDown':
      return row(box.depth + 1).find((each) => each.left >= box.left && each.left < box.left + box.width)?.index ?? -1;
    case 'ArrowLeft':
      return row(box.depth).filter((each) => each.left < box.left).at(-1)?.index ?? -1;
    case 'ArrowRight':
      return row(box.depth).find((each) => each.left > box.left)?.index ?? -1;
    case 'Home':
      return widest(boxes);
    default:
      return -1;
  }
}

const widest = (boxes: Box[]): number => boxes.reduce((best, box, index) => (box.width > (boxes[best]?.width ?? 0) ? index : best), 0);

/**
 * A flame graph: buttons in rows; a click zooms in and shows the line. One of them is in the order of Tab, and arrow keys lead from it to the
 * others. What is too narrow to be hit is reached with the keys, by zooming in, or in the table of lines.
 */
export function FlameGraph({ flame, onLine }: { flame: Flame; onLine: (file: string, line: number) => void }) {
  const [zoom, setZoom] = useState<FlameNode | null>(null);
  const boxes: Box[] = [];
  const inView = zoom && contains(flame.roots, zoom) ? [zoom] : flame.roots;
  const all = inView.reduce((sum, node) => sum + node.fuel, 0) || 1;
  let at = 0;
  for (const root of inView) {
    lay(root, at, all, 0, boxes);
    at += root.fuel / all;
  }
  const shown = boxes.filter((box) => box.width > 0.002);
  // The focus stays where it was led to until other boxes are shown.
  const [led, setLed] = useState<FlameNode | null>(null);
  const graph = useRef<HTMLDivElement>(null);
  const ledTo = shown.findIndex((box) => box.node === led);
  const stop = ledTo < 0 ? widest(shown) : ledTo;
  const move = (event: KeyboardEvent) => {
    const to = neighbour(shown, stop, event.key);
    if (to < 0) return;
    event.preventDefault();
    setLed(shown[to]?.node ?? null);
    graph.current?.querySelectorAll('button')[to]?.focus();
  };
  const deepest = shown.reduce((most, box) => Math.max(most, box.depth), 0);
  const pick = (node: FlameNode) => {
    setZoom(node);
    setLed(node);
    if (node.file && node.line) onLine(node.file, node.line);
    // The boxes are others now; this one is the first of them.
    else requestAnimationFrame(() => graph.current?.querySelector<HTMLButtonElement>('[tabindex="0"]')?.focus());
  };
  return (
    <div>
      <div class="row spread">
        <p class="muted">
          {whole(flame.fuel)} fuel by call, to the unit. {flame.fuel === flame.measured ? '' : 'The sum is not that of the run.'}
        </p>
        <button type="button" disabled={!zoom} onClick={() => setZoom(null)}>
          Whole
        </button>
      </div>
      <div
        ref={graph}
        class="flame"
        role="group"
        aria-label="Flame graph. Arrow keys lead from call to call."
        style={{ height: `${(deepest + 1) * ROW}px` }}
        data-testid="flame"
        onKeyDown={move}
      >
        {shown.map(({ node, left, width, depth }, index) => {
          const place = node.file && node.line ? `, ${node.file}:${node.line}` : '';
          const label = `${node.name}: ${whole(node.fuel)} fuel, ${percent(node.fuel, flame.fuel)}${place}`;
          return (
            <button
              type="button"
              key={index}
              class={`box ${colour(node)}`}
              title={label}
              tabIndex={index === stop ? 0 : -1}
              aria-label={label}
              style={{ left: `${left * 100}%`, width: `${width * 100}%`, top: `${depth * ROW}px`, height: `${ROW - 2}px` }}
              onClick={() => pick(node)}
            >
              {width > 0.04 ? node.name : ''}
            </button>
          );
        })}
      </div>
      <Lines flame={flame} onLine={onLine} />
    </div>
  );
}

/** The dearest lines, for those who read rather than look. */
function Lines({ flame, onLine }: { flame: Flame; onLine: (file: string, line: number) => void }) {
  const lines = Object.entries(flame.lines)
    .flatMap(([file, lines]) => Object.entries(lines).map(([line, fuel]) => ({ file, line: Number(line), fuel })))
    .sort((a, b) => b.fuel - a.fuel)
    .slice(0, 8);
  if (lines.length === 0) return null;
  return (
    <table>
      <caption>The dearest lines</caption>
      <thead>
        <tr>
          <th scope="col">Line</th>
          <th scope="col" class="number">
            Fuel
          </th>
          <th scope="col" class="number">
            Share
          </th>
        </tr>
      </thead>
      <tbody>
        {lines.map(({ file, line, fuel }) => (
          <tr key={`${file}:${line}`}>
            <td>
              <button type="button" class="link" onClick={() => onLine(file, line)}>
                {file}:{line}
              </button>
            </td>
            <td class="number">{short(fuel)}</td>
            <td class="number">{percent(fuel, flame.fuel)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function contains(nodes: FlameNode[], wanted: FlameNode): boolean {
  return nodes.some((node) => node === wanted || contains(node.calls ?? [], wanted));
}
