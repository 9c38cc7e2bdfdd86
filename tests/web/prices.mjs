// What platforms charge, worked out a second time from their published formulae, to hold what the pages show to.
const pos = (x) => Math.max(0, x);
const up = (x, step) => Math.ceil(x / step) * step;
const month = 730 * 3600;
/** A sum by tiers: each `[up to, USD for one]`. */
const tiers = (amount, ...steps) => steps.reduce((sum, [to, usd], at) => sum + pos(Math.min(amount, to) - (steps[at - 1]?.[0] ?? 0)) * usd, 0);

/**
 * USD of `n` requests of `t` ms, `c` of them of CPU, with `m` MB configured and `p` used at most. With `allowances` 0 there are
 * neither these nor flat fees.
 */
const FORMULAE = {
  'aws-lambda-x86': ({ n, t, m }, a) => (pos(n - a * 1e6) / 1e6) * 0.2 + tiers(pos(((n * up(t, 1)) / 1000) * (up(Math.max(m, 128), 1) / 1024) - a * 400_000), [6e9, 0.0000166667], [15e9, 0.000015], [Infinity, 0.000013334]),
  'aws-lambda-arm64': ({ n, t, m }, a) => (pos(n - a * 1e6) / 1e6) * 0.2 + tiers(pos(((n * up(t, 1)) / 1000) * (up(Math.max(m, 128), 1) / 1024) - a * 400_000), [7.5e9, 0.0000133334], [18.75e9, 0.0000120001], [Infinity, 0.0000106667]),
  'aws-lambda-edge': ({ n, t }) => (n / 1e6) * 0.6 + ((n * up(t, 1)) / 1000) * (128 / 1024) * 0.00005001,
  'azure-consumption': ({ n, t, p }, a) => (pos(n - a * 1e6) / 1e6) * 0.2 + pos(((n * Math.max(t, 100)) / 1000) * (up(p, 128) / 1024) - a * 400_000) * 0.000016,
  'azure-flex': ({ n, t, m }, a) => (pos(n - a * 250_000) / 1e6) * 0.4 + pos(((n * Math.max(up(t, 100), 1000)) / 1000) * ((m > 2048 ? 4096 : 2048) / 1024) - a * 100_000) * 0.000026,
  'google-cloud-run': ({ n, t, m }, a) => {
    const seconds = (n * up(t, 100)) / 1000;
    return (pos(n - a * 2e6) / 1e6) * 0.4 + pos(seconds - a * 180_000) * 0.000024 + pos((seconds * Math.max(m, 512)) / 1024 - a * 360_000) * 0.0000025;
  },
  'google-cloud-run-instances': ({ n, t, m }, a) => {
    const seconds = up((n * t) / 1000, month);
    return pos(seconds - a * 240_000) * 0.000018 + pos((seconds * Math.max(m, 512)) / 1024 - a * 450_000) * 0.000002;
  },
  'cloudflare-standard': ({ n, c }, a) => a * 5 + (pos(n - a * 1e7) / 1e6) * 0.3 + (pos(n * c - a * 3e7) / 1e6) * 0.02,
  'cloudflare-unbound': ({ n, t, c }, a) => a * 5 + (pos(n - a * 1e6) / 1e6) * 0.15 + (pos(((n * Math.max(t, 8 * c)) / 1000) * 0.125 - a * 400_000) / 1e6) * 12.5,
  'cloudflare-free': () => 0,
  'fastly-compute': ({ n, c }, a) => (pos(n - a * 1e7) / 1e6) * 0.5 + (pos(n * c - a * 1e8) / 1e6) * 0.05,
  'deno-deploy-pro': ({ n, t, c, m }, a) => a * 20 + (pos(n - a * 5e6) / 1e6) * 2 + pos((n * c) / 3.6e6 - a * 40) * 0.05 + pos(((n * t) / 3.6e6) * (m / 1024) - a * 1000) * 0.016,
};

export const MODELS = Object.keys(FORMULAE);
/** With allowances and flat fees. */
export const total = (model, workload) => FORMULAE[model](workload, 1);
/** A million such requests, without them. */
export const perMillion = (model, workload) => FORMULAE[model]({ ...workload, n: 1e6 }, 0);
/** As the pages write sums. */
export const dollars = (value) => (value === 0 ? '$0' : value < 0.01 ? `$${value.toPrecision(2)}` : `$${value.toFixed(value < 100 ? 2 : 0)}`);
