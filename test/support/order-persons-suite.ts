import type { EventStory } from "../../src/core/delivery-record.ts";
import { DAY_MS } from "../../src/core/durations.ts";
import type { EventKey } from "../../src/core/event-key.ts";
import { MOST_EVENTS_OF_ORDER, type OrderPersons } from "../../src/pipeline/order-persons.ts";
import type { DeliveryStore } from "../../src/pipeline/ports.ts";
import { KEY, STORY } from "./delivery-store-suite.ts";

const NOON = Date.UTC(2026, 10, 23, 12);

const BY_DEFAULT = { value: "denied", by: "default" } as const;
const SEEN = {
  ad_storage: BY_DEFAULT,
  ad_user_data: BY_DEFAULT,
  ad_personalization: BY_DEFAULT,
  analytics_storage: BY_DEFAULT,
};

/** A store and who looks orders up in it. */
export interface OrdersWorld {
  readonly store: DeliveryStore;
  readonly orders: OrderPersons;
}

/** What everything does that tells whose an order was. `create` answers an empty one. */
export function orderPersonsSuite(create: (now: () => number) => Promise<OrdersWorld>): void {
  const time = { now: NOON };
  let store: DeliveryStore;
  let orders: OrderPersons;
  beforeEach(async () => {
    time.now = NOON;
    ({ store, orders } = await create(() => time.now));
  });

  const claim = (key: Partial<EventKey>, person_id?: string, story: Partial<EventStory> = {}) => {
    const identity = { filled: [], learned: [], ...(person_id === undefined ? {} : { person_id }) };
    const whole = { ...KEY, ...key };
    return store.claim(whole, `copy of ${whole.event_id}`, { ...STORY, ...story, received_at: time.now, identity });
  };
  const purchasers = async (orderId = "100017", scope = "shop") =>
    [...(await orders.purchasersOf(scope, orderId)).ids].sort();

  test("the person of the purchase is told, and not those of other events or of nobody", async () => {
    await claim({}, "p-1");
    await claim({ event_name: "refund", event_id: "refund-1" }, "p-2");
    await claim({ event_name: "begin_checkout", event_id: "checkout-1" }, "p-3");
    await claim({ event_name: "custom", custom_name: "purchase", event_id: "custom-1" }, "p-4");
    await claim({ event_id: "without" });
    expect(await purchasers()).toEqual(["p-1"]);
  });

  test("an order of another scope, or that nobody knows, is nobody's", async () => {
    await claim({ dedup_scope: "till" }, "p-1");
    await claim({ event_id: "other" }, "p-2", { order_id: "other" });
    expect(await purchasers()).toEqual([]);
    expect(await purchasers("nowhere")).toEqual([]);
    expect(await purchasers("100017", "till")).toEqual(["p-1"]);
  });

  test("each person of several purchases is told once", async () => {
    await claim({ event_id: "a" }, "p-1");
    await claim({ event_id: "b" }, "p-2");
    await claim({ event_id: "c" }, "p-1");
    expect(await purchasers()).toEqual(["p-1", "p-2"]);
  });

  test("an id that more events carry than one order has is nobody's", async () => {
    await claim({}, "p-1");
    const others = Array.from({ length: MOST_EVENTS_OF_ORDER - 1 }, (_, n) => n);
    for (const n of others) await claim({ event_name: "refund", event_id: `refund-${n}` });
    expect(await purchasers()).toEqual(["p-1"]);
    await claim({ event_name: "refund", event_id: "one-too-many" });
    expect(await purchasers()).toEqual([]);
  });

  test("where the purchases belonged to is told, each place once", async () => {
    const seen = (places: string[]) => ({ consent: { ...SEEN, places } });
    await claim({ event_id: "a" }, "p-1", seen(["DE"]));
    await claim({ event_id: "b" }, "p-1", seen(["DE", "US-CA"]));
    await claim({ event_name: "refund", event_id: "refund-1" }, "p-1", seen(["FR"]));
    expect([...(await orders.purchasersOf("shop", "100017")).places].sort()).toEqual(["DE", "US-CA"]);
  });

  test("a purchase past its time tells nothing", async () => {
    await claim({}, "p-1");
    time.now += 31 * DAY_MS;
    expect(await purchasers()).toEqual([]);
  });
}
