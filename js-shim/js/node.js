// The module `glowplug:node`: what the modules of Node.js (`node/`) need of the runtime. Workers cannot import it, but what it
// has must be harmless in their hands.

const { onJob, promiseState } = native;
const { Digester, pbkdf2, secretKey } = native.crypto;

/** A digest that is fed piece by piece. */
class Digest {
  #state;

  constructor(state) { this.#state = state; }
  update(bytes) { this.#state.update(bytes); }
  digest() { return this.#state.digest(); }
  clone() { return new Digest(this.#state.copy()); }
}

export const nodeModule = {
  createDigest: (name) => new Digest(new Digester(name)),
  onJob,
  promiseState,
  pbkdf2: (hash, secret, salt, iterations, length) => pbkdf2(hash, secretKey(secret), salt, iterations, length),
};
