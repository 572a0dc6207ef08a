import type { ArchivedEvent } from "../../src/core/archived-event.ts";
import type { ConsentRule } from "../../src/core/consent-firewall.ts";
import { HOUR_MS } from "../../src/core/durations.ts";
import { GRANTED, GRANTED_BY_DEFAULT } from "../support/consent-answers.ts";
import { hashedEvent } from "../support/events.ts";
import { testLane } from "../support/lanes.ts";
import { replayWorld, START } from "../support/replay-world.ts";

const EVENT = hashedEvent({ event_id: "e1", user: { ip: "203.0.113.7", user_agent: "Firefox" } });
const FIRST: ArchivedEvent = {
  v: 1,
  archived_at: START + 1_000,
  copy_id: "first",
  merge_until: START + 30_000,
  undecided: [],
  event: EVENT,
  consent: GRANTED,
  decisions: [{ lane: "meta", send: true }],
};
const LATER: ArchivedEvent = {
  ...FIRST,
  archived_at: START + 2_000,
  copy_id: "second",
  copy_of: { received_at: EVENT.received_at, source: "web" },
  event: {
    ...hashedEvent({ event_id: "e1", user: { email: "ada@lovelace.dev" } }),
    source: { id: "server", kind: "server", dialect: "tracklayer", dedup_scope: "shop" },
    received_at: EVENT.received_at + 1_500,
  },
};

/** What a replay puts on the lane, where the config has this to say of it. */
async function replayed(consentRules: readonly ConsentRule[], later: Partial<ArchivedEvent> = {}) {
  const rules = {
    lanes: [testLane("meta", { consentRules })],
    consent: GRANTED_BY_DEFAULT,
  };
  const world = replayWorld({ rules });
  world.clock.set(START + 3_000);
  await world.archive.put([FIRST, { ...LATER, ...later }]);
  await world.end(EVENT, "meta", "expired");
  world.clock.set(START + HOUR_MS);
  await world.replay({ from: START, to: START + HOUR_MS });
  return world.queues.messages("meta")[0]?.event;
}

test("a replay sends what the copies are together", async () => {
  expect(await replayed([])).toMatchObject({
    user: { ip: "203.0.113.7" },
    hashes: { email_plain: expect.any(String) },
  });
});

test.each<[string, ConsentRule]>([
  ["holds back what comes from a source", { sources: ["server"], send: "drop" }],
  ["keeps a field of a source from it", { sources: ["server"], denyFields: ["user.email"] }],
])("but gets nothing of a copy whose source another rule is for: one that %s", async (_, rule) => {
  const event = await replayed([rule]);
  expect(event?.user).toEqual({ ip: "203.0.113.7", user_agent: "Firefox" });
  expect(event?.hashes ?? {}).toEqual({});
});

test("what the graph filled into a copy that is left goes for the refusal in one that is not", async () => {
  const known = { person_id: "ann", hashes: { email_plain: "hash" } };
  const refused = { ...GRANTED, ad_user_data: "denied" } as const;
  const rule: ConsentRule = { sources: ["server"], denyFields: ["user.city"] };
  const lanes = [testLane("meta", { consentRules: [rule] }, { consent: ["ad_storage"] })];
  const sentWith = async (consent: ArchivedEvent["consent"]) => {
    const world = replayWorld({ rules: { lanes, consent: GRANTED_BY_DEFAULT } });
    world.clock.set(START + 3_000);
    await world.archive.put([
      { ...FIRST, event: { ...EVENT, known } },
      { ...LATER, consent },
    ]);
    await world.end(EVENT, "meta", "expired");
    world.clock.set(START + HOUR_MS);
    await world.replay({ from: START, to: START + HOUR_MS });
    return world.queues.messages("meta")[0]?.event.known;
  };
  expect(await sentWith(GRANTED)).toEqual(known);
  expect(await sentWith(refused)).toEqual({ person_id: "ann" });
});

test("a refusal in such a copy holds all the same", async () => {
  const rule: ConsentRule = { sources: ["server"], send: "without_identifiers" };
  const refused = { ...GRANTED, ad_user_data: "denied" } as const;
  expect(await replayed([rule], { consent: refused })).toBeUndefined();
});
