// The package `abort-controller`: the platform has its own.
const { AbortController, AbortSignal } = globalThis;
export { AbortController, AbortSignal };
export default AbortController;
