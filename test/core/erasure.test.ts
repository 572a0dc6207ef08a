import { ERASURE_REACH_MS, erasureKeys, mayBeErased, tombstoneOf } from "../../src/core/erasure.ts";
import { graphIdentifiers } from "../../src/core/identity-identifiers.ts";
import { eventForLane } from "../../src/core/routing.ts";
import { hashedEvent } from "../support/events.ts";
import { testLane } from "../support/lanes.ts";

test("an event's keys are those of the graph, as long as anything names its person", () => {
  const event = hashedEvent({ known: { person_id: "p1" } });
  const named = graphIdentifiers(event).filter(({ strong }) => strong);
  expect(named.length).toBe(3);
  expect(erasureKeys(event).sort()).toEqual([...named.map(({ key }) => key), "person#p1"].sort());
});

test("a browser's ids count only where nothing else says whose it is", () => {
  const browser = hashedEvent({ user: { anonymous_id: "device-1" } });
  expect(erasureKeys(browser).sort()).toEqual(
    graphIdentifiers(browser)
      .map(({ key }) => key)
      .sort(),
  );
  const ofSomebody = { ...browser, known: { person_id: "p2" } };
  expect(erasureKeys(ofSomebody)).toEqual(["person#p2"]);
});

test("an event made of two copies is of whom either was taken to be of", () => {
  const browser = hashedEvent({ user: {} });
  const merged = { ...browser, known: { person_id: "p1", other_person_ids: ["p2", "p3"] } };
  expect(erasureKeys(merged)).toEqual(["person#p1", "person#p2", "person#p3"]);
});

test("a lane's copy without raw contacts has the same keys", () => {
  const event = hashedEvent();
  const cut = eventForLane(event, {}, testLane("meta"));
  expect(cut.user.email).toBeUndefined();
  expect(erasureKeys(cut)).toEqual(erasureKeys(event));
});

test("a contact that the sender hashed has the key of the contact", () => {
  const { hashes = {} } = hashedEvent();
  const sent = hashedEvent({ user: { email_sha256: hashes.email_plain ?? "" } });
  const { hashes: _, ...withoutOurs } = sent;
  expect(erasureKeys(withoutOurs)).toEqual([`email#${hashes.email_plain}`]);
});

test("an event is looked up when it is not surely from after the last erasure", () => {
  const head = { secret: "s", last_at: 1_000, until: 9 };
  expect(mayBeErased({ received_at: 1_000 + ERASURE_REACH_MS }, head)).toBe(true);
  expect(mayBeErased({ received_at: 1_001 + ERASURE_REACH_MS }, head)).toBe(false);
});

test("a tombstone's name depends on the secret, tells nothing of the key, and is fit for a key of a table", () => {
  const name = tombstoneOf("email#abc", { secret: "one" });
  expect(name).toMatch(/^[\w-]{22}$/);
  expect(tombstoneOf("email#abc", { secret: "one" })).toBe(name);
  expect(tombstoneOf("email#abc", { secret: "two" })).not.toBe(name);
  expect(tombstoneOf("email#abd", { secret: "one" })).not.toBe(name);
});
