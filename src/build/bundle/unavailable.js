// Stands in for a module that the runtime does not have. Importing it is harmless; using it throws.
const unavailable = (path) => {
  throw new Error(`\`${path}\` is not available: the module \`${specifier}\` is not part of this runtime`);
};
// Code that only checks for or passes on a member must not fail.
const harmless = (key) =>
  typeof key === "symbol" || key === "__esModule" || key === "then" || key === "toJSON";
const member = (path) =>
  new Proxy(function () {}, {
    get: (target, key) => {
      if (key === "toString" || key === "valueOf") return () => path;
      if (harmless(key)) return undefined;
      if (key === "prototype" || key === "name" || key === "length") return target[key];
      return unavailable(`${path}.${key}`);
    },
    apply: () => unavailable(path),
    construct: () => unavailable(path),
  });
// The members are on the prototype, as the bundler's interop copies own properties and inherits the rest.
module.exports = Object.create(
  new Proxy(Object.create(null), {
    get: (target, key) => (harmless(key) ? undefined : member(`${specifier}.${key}`)),
  }),
);
