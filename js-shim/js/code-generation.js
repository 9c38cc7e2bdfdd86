// eval() and the Function constructors are closed, as in Workers: a worker is the code that was deployed.
//
// The engine itself goes on evaluating modules; what is replaced are the ways to it from JavaScript. Direct eval is
// among them: QuickJS evaluates `eval(…)` only if `eval` is still its own function, and calls it like any other if not.

function refuse() {
  throw new EvalError('Code generation from strings disallowed for this context');
}

/** A constructor in the place of `Original`: same name, same prototype, but it refuses to compile. */
function replaceConstructor(Original, parent) {
  const { name } = Original;
  const replacement = { [name]: function () { return refuse(); } }[name];
  Object.defineProperty(replacement, 'prototype', { value: Original.prototype, writable: false, enumerable: false, configurable: false });
  Object.defineProperty(replacement, 'length', { value: 1, configurable: true });
  if (parent !== null) Object.setPrototypeOf(replacement, parent);
  const descriptor = Object.getOwnPropertyDescriptor(Original.prototype, 'constructor');
  Object.defineProperty(Original.prototype, 'constructor', { ...descriptor, value: replacement });
  return replacement;
}

export function install() {
  const constructors = [async () => {}, function* () {}, async function* () {}].map((made) => Object.getPrototypeOf(made).constructor);
  const replacement = replaceConstructor(Function, null);
  for (const Original of constructors) replaceConstructor(Original, replacement);
  Object.defineProperty(globalThis, 'Function', { value: replacement, writable: true, enumerable: false, configurable: true });
  Object.defineProperty(globalThis, 'eval', {
    value: { eval(code) { return typeof code === 'string' ? refuse() : code; } }.eval,
    writable: true,
    enumerable: false,
    configurable: true,
  });
}
