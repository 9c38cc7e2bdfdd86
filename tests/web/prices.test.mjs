// The formulae that the pages are held to, held to figures that were worked out elsewhere.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MODELS, total } from './prices.mjs';

/** 15, 3 and 100 million requests. */
const A = { n: 15e6, m: 128, p: 128, t: 60, c: 7 };
const B = { n: 3e6, m: 512, p: 512, t: 120, c: 100 };
const C = { n: 100e6, m: 128, p: 128, t: 8, c: 2 };

test('the formulae give the figures of the reference', () => {
  const month = 730 * 3600;
  const reference = [
    ['aws-lambda-x86', [A, 2.8], [B, 0.4], [C, 19.8]],
    ['aws-lambda-arm64', [C, 19.8], [{ n: 19.75e9 + 400_000, m: 1024, t: 1000, c: 1 }, (19.75e9 + 400_000 - 1e6) * 0.2e-6 + 7.5e9 * 0.0000133334 + 11.25e9 * 0.0000120001 + 1e9 * 0.0000106667]],
    ['azure-consumption', [A, 2.8], [B, 0.4], [C, 33.4]],
    ['azure-flex', [A, 783.3], [B, 154.5], [C, 5237.3]],
    ['google-cloud-run', [A, 37.855], [B, 10.48], [C, 286.48]],
    // One and a half months of a processor's time are two instances: 240,000 and 450,000 seconds are free.
    ['google-cloud-run-instances', [{ n: month * 1.5, m: 512, t: 1000, c: 1 }, (2 * month - 240_000) * 0.000018 + (month - 450_000) * 0.000002]],
    ['aws-lambda-edge', [A, 14.6261], [B, 4.0504], [C, 65.001]],
    ['cloudflare-standard', [A, 8], [B, 10.4], [C, 35.4], [{ n: 720, t: 180_000, c: 180_000 }, 6.992], [{ n: 100e6, t: 7, c: 7 }, 45.4]],
    ['cloudflare-unbound', [{ n: 101e6, t: 100, c: 1 }, 20 + (10.1e6 * 0.125 - 400_000) * 12.5e-6]],
    ['cloudflare-free', [A, 0], [C, 0]],
    ['fastly-compute', [A, 2.75], [B, 10], [C, 50]],
    ['deno-deploy-pro', [{ n: 10e6, m: 512, t: 3600, c: 360 }, 20 + 10 + 960 * 0.05 + 4000 * 0.016]],
  ];
  assert.deepEqual(reference.map(([model]) => model).sort(), [...MODELS].sort(), 'each model has figures');
  for (const [model, ...figures] of reference) {
    for (const [workload, usd] of figures) assert.ok(Math.abs(total(model, workload) - usd) <= 0.000_050_001, `${model}: ${total(model, workload)} and not ${usd}`);
  }
});
