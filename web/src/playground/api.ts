import type { Price } from '../common/prices.tsx';
import type { Tab } from './state.ts';

export interface Place {
  file: string;
  line: number;
  column: number;
}
export interface Problem {
  message: string;
  places: Place[];
}
export interface Line {
  level: 'debug' | 'log' | 'info' | 'warn' | 'error';
  text: string;
  start_up: boolean;
}
export interface Answer {
  program: {
    kind: string;
    version: string;
    artefact_bytes: number;
    start_up_fuel: number | null;
    building_ms: number;
    reused: boolean;
    warnings: string[];
    fuel_limit: number;
    memory_limit: number;
  };
  response: {
    status: number;
    reason: string;
    headers: [string, string][];
    body: string;
    body_bytes: number;
    truncated: boolean;
    preview: string | null;
  };
  usage: {
    fuel: number;
    cpu_ms: number;
    peak_memory: number;
    subrequests: number;
    sandbox_ms: number;
    handler_ms: number;
    wall_ms: number;
    handler_fuel: number;
    wait_until_fuel: number;
    charges: { operation: string; times: number; bytes: number; fuel: number }[];
  };
  outcome: string;
  problem: Problem | null;
  console: Line[];
  prices: Price[];
}
export interface FlameNode {
  name: string;
  file?: string;
  line?: number;
  fuel: number;
  calls?: FlameNode[];
}
export interface Flame {
  fuel: number;
  measured: number;
  roots: FlameNode[];
  lines: Record<string, Record<string, number>>;
}

/** What is wrong with a program or a call, as the server says it. */
export class Refused extends Error {
  problems: Problem[];
  constructor(problems: Problem[]) {
    super(problems[0]?.message ?? 'refused');
    this.problems = problems;
  }
}

async function call<T>(path: string, init: RequestInit = {}): Promise<T> {
  const headers = { ...(init.headers as Record<string, string>), 'x-glowplug-playground': '1' };
  const response = await fetch(`api/${path}`, { ...init, headers });
  const text = await response.text();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(text.trim() || `the server answered ${response.status}`);
  }
  // What is wrong with a program is an answer too.
  const { problems } = value as { problems?: Problem[] };
  if (problems) throw new Refused(problems);
  if (response.ok) return value as T;
  throw new Error(`the server answered ${response.status}`);
}

const wanted = (tab: Tab, request = tab.request): string =>
  JSON.stringify({ program: tab.component ? { component: tab.component.digest } : { files: tab.files }, request });

const post = (body: BodyInit, signal?: AbortSignal): RequestInit => ({
  method: 'POST',
  body,
  ...(signal ? { signal } : {}),
  headers: { 'content-type': typeof body === 'string' ? 'application/json' : 'application/wasm' },
});

export const run = (tab: Tab, request: Tab['request'], signal: AbortSignal) => call<Answer>('run', post(wanted(tab, request), signal));
export const profile = (tab: Tab, request: Tab['request'], signal: AbortSignal) => call<Flame>('profile', post(wanted(tab, request), signal));
export const upload = (file: Blob) => call<{ component: string }>('components', post(file));
export const project = () => call<{ name: string; files: Record<string, string> }>('project');
/** What a run is a function of. */
export const keyOf = (tab: Tab, request: Tab['request']): string => wanted(tab, request);
