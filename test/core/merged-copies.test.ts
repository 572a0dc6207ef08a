import fc from "fast-check";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { mergedEvent, partsOf } from "../../src/core/merged-copies.ts";
import { arbitraryEvents } from "../support/arbitrary-events.ts";
import { hashedEvent } from "../support/events.ts";

const AS_SERVER = { id: "back-end", kind: "server", dialect: "tracklayer", dedup_scope: "shop" } as const;

/** What a tag knows of a purchase, and what the shop's back end does. */
const BROWSER = hashedEvent({
  user: { anonymous_id: "anon", ip: "203.0.113.7", user_agent: "Firefox" },
  browser_ids: { fbp: "fb.1.1700000000000.1", fbc: "fb.1.1700000000000.click" },
  click_ids: { fbclid: { value: "click", seen_at: 1_700_000_000_000 } },
  value: "149",
  items: [{ id: "shown" }],
});
const SERVER = hashedEvent({
  source: AS_SERVER,
  action_source: "other",
  page: { url: "https://internal.example/checkout" },
  user: { user_id: "u-1", email: "ada@lovelace.dev", phone: "+4915112345678", ip: "198.51.100.1", user_agent: "curl" },
  browser_ids: {},
  value: "149.85",
  items: [{ id: "sku-1", price: "49.95", quantity: 3 }],
});

const asCopy = (event: CanonicalEvent) => ({ kind: event.source.kind, parts: partsOf(event) });

