import fc from "fast-check";
import { packAttempts, unpackAttempts } from "../../src/adapters/attempt-text.ts";
import type { DeliveryAttempt } from "../../src/core/delivery-record.ts";

test("any attempts come back as they were packed", () => {
  const attempt = fc.record(
    {
      at: fc.integer(),
      status: fc.integer({ min: 100, max: 599 }),
      outcome: fc.constantFrom<DeliveryAttempt["outcome"]>("delivered", "retry", "rejected", "unauthorized", "expired"),
      reason: fc.string({ unit: "grapheme", maxLength: 40 }),
      batch: fc.integer({ min: 1, max: 5_000 }),
      took_ms: fc.nat(),
    },
    { requiredKeys: ["at", "outcome", "batch", "took_ms"] },
  );
  fc.assert(
    fc.property(fc.array(attempt, { maxLength: 8 }), (it) => {
      expect(unpackAttempts(packAttempts(it))).toEqual(it);
    }),
  );
});
