import { createMemoryIdentityStore } from "../../src/adapters/memory/identity-store.ts";
import type { ConsentState } from "../../src/core/consent.ts";
import { answersOf, mergeAnswers } from "../../src/core/consent-memory.ts";
import { HOUR_MS } from "../../src/core/durations.ts";
import type { Person } from "../../src/core/identity.ts";
import type { IdentityStore } from "../../src/pipeline/identity.ts";
import { identityPerson } from "../support/identity-person.ts";
import { fakeDestination, idsOf, laneMessage, laneWorld, NOW, purchase } from "../support/lane-world.ts";

const WAITED = { enqueued_at: NOW - HOUR_MS };
const EVENT_TIME = NOW - 60_000;

function said(consent: ConsentState, eventTime: number, scope = "shop") {
  return answersOf({ consent, event_time: eventTime, source: { dedup_scope: scope, kind: "browser" } }, true);
}

async function worldWith(persons: readonly Person[], more: Parameters<typeof laneWorld>[0] = {}) {
  const identities = createMemoryIdentityStore({ now: () => NOW });
  for (const it of persons) await identities.savePerson(it);
  const asked: string[][] = [];
  const counting: Pick<IdentityStore, "readPersons"> = {
    readPersons(ids) {
      asked.push([...ids]);
      return identities.readPersons(ids);
    },
  };
  return { ...laneWorld({ ...more, deps: { identities: counting, ...more.deps } }), asked };
}

const ofAnn = purchase("e1", { known: { person_id: "ann" } });
const REFUSED = said({ ad_user_data: "denied" }, EVENT_TIME + 1);

test.each([
  ["waited for more than a minute", laneMessage(ofAnn, { enqueued_at: NOW - 60_001 })],
  ["waited for its other copy, however short", laneMessage(ofAnn, { merge: { until: NOW - 1 } })],
  ["is tried again", { ...laneMessage(ofAnn), receiveCount: 2 }],
  ["was redriven", laneMessage(ofAnn, { dead_lettered_at: NOW - 1 })],
  ["is replayed", laneMessage(ofAnn, { enqueued_at: NOW, replay: { job: "j", requested_at: NOW } })],
])("G21: an event that %s is not sent when its person refused since", async (_, message) => {
  const world = await worldWith([identityPerson("ann", { answers: REFUSED })]);
  expect(await world.deliver([message])).toEqual({ failures: [] });
  expect(world.http.sent).toEqual([]);
  const skip = { code: "consent", detail: "ad_user_data denied by the person after the event" };
  expect(await world.record(ofAnn)).toMatchObject({ state: "skipped", skip });
});

test("an event is not sent to a company that a later TC string of its person leaves out", async () => {
  const answers = said({ ad_user_data: "granted", refused_to: { ad_user_data: [755] } }, EVENT_TIME + 1);
  const sentTo = async (tcfVendorId: number) => {
    const destination = { ...fakeDestination(), tcfVendorId };
    const world = await worldWith([identityPerson("ann", { answers })], { destination });
    await world.deliver([laneMessage(ofAnn, WAITED)]);
    return world.http.sent.length;
  };
  expect(await sentTo(755)).toBe(0);
  expect(await sentTo(793)).toBe(1);
});

test("an event that a kept string granted is held against what its person refused since the string", async () => {
  const consent = { ad_user_data: "granted", answered_at: { ad_user_data: EVENT_TIME - HOUR_MS } } as const;
  const ofString = purchase("e1", { known: { person_id: "ann" }, consent });
  const sentWhen = async (refusedAt: number) => {
    const answers = said({ ad_user_data: "denied" }, refusedAt);
    const world = await worldWith([identityPerson("ann", { answers })]);
    await world.deliver([laneMessage(ofString, WAITED)]);
    return world.http.sent.length;
  };
  expect(await sentWhen(EVENT_TIME - 1)).toBe(0);
  expect(await sentWhen(EVENT_TIME - HOUR_MS)).toBe(1);
});

test("what just came from enrich goes out as decided there, and nobody is asked", async () => {
  const world = await worldWith([identityPerson("ann", { answers: REFUSED })]);
  await world.deliver([laneMessage(ofAnn)]);
  expect(world.http.sent).toHaveLength(1);
  expect(world.asked).toEqual([]);
});

