export interface Env {
  ORIGIN: string;
  CURRENCY: string;
}

/** The third argument of a handler. */
export interface Context {
  waitUntil(work: Promise<unknown>): void;
}
