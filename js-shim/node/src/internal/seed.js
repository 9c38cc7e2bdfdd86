// What the primitives draw their randomness from.

const SEED_BYTES = 64;

/** Refused at start-up, as all randomness is. */
export const randomOf = (length) => globalThis.crypto.getRandomValues(new Uint8Array(length));

export const seed = () => randomOf(SEED_BYTES);