describe("who is believed, whichever came first", () => {
  test.each([
    ["the browser's first", mergedEvent(BROWSER, [asCopy(SERVER)])],
    ["the server's first", mergedEvent(SERVER, [asCopy(BROWSER)])],
  ])("%s", (_, merged) => {
    expect(merged).toMatchObject({
      action_source: "website",
      page: BROWSER.page,
      user: {
        user_id: "u-1",
        anonymous_id: "anon",
        email: "ada@lovelace.dev",
        phone: "+4915112345678",
        ip: "203.0.113.7",
        user_agent: "Firefox",
      },
      hashes: SERVER.hashes,
      browser_ids: BROWSER.browser_ids,
      click_ids: BROWSER.click_ids,
      value: "149.85",
      items: SERVER.items,
    });
  });

  test("the campaigns that either copy's person is known by", () => {
    const campaigns = { first: { source: "google", at: 1 }, last: { source: "google", at: 1 } };
    const browser = { ...BROWSER, known: { person_id: "p", campaigns } };
    const server = { ...SERVER, known: { person_id: "p" } };
    expect(mergedEvent(browser, [asCopy(server)]).known).toEqual({ person_id: "p", campaigns });
    expect(mergedEvent(server, [asCopy(browser)]).known).toEqual({ person_id: "p", campaigns });
  });

  test("time, id and source stay those of the copy that was claimed", () => {
    const late = { ...BROWSER, event_time: BROWSER.event_time + 60_000, received_at: BROWSER.received_at + 4_000 };
    const { event_time, received_at, source } = mergedEvent(SERVER, [asCopy(late)]);
    expect({ event_time, received_at, source }).toEqual({
      event_time: SERVER.event_time,
      received_at: SERVER.received_at,
      source: AS_SERVER,
    });
  });

  test("a contact's hashes go with it: none of another address is left", () => {
    const other = hashedEvent({ user: { email: "old@example.com" } });
    const merged = mergedEvent(other, [asCopy(SERVER)]);
    expect(merged.hashes).toEqual(SERVER.hashes);
    const known = { person_id: "p", hashes: other.hashes ?? {} };
    expect(mergedEvent({ ...BROWSER, known }, [asCopy(SERVER)]).known).toEqual({ person_id: "p" });
  });

  test("prices in another currency than the value's are left out, not sent as if they were in it", () => {
    const { items: _, ...priceless } = { ...SERVER, value: "92.10", currency: "EUR", discount: "5" };
    const shown = { id: "sku-1", price: "100", quantity: 1, discount: "7" };
    const browser = { ...BROWSER, value: "100", currency: "USD", tax: "8", shipping: "3", items: [shown] };
    for (const merged of [mergedEvent(browser, [asCopy(priceless)]), mergedEvent(priceless, [asCopy(browser)])]) {
      expect(merged).toMatchObject({ value: "92.10", currency: "EUR", discount: "5" });
      expect(merged.items).toEqual([{ id: "sku-1", quantity: 1 }]);
      expect(merged).not.toHaveProperty("tax");
      expect(merged).not.toHaveProperty("shipping");
    }
    const { currency: __, ...unnamed } = browser;
    expect(mergedEvent(unnamed, [asCopy(priceless)])).toMatchObject({ items: [shown], tax: "8" });
  });

  test("an amount keeps its own currency, and takes another copy's only where it has none", () => {
    const { currency: _, ...bare } = SERVER;
    expect(mergedEvent({ ...BROWSER, currency: "USD" }, [asCopy(SERVER)])).toMatchObject({ currency: "EUR" });
    expect(mergedEvent({ ...BROWSER, currency: "USD" }, [asCopy(bare)])).toMatchObject({ currency: "USD" });
    const { value: __, ...unpaid } = SERVER;
    expect(mergedEvent({ ...BROWSER, currency: "USD" }, [asCopy(unpaid)])).toMatchObject({
      value: "149",
      currency: "USD",
    });
  });

  test("an address is one copy's; a country may be the other's", () => {
    const browser = { ...BROWSER, user: { ...BROWSER.user, country: "FR" } };
    const billed = { ...SERVER, user: { ...SERVER.user, city: "Berlin", postal_code: "10115", country: "DE" } };
    const asked = { ...BROWSER, user: { ...BROWSER.user, city: "Paris", street: "Rue 1" } };
    expect(mergedEvent(browser, [asCopy(SERVER)]).user).toMatchObject({ country: "FR" });
    const { user } = mergedEvent(asked, [asCopy(billed)]);
    expect(user).toMatchObject({ city: "Berlin", postal_code: "10115", country: "DE" });
    expect(user.street).toBeUndefined();
  });

  test("of one click the first sight counts, and a kept fbc of another click is left out", () => {
    const earlier = { fbclid: { value: "click", seen_at: 1_600_000_000_000 } };
    expect(mergedEvent(BROWSER, [asCopy({ ...SERVER, click_ids: earlier })]).click_ids).toEqual(earlier);
    const known = { person_id: "p", browser_ids: { fbc: "fb.1.1.old", ttp: "kept-tiktok" } };
    const { fbc: _, ...withoutFbc } = BROWSER.browser_ids ?? {};
    const merged = mergedEvent({ ...SERVER, known }, [asCopy({ ...BROWSER, browser_ids: withoutFbc })]);
    expect(merged.known?.browser_ids).toEqual({ ttp: "kept-tiktok" });
  });

  test("two servers: the first one's word stands, the second fills the gaps", () => {
    const second = { ...SERVER, source: { ...AS_SERVER, id: "stripe" }, value: "1", coupon: "C" };
    expect(mergedEvent(SERVER, [asCopy(second)])).toMatchObject({ value: "149.85", coupon: "C" });
  });
});

/** What makes up identity: everything in which the order must not show. */
function identity({ browser_ids, click_ids, hashes, phone_e164, user }: CanonicalEvent) {
  return { browser_ids, click_ids, hashes, phone_e164, user };
}

describe("for any two copies of a browser and a server", () => {
  const pairs = fc.tuple(arbitraryEvents, arbitraryEvents).map(([a, b]): [CanonicalEvent, CanonicalEvent] => [
    { ...a, source: { ...a.source, kind: "browser" } },
    { ...b, source: { ...b.source, kind: "server" } },
  ]);

  test("the order changes no identifier", () => {
    fc.assert(
      fc.property(pairs, ([browser, server]) => {
        const forward = identity(mergedEvent(browser, [asCopy(server)]));
        const backward = identity(mergedEvent(server, [asCopy(browser)]));
        expect(forward).toEqual(backward);
      }),
    );
  });

  test("merging again changes nothing", () => {
    fc.assert(
      fc.property(pairs, ([browser, server]) => {
        const once = mergedEvent(browser, [asCopy(server)]);
        expect(mergedEvent(once, [asCopy(server)])).toEqual(once);
      }),
    );
  });

  test("nothing is in the union that no copy said", () => {
    fc.assert(
      fc.property(pairs, ([browser, server]) => {
        const { user } = mergedEvent(browser, [asCopy(server)]);
        for (const [field, value] of Object.entries(user)) {
          const said = [browser.user, server.user].map((it) => it[field as keyof typeof it]);
          expect(said).toContain(value);
        }
      }),
    );
  });
});

