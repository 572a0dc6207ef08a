import type { ConsentPurpose } from "../../src/core/consent.ts";
import type { CopyView, LaterCopy } from "../../src/core/delivery-record.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { eventKey } from "../../src/core/event-key.ts";
import type { LaneMessage } from "../../src/core/queue-messages.ts";
import { fakeDestination, LANE, laneMessage, laneWorld, NOW, purchase, takesAll } from "../support/lane-world.ts";

const MARK: NonNullable<LaneMessage["merge"]> = { until: NOW - 1_000, score: 4 };
const FIRST = purchase("e1");

function copyOf(changes: Partial<LaterCopy> = {}): LaterCopy {
  return {
    copy_id: "second",
    source: { id: "back-end", kind: "server" },
    received_at: FIRST.received_at + 2_000,
    first_received_at: FIRST.received_at,
    adds: ["email"],
    replaces: [],
    qualities: [{ lane: LANE, quality: { score: 7.5, present: [], missing: [], points: {}, doubts: {}, version: 2 } }],
    ...changes,
  };
}

function viewOf(changes: Partial<CopyView> = {}): CopyView {
  return {
    lanes: [LANE],
    raw: false,
    kind: "server",
    parts: { user: { user_id: "customer" }, hashes: { email_plain: "hash" }, value: "149.85" },
    consent: {},
    undecided: [],
    ...changes,
  };
}

/** Events as the destination gets them. */
function spying() {
  const seen: unknown[] = [];
  const destination = fakeDestination({
    batchKey(event) {
      seen.push(event);
      return "";
    },
  });
  return { seen, destination };
}

test("the union goes out, the receipt says whose copy was in it, and its score counts", async () => {
  const { destination, seen } = spying();
  const lane = laneWorld({ destination });
  await lane.store.addCopy(eventKey(FIRST), copyOf(), [viewOf()]);
  expect(await lane.deliver([laneMessage(FIRST, { merge: MARK })])).toEqual({ failures: [] });
  expect(seen).toMatchObject([{ event_id: "e1", hashes: { email_plain: "hash" }, value: "149.85" }]);
  expect(lane.store.records()).toMatchObject([{ state: "delivered", merged: ["back-end"] }]);
  expect(Object.entries(lane.counted).filter(([series]) => series.startsWith("MatchQuality"))).toEqual([
    [expect.any(String), 7.5],
  ]);
});

test("without a mark nothing is asked for, and without another copy the event goes alone", async () => {
  let asked = 0;
  const { store } = laneWorld();
  const lane = laneWorld({
    deps: {
      store: {
        readRecords: store.readRecords,
        writeRecords: store.writeRecords,
        claimAttempts: store.claimAttempts,
        async readCopies(_, keys) {
          asked += 1;
          return keys.map(() => []);
        },
      },
    },
  });
  expect(await lane.deliver([laneMessage(FIRST)])).toEqual({ failures: [] });
  expect(asked).toBe(0);
  expect(await lane.deliver([laneMessage(purchase("e2"), { merge: MARK })])).toEqual({ failures: [] });
  expect(asked).toBe(1);
  expect(lane.http.sent).toHaveLength(2);
});

test("where copies cannot be read nothing that waited is sent; the others go", async () => {
  const { store } = laneWorld();
  const lane = laneWorld({
    platform: takesAll,
    deps: {
      store: {
        readRecords: store.readRecords,
        writeRecords: store.writeRecords,
        claimAttempts: store.claimAttempts,
        readCopies: async () => Promise.reject(new Error("down")),
      },
    },
  });
  const batch = [laneMessage(FIRST, { merge: MARK }), laneMessage(purchase("e2"))];
  expect(await lane.deliver(batch)).toEqual({ failures: ["m-e1"] });
  expect(lane.queue.postponed.get("handle of m-e1")).toBe(60);
  expect(lane.http.sent.map(({ body }) => body)).toEqual(['["e2"]']);
});

test("a copy of an earlier event of this id is none of this one's", async () => {
  const { destination, seen } = spying();
  const lane = laneWorld({ destination });
  await lane.store.addCopy(eventKey(FIRST), copyOf({ first_received_at: 1 }), [viewOf()]);
  await lane.deliver([laneMessage(FIRST, { merge: MARK })]);
  expect(JSON.stringify(seen)).not.toContain("149.85");
});

