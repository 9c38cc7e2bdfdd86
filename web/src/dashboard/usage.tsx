import { dollars, short, whole } from '../common/format.ts';
import { Prices, type Price } from '../common/prices.tsx';
import { get, type Usage as UsageView, type UsageLine } from './api.ts';
import { Bars, Failure, useLoad } from './parts.tsx';
import { failed } from './workers.tsx';
import { Scroll } from '../common/scroll.tsx';

interface Priced {
  requests: number;
  prices: (Price & { usd: number })[];
}

const DAYS = 30;
const DAY = 86_400_000;
const day = (time?: string) => (time ?? '').slice(0, 10);

/** Requests of the last days, in order; a day without any has none. */
function lastDays(lines: UsageLine[]) {
  return Array.from({ length: DAYS }, (_, at) => {
    const name = day(new Date(Date.now() - (DAYS - 1 - at) * DAY).toISOString());
    return { name, value: lines.filter((line) => day(line.time) === name).reduce((sum, line) => sum + line.requests + line.assets, 0) };
  });
}

/** What was used by day, and what it would have cost elsewhere. */
export function Usage({ name }: { name?: string }) {
  const of = name ? `&worker=${name}` : '';
  const { value, error } = useLoad(
    async (signal) => {
      const [usage, priced] = await Promise.all([
        get<UsageView>(`/v1/usage?by=day${of}`, signal),
        get<Priced>(`/v1/usage/prices?${of.slice(1)}`, signal),
      ]);
      return { usage, priced };
    },
    `usage ${name}`,
    10_000,
  );
  if (!value) return error ? <Failure text={error} /> : <p class="muted" role="status">Loading…</p>;
  const days = value.usage.usage;
  const cheapest = [...value.priced.prices].filter((price) => price.refusals.length === 0).sort((a, b) => a.usd - b.usd)[0];
  return (
    <div class="stack">
      <Failure text={error} />
      <h2>The last {DAYS} days</h2>
      {days.length === 0 ? (
        <p class="muted">Nothing was asked for.</p>
      ) : (
        <>
          <Bars label="Requests by day" format={whole} values={lastDays(days)} />
          <Scroll label="Usage by day">
            <table>
              <thead>
                <tr>
                  <th scope="col">Day (UTC)</th>
                  <th scope="col" class="number">Requests</th>
                  <th scope="col" class="number">Assets</th>
                  <th scope="col" class="number">Errors</th>
                  <th scope="col" class="number">Fuel</th>
                  <th scope="col" class="number">CPU ms</th>
                </tr>
              </thead>
              <tbody>
                {[...days].reverse().map((line) => (
                  <tr key={line.time}>
                    <th scope="row">{day(line.time)}</th>
                    <td class="number">{whole(line.requests)}</td>
                    <td class="number">{whole(line.assets)}</td>
                    <td class="number">{whole(failed(line))}</td>
                    <td class="number">{short(line.fuel)}</td>
                    <td class="number">{line.cpu_ms.toFixed(1)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
          <h2>Elsewhere</h2>
          {cheapest && (
            <p>
              {whole(value.priced.requests)} runs in a month, with allowances and flat fees: {dollars(cheapest.usd)} on {cheapest.name}, the cheapest.
            </p>
          )}
          <Prices prices={value.priced.prices} caption={`What ${whole(value.priced.requests)} runs in a month cost, with allowances and flat fees, and list prices of a million of them, without.`} />
        </>
      )}
    </div>
  );
}