describe("what the graph knew of contacts", () => {
  const graph = {
    person_id: "p",
    hashes: SERVER.hashes ?? {},
    contacts: { email: "ada@lovelace.dev", phone: "+4915112345678" },
  };
  const silent = { ...SERVER, user: { user_id: "u-1" }, hashes: {}, known: graph };

  test("is the union's where neither copy says any, hashes and texts together", () => {
    expect(mergedEvent(BROWSER, [asCopy(silent)]).known).toMatchObject(graph);
    expect(mergedEvent(silent, [asCopy(BROWSER)]).known).toMatchObject(graph);
  });

  test("goes, kind by kind, where a copy says its own", () => {
    const own = hashedEvent({ user: { email: "own@example.org" }, browser_ids: {} });
    const { known } = mergedEvent(own, [asCopy(silent)]);
    expect(known?.contacts).toEqual({ phone: "+4915112345678" });
    expect(Object.keys(known?.hashes ?? {}).filter((variant) => variant.startsWith("email"))).toEqual([]);
  });

  test("are texts of the copy whose hashes they are", () => {
    const another = { person_id: "p", hashes: { email_plain: "h" } };
    const first = { ...silent, known: another };
    expect(mergedEvent(first, [asCopy(silent)]).known?.contacts).toEqual({ phone: "+4915112345678" });
  });

  test.each<[string, Partial<CanonicalEvent>]>([
    ["by an account", { user: { user_id: "u-2" }, known: { person_id: "q" } }],
    ["by an address", { ...hashedEvent({ user: { email: "own@example.org" } }), known: { person_id: "q" } }],
    ["by what the graph knows of the account", { user: {}, known: { person_id: "q", user_id: "u-2" } }],
    ["by what the graph knows of the address", { user: {}, known: { person_id: "q", hashes: { email_plain: "h" } } }],
  ])(
    "are not another's than whom the server names %s: at a shared device the graph knows who was there before",
    (_, said) => {
      const device = { ...BROWSER, known: { ...graph, user_id: "u-1", browser_ids: { ttp: "kept" } } };
      const { hashes: __, ...unnamed } = SERVER;
      const server: CanonicalEvent = { ...unnamed, ...said, source: AS_SERVER, browser_ids: {} };
      for (const { known } of [mergedEvent(device, [asCopy(server)]), mergedEvent(server, [asCopy(device)])]) {
        expect(known).toEqual({
          ...server.known,
          other_person_ids: ["p"],
          browser_ids: { ttp: "kept" },
        });
      }
    },
  );

  test("are the device's, where the server names nobody, though the graph knows it by another id", () => {
    const device = { ...BROWSER, known: graph };
    const server = { ...SERVER, user: {}, hashes: {}, known: { person_id: "q" } };
    expect(mergedEvent(device, [asCopy(server)]).known).toMatchObject({
      hashes: graph.hashes,
      contacts: graph.contacts,
    });
  });

  test("completes a sender's digest of that very address, and no other's", () => {
    const digest = SERVER.hashes?.email_plain ?? "";
    const hashed = (sent: string) => ({ ...silent, user: { user_id: "u-1", email_sha256: sent } });
    expect(mergedEvent(hashed(digest), []).known).toMatchObject(graph);
    const other = mergedEvent(hashed("b".repeat(64)), []).known;
    expect(other?.contacts).toEqual({ phone: "+4915112345678" });
    expect(other?.hashes).not.toHaveProperty("email_plain");
  });
});
