import fc from "fast-check";
import { commissionShares } from "../../src/destinations/awin/commission.ts";
import { orderReference } from "../../src/destinations/awin/order-reference.ts";
import { purchaseEvent } from "../support/events.ts";

describe("an order's amount by commission group", () => {
  const totals = fc.bigInt({ min: 1n, max: 10n ** 15n });
  const weights = fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), fc.bigInt({ min: 0n, max: 10n ** 13n }));

  test("adds up to the cent, without groups of nothing", () => {
    fc.assert(
      fc.property(totals, weights, (total, byCode) => {
        const shares = commissionShares(total, new Map(Object.entries(byCode)), "DEFAULT");
        expect(shares.reduce((sum, { cents }) => sum + cents, 0n)).toBe(total);
        expect(shares.every(({ cents }) => cents > 0n)).toBe(true);
      }),
    );
  });

  test("gives no group a cent more or less than its part", () => {
    fc.assert(
      fc.property(totals, weights, (total, byCode) => {
        const sum = Object.values(byCode).reduce((all, weight) => all + weight, 0n);
        fc.pre(sum > 0n);
        const shares = new Map(
          commissionShares(total, new Map(Object.entries(byCode)), "D").map((s) => [s.code, s.cents]),
        );
        for (const [code, weight] of Object.entries(byCode)) {
          const distance = (shares.get(code) ?? 0n) * sum - total * weight;
          expect(distance < sum && -distance < sum).toBe(true);
        }
      }),
    );
  });

  test("is the fallback's when no product has a price", () => {
    expect(commissionShares(500n, new Map(), "LEAD")).toEqual([{ code: "LEAD", cents: 500n }]);
    expect(commissionShares(500n, new Map([["A", 0n]]), "LEAD")).toEqual([{ code: "LEAD", cents: 500n }]);
  });
});

describe("an order's reference", () => {
  const reference = (order_id: string) => orderReference(purchaseEvent({ order_id }));

  test("is what Awin neither cuts nor refuses", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 200, unit: "binary" }), (id) => {
        const made = reference(id);
        expect([...made].length).toBeLessThanOrEqual(50);
        expect(made).not.toContain("|");
        expect(made.trim()).not.toBe("");
        expect(made.isWellFormed()).toBe(id.isWellFormed());
      }),
    );
  });

  test("tells long ids apart that begin alike", () => {
    expect(reference(`${"0".repeat(60)}1`)).not.toBe(reference(`${"0".repeat(60)}2`));
    expect(reference("A|B")).not.toBe(reference("A-B"));
  });
});
