import fc from "fast-check";
import { createMemoryRateCounters } from "../../src/adapters/memory/rate-counters.ts";
import type { ResolvedSource } from "../../src/config/resolved-config.ts";
import { createSourceRates, RATE_WINDOW_MS, type RateCounters } from "../../src/pipeline/source-rates.ts";

function source(id: string, rateLimit?: number): ResolvedSource {
  return {
    id,
    kind: "server",
    allowedOrigins: [],
    dedupScope: "shop",
    keySecretName: id,
    purchaseEventId: "order_id",
    valueFrom: ["value"],
    ...(rateLimit === undefined ? {} : { rateLimit }),
  };
}

test("a source may use its window up, and is told how much of it is left", async () => {
  let now = 100_000;
  const rates = createSourceRates({ counters: createMemoryRateCounters(), now: () => now });
  const limited = source("shop-web", 2);
  await rates.count(limited, 19);
  expect(rates.refusal(limited)).toBeUndefined();
  await rates.count(limited, 30);
  now += 2_500;
  expect(rates.refusal(limited)).toEqual({ retryAfterSeconds: 8, isFirst: true });
  now += 7_499;
  expect(rates.refusal(limited)).toEqual({ retryAfterSeconds: 1, isFirst: false });
  expect(rates.refusal(source("shop-app", 2))).toBeUndefined();
  now += 1;
  expect(rates.refusal(limited)).toBeUndefined();
});

test("a source without a limit is neither counted nor refused", async () => {
  const asked: string[] = [];
  const counters: RateCounters = { add: async (id) => asked.push(id) };
  const rates = createSourceRates({ counters, now: () => 0 });
  const free = source("shop-server");
  for (let n = 0; n < 50; n += 1) await rates.count(free, 2_500);
  expect(rates.refusal(free)).toBeUndefined();
  expect(asked).toEqual([]);
});

test("what another container sent counts", async () => {
  const counters = createMemoryRateCounters();
  const [one, other] = [0, 1].map(() => createSourceRates({ counters, now: () => 0 }));
  const limited = source("shop-web", 1);
  await one?.count(limited, 10);
  expect(other?.refusal(limited)).toBeUndefined();
  await other?.count(limited, 1);
  expect(other?.refusal(limited)).toBeDefined();
});

test("without the store a container limits by its own count, and refuses nothing else", async () => {
  const counters: RateCounters = { add: async () => Promise.reject(new Error("throttled")) };
  const rates = createSourceRates({ counters, now: () => 0 });
  const limited = source("shop-web", 1);
  await rates.count(limited, 9);
  expect(rates.refusal(limited)).toBeUndefined();
  await rates.count(limited, 1);
  expect(rates.refusal(limited)).toBeDefined();
});

test("a fast source's counts are told in bundles: one item takes a thousand writes a second", async () => {
  const told: number[] = [];
  const counters: RateCounters = { add: async (_, __, events) => told.push(events) };
  const rates = createSourceRates({ counters, now: () => 0 });
  const limited = source("shop-web", 10_000);
  for (let n = 0; n < 100; n += 1) await rates.count(limited, 1);
  expect(told).toEqual([20, 20, 20, 20, 20]);
});

/** One thing that happens: a container gets a request, or the store's oldest answer reaches its container. */
const step = fc.oneof(
  fc.record({ container: fc.nat(7), events: fc.integer({ min: 1, max: 40 }) }),
  fc.constant("answer" as const),
  fc.constant("store" as const),
);

test("however requests, counts and answers of many containers interleave, a window takes no more than the bound", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 50, maxLength: 300 }),
      fc.constantFrom(1, 2, 5, 600, 1_700),
      async (steps, rateLimit) => {
        const shared = createMemoryRateCounters();
        // A count reaches the store some time after it was sent, and its answer the container some time after that.
        const onTheirWay: (() => Promise<void>)[] = [];
        const answers: (() => void)[] = [];
        const counters: RateCounters = {
          add: (...count) =>
            new Promise((resolve) => {
              onTheirWay.push(async () => {
                const sum = await shared.add(...count);
                answers.push(() => resolve(sum));
              });
            }),
        };
        const limited = source("shop-web", rateLimit);
        const containers = Array.from({ length: 8 }, () => ({
          rates: createSourceRates({ counters, now: () => 0 }),
          isBusy: false,
        }));
        // Large requests at high limits, so that a run of a few hundred steps gets there.
        const scale = Math.max(1, Math.floor(rateLimit / 5));
        let taken = 0;
        for (const what of steps) {
          if (what === "store") await onTheirWay.shift()?.();
          else if (what === "answer") answers.shift()?.();
          else {
            const container = containers[what.container];
            // A container works on one request at a time, and answers it when its count is told.
            if (container === undefined || container.isBusy || container.rates.refusal(limited)) continue;
            container.isBusy = true;
            taken += what.events * scale;
            container.rates.count(limited, what.events * scale).then(() => {
              container.isBusy = false;
            });
          }
          await new Promise(setImmediate);
        }
        const allowance = (rateLimit * RATE_WINDOW_MS) / 1_000;
        const largest = 40 * scale + Math.ceil(rateLimit / 500) - 1;
        expect(taken).toBeLessThanOrEqual(allowance - 1 + containers.length * largest);
      },
    ),
    { numRuns: 60 },
  );
});

test("the bound is reached: containers that do not know of each other each take one request more", async () => {
  const shared = createMemoryRateCounters();
  const limited = source("shop-web", 1);
  const rates = Array.from({ length: 5 }, () => createSourceRates({ counters: shared, now: () => 0 }));
  await rates[0]?.count(limited, 9);
  let taken = 9;
  const refusals = rates.map((one) => one.refusal(limited));
  expect(refusals.every((refusal) => refusal === undefined)).toBe(true);
  await Promise.all(rates.map((one) => one.count(limited, 100)));
  taken += 500;
  expect(taken).toBe(10 - 1 + rates.length * 100);
  expect(rates.every((one) => one.refusal(limited) !== undefined)).toBe(true);
});
