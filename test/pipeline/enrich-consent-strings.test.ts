import { createMemoryDeliveryStore } from "../../src/adapters/memory/delivery-store.ts";
import { createMemoryIdentityStore } from "../../src/adapters/memory/identity-store.ts";
import { createMemoryLaneQueues } from "../../src/adapters/memory/lane-queues.ts";
import { DAY_MS } from "../../src/core/durations.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { TCF_VENDORS } from "../../src/core/tcf-vendors.ts";
import { type EnrichSettings, enrichBatch } from "../../src/pipeline/enrich.ts";
import { gppString, tcString } from "../support/consent-strings.ts";
import { purchaseEvent } from "../support/events.ts";
import { testLane } from "../support/lanes.ts";
import { fixedClock, recordingLog, recordingMetrics } from "../support/pipeline-ports.ts";

const NOW = purchaseEvent().received_at + 1_000;
const ALL = { ad_storage: "granted", ad_user_data: "granted", ad_personalization: "granted" } as const;
const settings: EnrichSettings = {
  lanes: [
    testLane("meta"),
    testLane("google", {}, { tcfVendorId: TCF_VENDORS.google }),
    testLane("any", {}, { consent: ["ad_storage"] }),
  ],
  consent: { defaults: [{ countries: ["*"], purposes: { ...ALL, analytics_storage: "granted" } }], honourGpc: true },
  keyEvents: [],
  identityRetentionMs: 365 * 86_400_000,
};

function world() {
  const ports = {
    store: createMemoryDeliveryStore(),
    identities: createMemoryIdentityStore(),
    lanes: createMemoryLaneQueues(["meta", "google", "any"]),
    metrics: recordingMetrics(),
    log: recordingLog(),
    clock: fixedClock(NOW),
  };
  let serial = 0;
  async function take(id: string, changes: Partial<CanonicalEvent>) {
    const event = purchaseEvent({ event_id: id, order_id: id, ...changes });
    serial += 1;
    const body = JSON.stringify({ v: 1, kind: "event", copy_id: `copy-${serial}`, event });
    await enrichBatch([{ messageId: `m-${serial}`, groupId: "g", body }], settings, ports);
    const story = await ports.store.readStory(id, ["shop"]);
    const copies = (lane: string) => ports.lanes.messages(lane).filter((it) => it.event.event_id === id);
    return { story, meta: copies("meta")[0]?.event, google: copies("google")[0]?.event, any: copies("any")[0]?.event };
  }
  return { take };
}

const GRANTING = tcString({ purposes: [1, 3, 4, 7], vendors: { ids: [TCF_VENDORS.google] } });
const REFUSING = tcString({ purposes: [1, 3, 4], vendors: { ids: [TCF_VENDORS.google] } });

test("a string's grant is the person's answer, and the string travels with it", async () => {
  const { meta, google } = await world().take("o-1", { consent: { tcf: GRANTING } });
  for (const copy of [meta, google]) expect(copy?.consent).toMatchObject({ ...ALL, tcf: GRANTING });
});

test("a string's refusal holds for later events of the person that carry none", async () => {
  const { take } = world();
  const ann = { user: { user_id: "ann" } };
  expect((await take("o-1", { ...ann, consent: { tcf: REFUSING } })).meta).toBeUndefined();
  const { meta, story } = await take("o-2", { ...ann, consent: {}, event_time: purchaseEvent().event_time + 1 });
  expect(meta).toBeUndefined();
  expect(JSON.stringify(story)).toContain("ad_user_data denied by the person earlier");
});

test("a company that the string leaves out is refused, the others are not", async () => {
  const string = tcString({ purposes: [1, 3, 4, 7], vendors: { ids: [32] } });
  const { meta, google, story } = await world().take("o-1", { consent: { tcf: string } });
  expect(meta).toBeDefined();
  expect(google).toBeUndefined();
  expect(JSON.stringify(story)).toContain("ad_storage not granted to this vendor by the TCF string");
});

test("a company that the string leaves out gets no later event of the person that carries none", async () => {
  const { take } = world();
  const ann = { user: { user_id: "ann" } };
  await take("o-1", { ...ann, consent: { tcf: tcString({ purposes: [1, 3, 4, 7], vendors: { ids: [32] } }) } });
  const later = await take("o-2", { ...ann, consent: {}, event_time: purchaseEvent().event_time + 1 });
  expect(later.meta?.consent).toMatchObject(ALL);
  expect(later.google).toBeUndefined();
  expect(JSON.stringify(later.story)).toContain("ad_storage not granted to this vendor by the TCF string");
});

