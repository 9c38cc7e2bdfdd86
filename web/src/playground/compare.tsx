import { bytes, dollars, milliseconds, whole } from '../common/format.ts';
import { resultOf, type Tab } from './state.ts';
import { Scroll } from '../common/scroll.tsx';

/** The figures of two programs that were sent the same request, side by side. */
export function Comparison({ first, second }: { first: Tab; second: Tab }) {
  const [a, b] = [resultOf(first.id).answer, resultOf(second.id).answer];
  if (!a || !b) return <p class="muted" role="status">There is something to compare when both have answered.</p>;
  const alike = a.response.status === b.response.status && a.response.body === b.response.body;
  const rows: [string, number, number, (value: number) => string][] = [
    ['Fuel', a.usage.fuel, b.usage.fuel, whole],
    ['CPU', a.usage.cpu_ms, b.usage.cpu_ms, milliseconds],
    ['Memory', a.usage.peak_memory, b.usage.peak_memory, bytes],
    ['Wall', a.usage.wall_ms, b.usage.wall_ms, milliseconds],
    ['Start-up fuel', a.program.start_up_fuel ?? 0, b.program.start_up_fuel ?? 0, whole],
    ['Component', a.program.artefact_bytes, b.program.artefact_bytes, bytes],
  ];
  const prices = a.prices.map((price) => [price, b.prices.find((other) => other.model === price.model)] as const);
  return (
    <section class="comparison" aria-label="Comparison" data-testid="comparison">
      <p class={`notice ${alike ? 'good' : 'warn'}`}>
        {alike ? 'Both answer alike.' : 'Their answers differ.'} Both were sent the request of {first.title}.
      </p>
      <div class="tables">
        <Scroll label="Figures">
          <table>
            <Heads of="Figure" first={first} second={second} />
            <tbody>
              {rows.map(([name, left, right, show]) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td class="number">{show(left)}</td>
                  <td class="number">{show(right)}</td>
                  <td class="number">{difference(left, right)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
        <Scroll label="Prices">
          <table>
            <Heads of="USD per million" first={first} second={second} />
            <tbody>
              {prices.map(([left, right]) => (
                <tr key={left.model} data-model={left.model}>
                  <th scope="row">{left.name}</th>
                  <td class="number">{dollars(left.usd_per_million)}</td>
                  <td class="number">{right ? dollars(right.usd_per_million) : '–'}</td>
                  <td class="number">{right ? difference(left.usd_per_million, right.usd_per_million) : '–'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </div>
    </section>
  );
}

function Heads({ of, first, second }: { of: string; first: Tab; second: Tab }) {
  return (
    <thead>
      <tr>
        <th scope="col">{of}</th>
        <th scope="col" class="number">{first.title}</th>
        <th scope="col" class="number">{second.title}</th>
        <th scope="col" class="number">Change</th>
      </tr>
    </thead>
  );
}

function difference(left: number, right: number): string {
  if (left === right) return 'the same';
  if (left === 0) return '–';
  const share = (100 * (right - left)) / left;
  if (Math.abs(share) > 900) return `${(right / left).toPrecision(3)} ×`;
  return `${share > 0 ? '+' : '−'}${Math.abs(share).toFixed(1)} %`;
}
