import { bytes, milliseconds, percent, short, whole } from '../common/format.ts';
import type { Answer } from './api.ts';

/** Where the fuel went, in the few parts that a bill has. */
export function parts(usage: Answer['usage']): { name: string; fuel: number; kind: number }[] {
  const sandbox = usage.charges.find((charge) => charge.operation === 'instantiate')?.fuel ?? 0;
  const host = usage.charges.reduce((sum, charge) => sum + charge.fuel, 0) - sandbox;
  return [
    { name: 'instructions', fuel: usage.handler_fuel },
    { name: 'after the response', fuel: usage.wait_until_fuel },
    { name: 'host work', fuel: host },
    { name: 'fresh sandbox', fuel: sandbox },
  ]
    .map((part, at) => ({ ...part, kind: at + 1 }))
    .filter((part) => part.fuel > 0);
}

/** What a run used: the number that is billed first. */
export function Gauge({ answer, fuels, running }: { answer: Answer; fuels: number[]; running: boolean }) {
  const { usage, program } = answer;
  const share = Math.min(1, usage.fuel / program.fuel_limit);
  const same = fuels.length > 1 && fuels.every((fuel) => fuel === fuels[0]);
  const pieces = parts(usage);
  return (
    <section class="gauge" aria-label="What the request used" aria-busy={running}>
      <div class="row spread">
        <div>
          <span class="fuel" data-testid="fuel" data-fuel={usage.fuel}>
            {whole(usage.fuel)}
          </span>{' '}
          fuel
        </div>
        <div class="muted" role="status" data-testid="same">
          {running ? 'running…' : same ? `the same in ${fuels.length} runs` : fuels.length > 1 ? 'not the same in each run' : ''}
        </div>
      </div>
      <div
        class="meter"
        role="meter"
        aria-label="Share of the fuel limit"
        aria-valuemin={0}
        aria-valuemax={program.fuel_limit}
        aria-valuenow={usage.fuel}
        aria-valuetext={`${percent(usage.fuel, program.fuel_limit)} of the limit`}
      >
        <span style={{ width: `${Math.max(share * 100, 0.4)}%` }} class={share > 0.8 ? 'high' : ''} />
      </div>
      <dl class="figures">
        <Figure name="of the limit" value={percent(usage.fuel, program.fuel_limit)} />
        <Figure name="CPU" value={milliseconds(usage.cpu_ms)} />
        <Figure name="memory" value={bytes(usage.peak_memory)} />
        <Figure name="wall" value={milliseconds(usage.wall_ms)} />
        {usage.subrequests > 0 && <Figure name="subrequests" value={whole(usage.subrequests)} />}
        {program.start_up_fuel !== null && <Figure name="start-up, once" value={`${short(program.start_up_fuel)} fuel`} />}
      </dl>
      <div class="split" aria-hidden="true">
        {pieces.map((piece) => (
          <span key={piece.name} class={`part-${piece.kind}`} style={{ flexGrow: piece.fuel }} title={`${piece.name}: ${whole(piece.fuel)} fuel`} />
        ))}
      </div>
      <ul class="legend">
        {pieces.map((piece) => (
          <li key={piece.name}>
            <i class={`part-${piece.kind}`} aria-hidden="true" /> {piece.name} {short(piece.fuel)}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