test("a company that the string leaves out is refused where nobody is asked about storage", async () => {
  const tcf = tcString({ purposes: [3, 4, 7], vendors: { ids: [32] }, purposeOneTreatment: true });
  const { google, meta } = await world().take("o-1", { consent: { tcf } });
  expect(meta).toBeDefined();
  expect(google).toBeUndefined();
});

describe("a string that a server kept", () => {
  const ann = { user: { user_id: "ann" }, source: { ...purchaseEvent().source, kind: "server" } } as const;
  const at = (days: number) => purchaseEvent().event_time + days * DAY_MS;
  /** Of the day before the first event, as most consent managers date theirs. */
  const yesterday = at(-1) - (at(-1) % DAY_MS);
  const kept = tcString({ purposes: [1, 3, 4, 7], vendors: { ids: [TCF_VENDORS.google] }, updatedAt: yesterday });

  test("grants what nobody refused since", async () => {
    const { meta } = await world().take("o-1", { ...ann, consent: { tcf: kept } });
    expect(meta?.consent).toMatchObject({ ...ALL, tcf: kept });
  });

  test("takes back no refusal that the person gave since: not for its own event, and not for the next one", async () => {
    const { take } = world();
    await take("o-1", { ...ann, consent: { ad_user_data: "denied" }, event_time: at(0) });
    const second = await take("o-2", { ...ann, consent: { tcf: kept }, event_time: at(1) });
    expect(second.meta).toBeUndefined();
    expect(JSON.stringify(second.story)).toContain("ad_user_data denied by the person earlier");
    const third = await take("o-3", { ...ann, consent: {}, event_time: at(2) });
    expect(third.meta).toBeUndefined();
  });

  test("is taken off where the refusal lets an event through, and fills in no hash", async () => {
    const { take } = world();
    await take("o-1", { ...ann, user: { user_id: "ann", email: "ann@example.com" }, event_time: at(-2) });
    await take("o-2", { ...ann, consent: { ad_user_data: "denied" }, event_time: at(0) });
    const { any } = await take("o-3", { ...ann, consent: { tcf: kept }, event_time: at(1) });
    expect(any?.consent).toMatchObject({ ad_storage: "granted", ad_user_data: "denied" });
    expect(any?.consent).not.toHaveProperty("tcf");
    expect(any?.known).not.toHaveProperty("hashes");
  });

  test("gives way to the string of an answer since, in whatever order they come", async () => {
    const { take } = world();
    const newer = tcString({ purposes: [1, 3, 4], updatedAt: at(0) });
    await take("o-1", { ...ann, consent: { tcf: newer }, event_time: at(1) });
    expect((await take("o-2", { ...ann, consent: { tcf: kept }, event_time: at(2) })).meta).toBeUndefined();
    const again = tcString({ purposes: [1, 3, 4, 7], updatedAt: at(3) });
    expect((await take("o-3", { ...ann, consent: { tcf: again }, event_time: at(3) })).meta).toBeDefined();
    expect((await take("o-4", { ...ann, consent: {}, event_time: at(4) })).meta).toBeDefined();
  });

  test("lets in no company that a string since left out", async () => {
    const { take } = world();
    const newer = tcString({ purposes: [1, 3, 4, 7], vendors: { ids: [32] }, updatedAt: at(0) });
    await take("o-1", { ...ann, consent: { tcf: newer }, event_time: at(0) });
    const { google, meta } = await take("o-2", { ...ann, consent: { tcf: kept }, event_time: at(1) });
    expect(google).toBeUndefined();
    expect(meta?.consent).toMatchObject(ALL);
    expect(meta?.consent).not.toHaveProperty("tcf");
  });

  test("and the person's own word with it, which is of now, grants", async () => {
    const { take } = world();
    await take("o-1", { ...ann, consent: { ad_user_data: "denied" }, event_time: at(0) });
    const { meta } = await take("o-2", { ...ann, consent: { ...ALL, tcf: kept }, event_time: at(1) });
    expect(meta?.consent).toMatchObject(ALL);
  });
});

