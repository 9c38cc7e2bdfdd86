// The module `glowplug:node`: what the modules of Node.js (`node/`) need of the runtime. Workers cannot import it, but what it
// has must be harmless in their hands.

const { onJob, promiseState } = native;
const { Cipher: NativeCipher, Digester, pbkdf2, secretKey } = native.crypto;

/** A digest that is fed piece by piece. */
class Digest {
  #state;

  constructor(state) { this.#state = state; }
  update(bytes) { this.#state.update(bytes); }
  digest() { return this.#state.digest(); }
  clone() { return new Digest(this.#state.copy()); }
}

/** AES that is fed piece by piece. What fails is told as a string. */
class Cipher {
  #state;

  constructor(state) { this.#state = state; }
  pad(pads) { this.#state.pad(pads); }
  authenticate(bytes) { this.#state.authenticate(bytes); }
  update(bytes) { return this.#state.update(bytes); }
  finish(tag) { return this.#state.finish(tag); }
  tag() { return this.#state.tag(); }
}

export const nodeModule = {
  createCipher: (mode, key, iv, encrypts) => new Cipher(new NativeCipher(mode, key, iv, encrypts)),
  createDigest: (name) => new Digest(new Digester(name)),
  onJob,
  promiseState,
  pbkdf2: (hash, secret, salt, iterations, length) => pbkdf2(hash, secretKey(secret), salt, iterations, length),
  // as they are: they take nothing but bytes, names and handles, and what they cannot do they answer or throw
  primitives: native.crypto,
};
