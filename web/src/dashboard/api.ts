import { signal } from '@preact/signals';

const KEY = 'glowplug-token';

/** The token lives as long as this tab of the browser, and goes out in `Authorization` alone. */
export const token = signal(kept());
/** Why nobody is signed in, when there was a reason. */
export const signedOut = signal('');
export const server = signal<Server | null>(null);

export interface Server {
  version: string;
  base_domain: string | null;
  url: string;
}
export interface Share {
  version: string;
  percent: number;
}
export interface Deployment {
  number: number;
  created: string;
  author: string;
  message: string;
  cause: string;
  versions: Share[];
}
export interface Worker {
  name: string;
  created: string;
  routes: string[];
  subdomain: boolean;
  previews: boolean;
  url: string | null;
  deployment: Deployment | null;
  secrets: string[];
}
export interface Version {
  id: string;
  created: string;
  author: string;
  message: string;
  tag: string;
  vars: Record<string, unknown>;
  bindings: Record<string, { type: string } & Record<string, unknown>>;
  secrets: string[];
  artifact: { size: number; digest: string } | null;
  assets: { size: number } | null;
  /** Null is the server's default. */
  limits: Record<string, number | null>;
  compatibility_date: string;
  preview_url: string | null;
}
export interface UsageLine {
  worker?: string;
  time?: string;
  requests: number;
  runs: number;
  outcomes: Record<string, number>;
  assets: number;
  fuel: number;
  cpu_ms: number;
  fuel_p50: number | null;
  fuel_p99: number | null;
  wall_ms: number;
  most_memory: number;
}
export interface Usage {
  since: string;
  until: string;
  usage: UsageLine[];
  total: UsageLine;
}
export interface Namespace {
  id: string;
  title: string;
  created: string;
}

/** What the server said no with. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

function kept(): string {
  try {
    return sessionStorage.getItem(KEY) ?? '';
  } catch {
    return '';
  }
}

function keep(value: string): void {
  token.value = value;
  try {
    if (value) sessionStorage.setItem(KEY, value);
    else sessionStorage.removeItem(KEY);
  } catch {
    // Then it is held until the page is loaded again.
  }
}

export function signOut(why = ''): void {
  keep('');
  server.value = null;
  signedOut.value = why;
}

/** Tries a token, and keeps it if the server takes it. */
export async function signIn(value: string): Promise<void> {
  const answer = await send('/v1/server', {}, value);
  if (answer.status === 401) throw new ApiError(401, 'The server does not know this token: it is wrong, has expired, or was revoked.');
  if (!answer.ok) throw await refusal(answer);
  server.value = (await answer.json()) as Server;
  signedOut.value = '';
  keep(value);
}

function send(path: string, init: RequestInit, bearer: string): Promise<Response> {
  const headers = { ...(init.headers as Record<string, string>), authorization: `Bearer ${bearer}` };
  return fetch(path, { ...init, headers, credentials: 'omit', cache: 'no-store' });
}

async function refusal(answer: Response): Promise<ApiError> {
  const text = await answer.text();
  try {
    const { error } = JSON.parse(text) as { error: { message: string; hint?: string; problems?: string[] } };
    return new ApiError(answer.status, [error.message, ...(error.problems ?? []), ...(error.hint ? [`hint: ${error.hint}`] : [])].join('\n'));
  } catch {
    return new ApiError(answer.status, text.trim() || `the server answered ${answer.status}`);
  }
}

/** A call of the API; a token that is not good any more ends the session. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const used = token.value;
  const answer = await send(path, init, used);
  if (answer.ok) return answer;
  if (answer.status === 401 && token.value === used) {
    signOut('Your session is over: the token has expired or was revoked. Sign in again.');
  }
  throw await refusal(answer);
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await (await request(path, signal ? { signal } : {})).json()) as T;
}

export async function sendJson(method: string, path: string, body: unknown): Promise<unknown> {
  const answer = await request(path, { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  const text = await answer.text();
  return text ? JSON.parse(text) : null;
}

/** The lines of an answer, as they come. */
export async function* lines(path: string, signal: AbortSignal): AsyncGenerator<string> {
  const answer = await request(path, { signal });
  if (!answer.body) return;
  const reader = answer.body.pipeThrough(new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (rest + value).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
}
