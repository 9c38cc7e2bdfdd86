import { change, type Request, type Tab } from './state.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

/** The request that the worker is sent. */
export function RequestPanel({ tab }: { tab: Tab }) {
  const { request } = tab;
  const set = (part: Partial<Request>) => change(tab.id, { request: { ...request, ...part } });
  const header = (at: number, name: string, value: string) =>
    set({ headers: request.headers.map((pair, index) => (index === at ? [name, value] : pair)) });
  const more = request.headers.length > 0 || request.body !== '';
  return (
    <section class="request" aria-label="Request">
      <div class="row">
        <select aria-label="Method" value={request.method} onChange={(event) => set({ method: event.currentTarget.value })}>
          {METHODS.map((method) => (
            <option key={method}>{method}</option>
          ))}
        </select>
        <input class="grow mono" aria-label="URL" spellcheck={false} value={request.url} onInput={(event) => set({ url: event.currentTarget.value })} />
      </div>
      <details open={more}>
        <summary>Headers and body</summary>
        <div class="stack">
          {request.headers.map(([name, value], at) => (
            <div class="row header-row" key={at}>
              <input class="mono" aria-label={`Name of header ${at + 1}`} value={name} onInput={(event) => header(at, event.currentTarget.value, value)} />
              <input class="grow mono" aria-label={`Value of header ${at + 1}`} value={value} onInput={(event) => header(at, name, event.currentTarget.value)} />
              <button type="button" aria-label={`Remove header ${at + 1}`} onClick={() => set({ headers: request.headers.filter((_, index) => index !== at) })}>
                ✕
              </button>
            </div>
          ))}
          <div>
            <button type="button" onClick={() => set({ headers: [...request.headers, ['accept', '*/*']] })}>
              Add header
            </button>
          </div>
          <label>
            Body
            <textarea rows={3} spellcheck={false} value={request.body} onInput={(event) => set({ body: event.currentTarget.value })} />
          </label>
        </div>
      </details>
    </section>
  );
}
