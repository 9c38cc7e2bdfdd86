import { signal } from '@preact/signals';
import { bytes, milliseconds } from '../common/format.ts';
import { Prices } from '../common/prices.tsx';
import { Tabs } from '../common/tabs.tsx';
import type { Answer, Problem } from './api.ts';
import { Body } from './body.tsx';
import { show } from './editor.tsx';
import { FlameGraph } from './flame.tsx';
import { Gauge } from './gauge.tsx';
import { resultOf, type Tab } from './state.ts';
import { Scroll } from '../common/scroll.tsx';

const view = signal('body');

/** What came of a run. */
export function Outcome({ tab, compact }: { tab: Tab; compact?: boolean }) {
  const { answer, problems, failure, running, fuels, flame } = resultOf(tab.id);
  if (failure) return <p class="notice bad" role="alert">{failure}</p>;
  if (problems) return <Problems tab={tab} problems={problems} />;
  if (!answer) return <p class="muted" role="status">{running ? 'Building…' : 'Nothing has run yet.'}</p>;
  const errors = answer.console.filter((line) => line.level === 'error' || line.level === 'warn').length;
  const items = [
    { id: 'body', title: 'Response' },
    { id: 'headers', title: `Headers ${answer.response.headers.length}` },
    { id: 'console', title: `Console ${answer.console.length}${errors > 0 ? ` (${errors}!)` : ''}` },
    { id: 'flame', title: 'Flame graph' },
    { id: 'prices', title: 'Prices' },
  ];
  const active = view.value;
  return (
    <div class="outcome">
      <Gauge answer={answer} fuels={fuels} running={running} />
      {answer.program.warnings.map((warning) => (
        <p class="notice warn" key={warning}>{warning}</p>
      ))}
      {answer.problem && <Problems tab={tab} problems={[answer.problem]} outcome={answer.outcome} />}
      <div class="row status-line">
        <Status response={answer.response} />
        <span class="muted">
          {bytes(answer.response.body_bytes)} in {milliseconds(answer.usage.wall_ms)}
          {!compact && (answer.program.reused ? ', built before' : `, built in ${milliseconds(answer.program.building_ms)}`)}
        </span>
      </div>
      <Tabs className="results" label="Results" prefix={`results-${tab.id}`} items={items} active={active} onSelect={(id) => (view.value = id)}>
        {active === 'body' && <Body response={answer.response} />}
        {active === 'headers' && <Headers headers={answer.response.headers} />}
        {active === 'console' && <Console lines={answer.console} />}
        {active === 'flame' &&
          (flame ? <FlameGraph flame={flame} onLine={(file, line) => show(tab.id, file, line)} /> : <p class="muted" role="status">Measuring…</p>)}
        {active === 'prices' && (
          <Prices prices={answer.prices} caption="A million requests like this one, at list prices: wall time as it was here, CPU from the fuel." />
        )}
      </Tabs>
    </div>
  );
}

function Status({ response }: { response: Answer['response'] }) {
  const kind = response.status >= 500 ? 'bad' : response.status >= 400 ? 'warn' : 'good';
  return (
    <span class={`tag ${kind}`} data-testid="status">
      {response.status} {response.reason}
    </span>
  );
}

function Problems({ tab, problems, outcome }: { tab: Tab; problems: Problem[]; outcome?: string }) {
  return (
    <div class="stack" role="alert" data-testid="problems">
      {problems.map((problem, at) => (
        <div class="notice bad" key={at}>
          {outcome && outcome !== 'ok' && outcome !== 'exception' && <strong>{outcome}: </strong>}
          {problem.message}
          <div class="row">
            {problem.places.slice(0, 4).map((place, at) => (
              <button type="button" class="link" key={at} disabled={!(place.file in tab.files)} onClick={() => show(tab.id, place.file, place.line, place.column)}>
                {place.file}:{place.line}:{place.column}
              </button>
            ))}
          </div>
        </div>
      ))}
    </div>
  );
}

function Headers({ headers }: { headers: [string, string][] }) {
  return (
    <Scroll label="Headers">
      <table class="headers">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Value</th>
          </tr>
        </thead>
        <tbody>
          {headers.map(([name, value], at) => (
            <tr key={at}>
              <td class="mono">{name}</td>
              <td class="mono">{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Console({ lines }: { lines: Answer['console'] }) {
  if (lines.length === 0) return <p class="muted">Nothing was written to the console.</p>;
  return (
    <ol class="console" data-testid="console">
      {lines.map((line, at) => (
        <li key={at} class={line.level}>
          <span class="level">{line.level}</span>
          <pre>{line.text}</pre>
          {line.start_up && <span class="tag">start-up</span>}
        </li>
      ))}
    </ol>
  );
}