describe("a string of before that the browser shows", () => {
  const ann = { user: { user_id: "ann" } };
  const atBackEnd = { ...ann, source: { ...purchaseEvent().source, kind: "server" } } as const;
  const at = (days: number) => purchaseEvent().event_time + days * DAY_MS;
  const ofBefore = tcString({ purposes: [1, 3, 4, 7], vendors: { ids: [TCF_VENDORS.google] }, updatedAt: at(-23) });
  const REFUSED = { ad_storage: "denied", ad_user_data: "denied", ad_personalization: "denied" } as const;

  test("grants for its event and for others where a tag had said denied before the banner was there", async () => {
    const { take } = world();
    await take("o-1", { ...ann, consent: REFUSED, event_time: at(0) });
    const { meta } = await take("o-2", { ...ann, consent: { tcf: ofBefore }, event_time: at(0) + 1_000 });
    expect(meta?.consent).toMatchObject({ ...ALL, tcf: ofBefore });
    expect((await take("o-3", { ...atBackEnd, consent: {}, event_time: at(0) + 2_000 })).meta).toBeDefined();
  });

  test("grants nothing that the person refused at a back end since, until they say otherwise", async () => {
    const { take } = world();
    await take("o-1", { ...atBackEnd, consent: REFUSED, event_time: at(-1) });
    const { meta, story } = await take("o-2", { ...ann, consent: { tcf: ofBefore }, event_time: at(0) });
    expect(meta).toBeUndefined();
    expect(JSON.stringify(story)).toContain("ad_user_data denied by the person earlier");
    expect((await take("o-3", { ...atBackEnd, consent: {}, event_time: at(1) })).meta).toBeUndefined();
    const again = tcString({ purposes: [1, 3, 4, 7], vendors: { ids: [TCF_VENDORS.google] }, updatedAt: at(1) });
    expect((await take("o-4", { ...ann, consent: { tcf: again }, event_time: at(2) })).meta).toBeDefined();
    expect((await take("o-5", { ...atBackEnd, consent: {}, event_time: at(3) })).meta).toBeDefined();
  });

  test("grants again after a back end had passed on what the tag said, once the person accepts", async () => {
    const { take } = world();
    await take("o-1", { ...atBackEnd, consent: REFUSED, event_time: at(0) });
    await take("o-2", { ...ann, consent: ALL, event_time: at(0) + 1_000 });
    const { meta } = await take("o-3", { ...ann, consent: { tcf: ofBefore }, event_time: at(1) });
    expect(meta?.consent).toMatchObject({ ...ALL, tcf: ofBefore });
  });
});

test("what is no consent string does not go on", async () => {
  const { meta } = await world().take("o-1", { consent: { ...ALL, tcf: "CPX", gpp: "none", us_privacy: "yes" } });
  expect(meta?.consent).toEqual(ALL);
});

test.each<[string, CanonicalEvent["consent"]]>([
  ["the sender's own word", { tcf: GRANTING, ad_personalization: "denied" }],
  ["another string", { tcf: GRANTING, us_privacy: "1YYN" }],
  ["Global Privacy Control", { tcf: GRANTING, gpc: true }],
])("a string that grants what is refused by %s does not go on", async (_, consent) => {
  const lanes = [testLane("meta", {}, { consent: ["ad_storage"] })];
  const ports = createMemoryLaneQueues(["meta"]);
  const event = purchaseEvent({ consent: consent ?? {} });
  const body = JSON.stringify({ v: 1, kind: "event", copy_id: "copy", event });
  await enrichBatch(
    [{ messageId: "m", groupId: "g", body }],
    { ...settings, lanes },
    {
      store: createMemoryDeliveryStore(),
      identities: createMemoryIdentityStore(),
      lanes: ports,
      metrics: recordingMetrics(),
      log: recordingLog(),
      clock: fixedClock(NOW),
    },
  );
  const [copy] = ports.messages("meta");
  expect(copy?.event.consent).toMatchObject({ ad_personalization: "denied" });
  expect(copy?.event.consent).not.toHaveProperty("tcf");
});

test("what says nothing is told with the event, and is no answer", async () => {
  const { story, meta } = await world().take("o-1", { consent: { tcf: "CPX", gpp: gppString({ 28: "B" }) } });
  expect(JSON.stringify(story)).toContain("consent.tcf is no whole TC string of TCF 2");
  expect(JSON.stringify(story)).toContain("consent.gpp has sections that are not read: 28");
  expect(JSON.stringify(story)).toContain("granted by default in DE");
  expect(meta?.consent).not.toHaveProperty("ad_storage");
});