test.each([
  ["before the event", said({ ad_user_data: "denied" }, EVENT_TIME)],
  ["and granted it again", mergeAnswers(REFUSED, said({ ad_user_data: "granted" }, EVENT_TIME + 2))],
  ["in another shop", said({ ad_user_data: "denied" }, EVENT_TIME + 1, "other")],
  ["what this destination does not need", said({ analytics_storage: "denied" }, EVENT_TIME + 1)],
])("a refusal %s stops nothing", async (_, answers) => {
  const world = await worldWith([identityPerson("ann", { answers })]);
  await world.deliver([laneMessage(ofAnn, WAITED)]);
  expect(await world.state(ofAnn)).toBe("delivered");
});

test("G21: who turned out to be somebody else is asked as that person", async () => {
  const merged = identityPerson("ann", { merged_into: "anna" });
  const world = await worldWith([merged, identityPerson("anna", { answers: REFUSED })]);
  await world.deliver([laneMessage(ofAnn, WAITED)]);
  expect(await world.state(ofAnn)).toBe("skipped");
});

test.each([
  [true, "skipped"],
  [false, "delivered"],
])("an opt-out by Global Privacy Control counts as the configuration says: %s", async (honourGpc, state) => {
  const answers = said({ gpc: true }, EVENT_TIME + 1);
  const world = await worldWith([identityPerson("ann", { answers })], { lane: { honourGpc } });
  await world.deliver([laneMessage(ofAnn, WAITED)]);
  expect(await world.state(ofAnn)).toBe(state);
});

test("a refusal that does not stop the event travels with it", async () => {
  const seen: (ConsentState | undefined)[] = [];
  const { buildRequest } = fakeDestination();
  const destination = fakeDestination({
    buildRequest(events, context) {
      for (const { consent } of events) seen.push(consent);
      return buildRequest(events, context);
    },
  });
  const answers = said({ ad_personalization: "denied" }, EVENT_TIME + 1);
  const world = await worldWith([identityPerson("ann", { answers })], { destination });
  await world.deliver([laneMessage({ ...ofAnn, consent: { ad_user_data: "granted" } }, WAITED)]);
  expect(seen).toEqual([{ ad_user_data: "granted", ad_personalization: "denied" }]);
});

test("what the graph had filled in goes with the refusal of it, where the event goes on", async () => {
  const seen: unknown[] = [];
  const { buildRequest } = fakeDestination();
  const destination = fakeDestination({
    consent: ["ad_storage"],
    buildRequest(events, context) {
      for (const { known } of events) seen.push(known);
      return buildRequest(events, context);
    },
  });
  const known = { person_id: "ann", user_id: "u-1", hashes: { email_plain: "hash" } };
  const world = await worldWith([identityPerson("ann", { answers: REFUSED })], { destination });
  await world.deliver([laneMessage(purchase("e1", { known }), WAITED)]);
  expect(seen).toEqual([{ person_id: "ann", user_id: "u-1" }]);
});

test("where nobody can be asked, what waited comes back unsent and the others go out", async () => {
  const identities = { readPersons: async () => Promise.reject(new Error("no table")) };
  const world = await worldWith([], { deps: { identities } });
  const fresh = purchase("e2", { known: { person_id: "ann" } });
  expect(await world.deliver([laneMessage(ofAnn, WAITED), laneMessage(fresh)])).toEqual({ failures: ["m-e1"] });
  expect(world.http.sent.map(idsOf)).toEqual([["e2"]]);
  expect(world.counted["Deliveries fake retry"]).toBe(1);
  expect(world.logged).toContainEqual(expect.objectContaining({ level: "error" }));
});

test("one read serves a batch, and events of nobody ask for nobody", async () => {
  const world = await worldWith([identityPerson("ann")]);
  const more = purchase("e2", { known: { person_id: "ann" } });
  await world.deliver([ofAnn, more, purchase("e3")].map((event) => laneMessage(event, WAITED)));
  expect(world.asked).toEqual([["ann"]]);
  expect(world.http.sent.map(idsOf)).toEqual([["e1", "e2", "e3"]]);
});

test("a consent string does not go on with what was refused after it", async () => {
  const sent: unknown[] = [];
  const destination = fakeDestination({
    batchKey({ consent }) {
      sent.push(consent);
      return "";
    },
  });
  const answers = said({ analytics_storage: "denied" }, EVENT_TIME + 1);
  const world = await worldWith([identityPerson("ann", { answers })], { destination });
  const event = purchase("e1", { known: { person_id: "ann" }, consent: { tcf: "CPX", gpp: "DBA", gpp_sid: [7] } });
  await world.deliver([laneMessage(event, WAITED)]);
  expect(sent).toEqual([{ analytics_storage: "denied" }]);
});
