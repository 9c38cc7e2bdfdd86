import { computed, signal } from '@preact/signals';
import type { Answer, Flame, Problem } from './api.ts';

export interface Request {
  method: string;
  url: string;
  headers: [string, string][];
  body: string;
}

/** A program, the request it is sent, and what came of it. */
export interface Tab {
  id: number;
  title: string;
  files: Record<string, string>;
  /** The file that is being edited. */
  open: string;
  /** Set when it is a component and not sources. */
  component?: { digest: string; name: string; bytes: number };
  request: Request;
}

export interface Result {
  running: boolean;
  answer?: Answer;
  flame?: Flame;
  problems?: Problem[];
  /** The page could not reach the server, or the like. */
  failure?: string;
  /** Fuel of each run since the program or its request changed. */
  fuels: number[];
}

const NOTHING: Result = { running: false, fuels: [] };

export const tabs = signal<Tab[]>([]);
export const current = signal(0);
/** The tab at its side, when two are compared. */
export const other = signal<number | null>(null);
export const results = signal<Record<number, Result>>({});
/** Code that came by a link runs when its reader says so. */
export const waiting = signal(false);
export const notice = signal('');

export const tab = computed(() => byId(current.value) ?? tabs.value[0]);
export const compared = computed(() => (other.value === null ? undefined : byId(other.value)));

export const byId = (id: number): Tab | undefined => tabs.value.find((tab) => tab.id === id);
export const resultOf = (id: number): Result => results.value[id] ?? NOTHING;

export function setResult(id: number, change: Partial<Result>): void {
  results.value = { ...results.value, [id]: { ...resultOf(id), ...change } };
}

export function change(id: number, part: Partial<Tab>): void {
  tabs.value = tabs.value.map((tab) => (tab.id === id ? { ...tab, ...part } : tab));
}

let lastId = 0;

export function add(tab: Omit<Tab, 'id'>): number {
  lastId = Math.max(lastId, ...tabs.value.map((tab) => tab.id)) + 1;
  tabs.value = [...tabs.value, { ...tab, id: lastId }];
  return lastId;
}

export function remove(id: number): void {
  const at = tabs.value.findIndex((tab) => tab.id === id);
  tabs.value = tabs.value.filter((tab) => tab.id !== id);
  if (other.value === id || tabs.value.length < 2) other.value = null;
  if (current.value === id) current.value = tabs.value[Math.max(0, at - 1)]?.id ?? 0;
  if (other.value === current.value) other.value = null;
}

export const BLANK_REQUEST: Request = { method: 'GET', url: '/', headers: [], body: '' };

/** The file of a program that is shown first. */
export function firstFile(files: Record<string, string>): string {
  const names = Object.keys(files);
  return names.find((name) => /^(src\/)?(worker|index)\.[mc]?[jt]sx?$/.test(name)) ?? names.find((name) => /\.[mc]?[jt]sx?$/.test(name)) ?? names[0] ?? 'worker.js';
}
