import { dollars } from './format.ts';
import { Scroll } from './scroll.tsx';

export interface Price {
  model: string;
  name: string;
  usd_per_million: number;
  /** What it all cost, with allowances and flat fees, where there is such a sum. */
  usd?: number;
  unverified: string[];
  refusals: string[];
}

/** What a million such requests cost elsewhere, the cheapest first. */
export function Prices({ prices, caption }: { prices: Price[]; caption: string }) {
  const sorted = [...prices].sort((a, b) => Number(a.refusals.length > 0) - Number(b.refusals.length > 0) || a.usd_per_million - b.usd_per_million);
  const sums = sorted.every((price) => price.usd !== undefined);
  const most = Math.max(...sorted.map((price) => price.usd_per_million), 1e-9);
  return (
    <Scroll label="Prices">
      <table class="prices">
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Platform</th>
            {sums && (
              <th scope="col" class="number">
                USD in all
              </th>
            )}
            <th scope="col" class="number">
              USD per million
            </th>
            <th scope="col">
              <span class="visually-hidden">Share of the dearest</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((price) => (
            <tr key={price.model} data-model={price.model}>
              <td>
                {price.name}
                {price.unverified.length > 0 && (
                  <details class="muted">
                    <summary>not all verified</summary>
                    {price.unverified.join('; ')}
                  </details>
                )}
                {price.refusals.length > 0 && <div class="muted">would not take it: {price.refusals.join('; ')}</div>}
              </td>
              {sums && <td class="number">{dollars(price.usd ?? 0)}</td>}
              <td class="number">{dollars(price.usd_per_million)}</td>
              <td class="bar-cell">
                <span class="bar" aria-hidden="true">
                  <span style={{ width: `${(100 * price.usd_per_million) / most}%` }} />
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