describe("a lane that only a default closed", () => {
  const closed = purchase("e1", { consent: { ad_user_data: "denied" } });
  const mark = { ...MARK, undecided: ["ad_user_data" as const] };

  test("opens with the other copy's grant", async () => {
    const lane = laneWorld();
    await lane.store.addCopy(eventKey(closed), copyOf(), [viewOf({ consent: { ad_user_data: "granted" } })]);
    await lane.deliver([laneMessage(closed, { merge: mark })]);
    expect(lane.http.sent).toHaveLength(1);
  });

  test("stays closed without one, and says that nobody answered", async () => {
    const lane = laneWorld();
    await lane.deliver([laneMessage(closed, { merge: mark })]);
    const detail = "ad_user_data not answered in any copy; denied by default";
    expect(lane.store.records()).toMatchObject([{ state: "skipped", skip: { code: "consent", detail } }]);
  });

  test("a refusal in the other copy closes an open one", async () => {
    const lane = laneWorld();
    await lane.store.addCopy(eventKey(FIRST), copyOf(), [viewOf({ parts: {}, consent: { ad_user_data: "denied" } })]);
    await lane.deliver([laneMessage(FIRST, { merge: MARK })]);
    expect(lane.store.records()[0]?.skip?.detail).toBe("ad_user_data denied by another copy of the event");
    expect(lane.http.sent).toEqual([]);
  });
});

test("what the graph filled into one copy goes when the other one refuses it", async () => {
  const { destination, seen } = spying();
  const lane = laneWorld({ destination: { ...destination, consent: ["ad_storage"] } });
  const known = { person_id: "ann", hashes: { email_plain: "hash" } };
  const first = purchase("e1", { known });
  await lane.store.addCopy(eventKey(first), copyOf(), [viewOf({ parts: {}, consent: { ad_user_data: "denied" } })]);
  await lane.deliver([laneMessage(first, { merge: MARK })]);
  expect(seen).toMatchObject([{ known: { person_id: "ann" }, consent: { ad_user_data: "denied" } }]);
  expect(seen).not.toMatchObject([{ known: { hashes: expect.anything() } }]);
});

test("what the graph filled into a later copy goes when the first one refused it, and what only a default refuses stays", async () => {
  const known = { person_id: "ann", hashes: { email_plain: "hash" }, contacts: { email: "ann@plumage.example" } };
  const sentAfter = async (undecided: ConsentPurpose[]) => {
    const { destination, seen } = spying();
    const lane = laneWorld({ destination: { ...destination, consent: ["ad_storage"], needsRawContact: () => true } });
    const first = purchase("e1", { consent: { ad_user_data: "denied" } });
    await lane.store.addCopy(eventKey(first), copyOf(), [viewOf({ raw: true, parts: { user: {}, known } })]);
    await lane.deliver([laneMessage(first, { merge: { ...MARK, undecided } })]);
    return seen as CanonicalEvent[];
  };
  expect(await sentAfter([])).toMatchObject([{ known: { person_id: "ann" }, consent: { ad_user_data: "denied" } }]);
  expect((await sentAfter([]))[0]?.known).toEqual({ person_id: "ann" });
  expect((await sentAfter(["ad_user_data"]))[0]?.known).toEqual(known);
});

test("a copy that only refuses is not told of as part of what was sent", async () => {
  const lane = laneWorld();
  const refusal = viewOf({ parts: {}, consent: { analytics_storage: "denied" } });
  await lane.store.addCopy(eventKey(FIRST), copyOf({ late: true, qualities: [] }), [refusal]);
  await lane.deliver([laneMessage(FIRST, { merge: MARK })]);
  expect(lane.store.records()).toMatchObject([{ state: "delivered", merged: [], heard: ["back-end"] }]);
});

test("what anybody behind either copy refused since is asked", async () => {
  const asked: string[] = [];
  const known = (id: string) => ({ known: { person_id: id } });
  const lane = laneWorld({
    deps: {
      identities: {
        async readPersons(ids) {
          asked.push(...ids);
          return ids.map(() => undefined);
        },
      },
    },
  });
  const first = { ...FIRST, ...known("visitor") };
  await lane.store.addCopy(eventKey(first), copyOf(), [viewOf({ parts: { ...viewOf().parts, ...known("customer") } })]);
  await lane.deliver([{ ...laneMessage(first, { merge: MARK }), receiveCount: 2 }]);
  expect(asked.sort()).toEqual(["customer", "visitor"]);
});

test("a company that the other copy's TC string leaves out gets nothing, although the string grants it to the site", async () => {
  const granted = { ad_storage: "granted", ad_user_data: "granted", ad_personalization: "granted" } as const;
  const consent = { ...granted, refused_to: { ad_user_data: [755] } };
  const left = laneWorld({ destination: fakeDestination({ consent: ["ad_user_data"], tcfVendorId: 755 }) });
  const kept = laneWorld({ destination: fakeDestination({ consent: ["ad_user_data"], tcfVendorId: 42 }) });
  for (const lane of [left, kept]) {
    await lane.store.addCopy(eventKey(FIRST), copyOf(), [viewOf({ consent })]);
    await lane.deliver([laneMessage(purchase("e1", { consent: granted }), { merge: MARK })]);
  }
  expect(left.http.sent).toEqual([]);
  expect(left.store.records()).toMatchObject([{ state: "skipped", skip: { code: "consent" } }]);
  expect(kept.http.sent).toHaveLength(1);
});
