import type { CopyView, DeliveryRecord, EventStory, LaterCopy } from "../../src/core/delivery-record.ts";
import type { EventKey } from "../../src/core/event-key.ts";
import type { DeliveryState } from "../../src/core/outcome.ts";
import type { DeliveryStore } from "../../src/pipeline/ports.ts";
import type { StoryReader } from "../../src/pipeline/trace.ts";

export const STORY: EventStory = {
  event_id_origin: "order_id",
  event_time: 1_795_435_200_000,
  received_at: 1_795_435_200_400,
  source: { id: "web", kind: "browser", dialect: "segment", dedup_scope: "shop", library: "analytics.js/next-1.77.0" },
  order_id: "100017",
  value: "149.85",
  currency: "EUR",
  carried: ["email", "phone", "external_id", "browser_id", "ip_and_user_agent", "address"],
  identity: {
    person_id: "Zk2w0n3n4bqzOQk0xv1m5A",
    filled: ["fbp", "ga_client_id"],
    learned: ["user_id", "email_plain", "email_google", "phone_e164", "phone_digits", "anonymous_id"],
  },
  decisions: [
    {
      lane: "meta",
      send: true,
      consent: { allowed: true, reason: "granted by the person", required: ["ad_storage", "ad_user_data"] },
      quality: {
        score: 7.9,
        present: ["email", "phone", "external_id", "browser_id", "ip_and_user_agent", "address"],
        missing: ["click_id", "name", "date_of_birth", "gender"],
      },
    },
    {
      lane: "ga4",
      send: false,
      skip: { code: "consent", detail: "analytics_storage not answered; denied by default in DE" },
      consent: {
        allowed: false,
        reason: "analytics_storage not answered; denied by default in DE",
        required: ["analytics_storage"],
      },
    },
    {
      lane: "warehouse-hook",
      send: true,
      consent: { allowed: true, reason: "none required", required: [] },
      quality: { score: 10, present: [], missing: [] },
    },
  ],
};

export const KEY: EventKey = { dedup_scope: "shop", event_name: "purchase", event_id: "order-100017" };

/** A receipt after one request. */
export function receipt(changes: Partial<DeliveryRecord> = {}): DeliveryRecord {
  return {
    key: KEY,
    lane: "meta",
    state: "delivered",
    attempts: [{ at: 1_795_435_201_000, status: 200, outcome: "delivered", batch: 10, took_ms: 180 }],
    attempt_count: 1,
    updated_at: 1_795_435_201_180,
    delivered_at: 1_795_435_201_180,
    ...changes,
  };
}

function failure(state: DeliveryState, changes: Partial<DeliveryRecord> = {}): DeliveryRecord {
  const { delivered_at: _, ...record } = receipt();
  return {
    ...record,
    state,
    reason: "HTTP 500",
    attempts: [{ at: 1, outcome: "retry", reason: "connection: reset", batch: 2, took_ms: 30 }],
    ...changes,
  };
}

/** A server's copy of the event, a second after the browser's. */
const COPY: LaterCopy = {
  copy_id: "copy-2",
  source: { id: "back-end", kind: "server" },
  received_at: STORY.received_at + 1_000,
  first_received_at: STORY.received_at,
  adds: ["email", "phone"],
  replaces: ["value"],
  qualities: [
    {
      lane: "meta",
      quality: {
        score: 8.4,
        present: ["email", "phone"],
        missing: ["click_id"],
        points: { email: 5, phone: 3.4, click_id: 1.6 },
        doubts: { phone: { factor: 0.9, reason: "seen with many people" } },
        version: 2,
      },
    },
  ],
};

const VIEWS: CopyView[] = [
  {
    lanes: ["meta", "ga4"],
    raw: false,
    kind: "server",
    parts: { user: { user_id: "u-1" }, hashes: { email_plain: "h" }, value: "149.85" },
    consent: { ad_storage: "granted" },
    undecided: ["ad_user_data"],
  },
  {
    lanes: ["warehouse-hook"],
    raw: true,
    kind: "server",
    parts: { user: { user_id: "u-1", email: "ada@lovelace.dev" } },
    consent: {},
    undecided: [],
  },
];

/** What every delivery store does, whatever it stores in. `create` answers an empty store that keeps claims for 30 days. */
export function deliveryStoreSuite(create: (now: () => number) => Promise<DeliveryStore & StoryReader>): void {
  let store: DeliveryStore & StoryReader;
  const time = { now: 0 };
  beforeEach(async () => {
    time.now = STORY.received_at;
    store = await create(() => time.now);
  });

  describe("later copies", () => {
    test("each lane reads what it may have of a copy, with its own score", async () => {
      expect(await store.addCopy(KEY, COPY, VIEWS)).toEqual(COPY);
      const { lanes: _, raw: __, ...view } = VIEWS[0] as CopyView;
      const times = { received_at: COPY.received_at, first_received_at: COPY.first_received_at };
      const [ofMeta] = await store.readCopies("meta", [KEY]);
      expect(ofMeta).toEqual([{ ...view, ...times, source: "back-end", score: 8.4 }]);
      const [ofHook] = await store.readCopies("warehouse-hook", [KEY]);
      expect(ofHook?.map(({ parts }) => parts)).toEqual([VIEWS[1]?.parts]);
      expect(await store.readCopies("elsewhere", [KEY, { ...KEY, event_id: "another" }])).toEqual([[], []]);
    });

    test("a redelivery finds what it wrote, and another copy of the same source changes nothing", async () => {
      await store.addCopy(KEY, COPY, VIEWS);
      expect(await store.addCopy(KEY, { ...COPY, late: true, qualities: [] }, [])).toEqual(COPY);
      expect(await store.addCopy(KEY, { ...COPY, copy_id: "copy-3", adds: [] }, [])).toEqual(COPY);
      expect(await store.readCopies("ga4", [KEY])).toMatchObject([[{ kind: "server", undecided: ["ad_user_data"] }]]);
    });

    test("of several at once each source keeps one, and the story tells of them oldest first", async () => {
      await store.claim(KEY, "copy-1", STORY);
      const copies = ["back-end", "stripe", "warehouse"].flatMap((id, index) =>
        [1, 2].map((n) => ({
          ...COPY,
          copy_id: `${id}-${n}`,
          source: { id, kind: "server" as const },
          received_at: COPY.received_at - index,
        })),
      );
      const kept = await Promise.all(copies.map((copy) => store.addCopy(KEY, copy, VIEWS)));
      expect(new Set(kept.map(({ copy_id }) => copy_id)).size).toBe(3);
      const [read] = await store.readCopies("meta", [KEY]);
      expect(read?.map(({ source }) => source)).toEqual(["warehouse", "stripe", "back-end"]);
      const [story] = await store.readStory(KEY.event_id, [KEY.dedup_scope]);
      expect(story?.copies?.map(({ source }) => source.id)).toEqual(["warehouse", "stripe", "back-end"]);
      expect(story?.copies?.[2]).toMatchObject({ adds: ["email", "phone"], replaces: ["value"] });
    });

    test("what an earlier event of this id left stands in nobody's way, and does not stay", async () => {
      await store.addCopy(KEY, COPY, VIEWS);
      const again = { ...COPY, copy_id: "copy-9", first_received_at: COPY.first_received_at + 1, qualities: [] };
      expect(await store.addCopy(KEY, again, VIEWS)).toEqual(again);
      expect(await store.addCopy(KEY, again, [])).toEqual(again);
      const [read] = await store.readCopies("meta", [KEY]);
      expect(read?.map((copy) => copy.first_received_at)).toEqual([again.first_received_at]);
    });

    test("a late copy is told of, and nothing of it is there to send", async () => {
      await store.claim(KEY, "copy-1", STORY);
      const { late, ...told } = { ...COPY, late: true as const, qualities: [] };
      await store.addCopy(KEY, { ...told, late }, []);
      expect(await store.readCopies("meta", [KEY])).toEqual([[]]);
      expect((await store.readStory(KEY.event_id, [KEY.dedup_scope]))[0]?.copies).toEqual([{ ...told, late }]);
    });

    test("it is over when no message can ask for it any more, redriven ones neither", async () => {
      await store.addCopy(KEY, COPY, VIEWS);
      time.now += 27 * 86_400_000;
      expect((await store.readCopies("meta", [KEY]))[0]).toHaveLength(1);
      time.now += 86_400_000;
      expect(await store.readCopies("meta", [KEY])).toEqual([[]]);
    });
  });

  describe("claim", () => {
    test("a story remembers how long its event waits, for what, and what the first copy had", async () => {
      const [decision] = STORY.decisions;
      const waiting: EventStory = {
        ...STORY,
        decisions: decision === undefined ? [] : [{ ...decision, awaits: ["ad_user_data", "ad_personalization"] }],
        merge: {
          until: STORY.received_at + 30_000,
          fields: ["ip", "fbp", "gclid"],
          undecided: ["ad_user_data"],
          device_keys: ["anonymous_id#a", "fbp#b"],
        },
      };
      expect((await store.claim(KEY, "copy-1", waiting)).story).toEqual(waiting);
      expect((await store.claim(KEY, "copy-2", STORY)).story).toEqual(waiting);
    });

    test("a story remembers that its copy names somebody", async () => {
      const merge = { until: STORY.received_at + 30_000, fields: [], undecided: [], names_person: true as const };
      await store.claim(KEY, "copy-1", { ...STORY, merge });
      expect((await store.claim(KEY, "copy-2", STORY)).story).toEqual({ ...STORY, merge });
    });

    test("the first copy owns the event, also when it comes again", async () => {
      const first = await store.claim(KEY, "copy-1", STORY);
      expect(first).toEqual({ owner: true, story: STORY, copies: 1, first_received_at: STORY.received_at });
      expect(await store.claim(KEY, "copy-1", STORY)).toEqual(first);
    });

    test("a second copy does not, learns of the first, and leaves its story alone", async () => {
      await store.claim(KEY, "copy-1", STORY);
      const later = { ...STORY, received_at: STORY.received_at + 5_000, decisions: [] };
      const expected = { owner: false, story: STORY, copies: 2, first_received_at: STORY.received_at };
      expect(await store.claim(KEY, "copy-2", later)).toEqual(expected);
      expect(await store.claim(KEY, "copy-2", later)).toEqual(expected);
      expect(await store.claim(KEY, "copy-1", later)).toEqual({ ...expected, owner: true });
    });

    test("of many at once exactly one owns", async () => {
      const claims = await Promise.all(Array.from({ length: 20 }, (_, n) => store.claim(KEY, `copy-${n}`, STORY)));
      expect(claims.filter(({ owner }) => owner)).toHaveLength(1);
      expect(Math.max(...claims.map(({ copies }) => copies))).toBe(20);
    });

    test("the memory of copies is bounded; the owner still passes and others still learn", async () => {
      for (let n = 0; n < 55; n += 1) await store.claim(KEY, `copy-${n}`, STORY);
      expect(await store.claim(KEY, "copy-0", STORY)).toMatchObject({ owner: true, copies: 50 });
      expect(await store.claim(KEY, "late", STORY)).toMatchObject({ owner: false, copies: 50, story: STORY });
    });

    test("a claim past its time is none, before it is deleted: of the copies that come then, one owns", async () => {
      await store.claim(KEY, "copy-1", STORY);
      time.now += 29 * 86_400_000;
      expect(await store.claim(KEY, "copy-2", STORY)).toMatchObject({ owner: false, copies: 2 });
      time.now += 86_400_000;
      const story = { ...STORY, received_at: time.now };
      // The owner comes again, as after a long wait on the queue: still the same message.
      expect(await store.claim(KEY, "copy-1", STORY)).toMatchObject({ owner: true, story: STORY });
      const late = await Promise.all(["copy-3", "copy-4"].map((copy) => store.claim(KEY, copy, story)));
      expect(late.filter(({ owner }) => owner)).toHaveLength(1);
      for (const claim of late) expect(claim).toMatchObject({ story, first_received_at: story.received_at });
      expect(await store.claim(KEY, "copy-5", story)).toMatchObject({ owner: false });
    });

    test("an event that waited longer than claims live is claimed from then on", async () => {
      time.now += 40 * 86_400_000;
      expect(await store.claim(KEY, "copy-1", STORY)).toMatchObject({ owner: true });
      expect(await store.claim(KEY, "copy-2", STORY)).toMatchObject({ owner: false });
    });

    test.each<[string, Partial<EventKey>]>([
      ["scope", { dedup_scope: "till" }],
      ["name", { event_name: "refund" }],
      ["id", { event_id: "order-2" }],
      ["own name", { event_name: "custom", custom_name: "purchase" }],
    ])("another %s is another event", async (_, change) => {
      await store.claim(KEY, "copy-1", STORY);
      const other = { ...KEY, ...change };
      const story = { ...STORY, source: { ...STORY.source, dedup_scope: other.dedup_scope } };
      expect(await store.claim(other, "copy-2", story)).toMatchObject({ owner: true, copies: 1 });
    });
  });

  describe("records", () => {
    test("come back in the order asked for, with gaps, and with repeated keys", async () => {
      const other = { ...KEY, event_id: "order-2" };
      await store.writeRecords([receipt(), failure("retry", { key: other, lane: "ga4" })]);
      const missing = { ...KEY, event_id: "nowhere" };
      expect(await store.readRecords("meta", [missing, KEY, other, KEY])).toEqual([
        undefined,
        receipt(),
        undefined,
        receipt(),
      ]);
      expect(await store.readRecords("ga4", [other])).toEqual([failure("retry", { key: other, lane: "ga4" })]);
      expect(await store.readRecords("meta", [])).toEqual([]);
    });

    test("of more events than one read takes come back whole", async () => {
      const keys = Array.from({ length: 230 }, (_, n) => ({ ...KEY, event_id: `order-${n}` }));
      await store.writeRecords(keys.map((key) => receipt({ key })));
      const read = await store.readRecords("meta", keys);
      expect(read.map((record) => record?.key.event_id)).toEqual(keys.map(({ event_id }) => event_id));
    });

    test("tell in which form the event was sent, until a request holds all of it", async () => {
      await store.writeRecords([failure("retry", { merged: ["web", "crm"], heard: ["till"] })]);
      expect(await store.readRecords("meta", [KEY])).toMatchObject([{ merged: ["web", "crm"], heard: ["till"] }]);
      await store.writeRecords([failure("retry", { sent_as: "limited" })]);
      expect((await store.readRecords("meta", [KEY]))[0]).not.toHaveProperty("heard");
      expect((await store.readRecords("meta", [KEY]))[0]?.sent_as).toBe("limited");
      await store.writeRecords([receipt()]);
      expect((await store.readRecords("meta", [KEY]))[0]).not.toHaveProperty("sent_as");
    });

    test("a later record replaces all of an earlier one", async () => {
      await store.writeRecords([failure("retry")]);
      const skipped: DeliveryRecord = {
        key: KEY,
        lane: "meta",
        state: "skipped",
        attempts: [],
        attempt_count: 0,
        updated_at: STORY.received_at + 7_000,
        skip: { code: "too_old", detail: "8 days old; Meta takes 7" },
      };
      await store.writeRecords([skipped]);
      expect(await store.readRecords("meta", [KEY])).toEqual([skipped]);
    });

    test.each<DeliveryState>(["retry", "rejected", "unauthorized", "expired", "skipped", "attempting"])(
      "a delivered event never becomes %s",
      async (state) => {
        await store.writeRecords([receipt()]);
        await store.writeRecords([failure(state)]);
        expect(await store.readRecords("meta", [KEY])).toEqual([receipt()]);
      },
    );

    test.each(["rejected", "skipped"] as const)("%s lasts, but for a delivery", async (state) => {
      await store.writeRecords([failure(state)]);
      for (const later of ["retry", "unauthorized", "expired", "attempting"] as const) {
        await store.writeRecords([failure(later, { updated_at: failure(state).updated_at + 1_000 })]);
        expect(await store.readRecords("meta", [KEY])).toEqual([failure(state)]);
      }
      await store.writeRecords([receipt()]);
      expect(await store.readRecords("meta", [KEY])).toEqual([receipt()]);
    });

    test("a redrive takes back that an event expired", async () => {
      await store.writeRecords([failure("expired")]);
      await store.writeRecords([failure("retry")]);
      expect(await store.readRecords("meta", [KEY])).toEqual([failure("retry")]);
    });
  });

  test("which replay sent an event, and that it once arrived, are kept beside any state", async () => {
    const taken = failure("retry", { replay: "job-1", delivered_at: 7 });
    await store.writeRecords([failure("rejected")]);
    const [previous] = await store.readRecords("meta", [KEY]);
    expect(await store.claimAttempts([{ record: taken, previous }])).toEqual([{ result: "won" }]);
    expect(await store.readRecords("meta", [KEY])).toEqual([taken]);
    await store.writeRecords([failure("rejected", { replay: "job-1", updated_at: taken.updated_at + 1 })]);
    expect((await store.readRecords("meta", [KEY]))[0]).toMatchObject({ state: "rejected", replay: "job-1" });
  });

  test("a receipt past its time is none, before it is deleted: the same id is another event then", async () => {
    const past = { updated_at: receipt().updated_at + 30 * 86_400_000 };
    const [again, claimed] = [
      { ...KEY, event_id: "order-2" },
      { ...KEY, event_id: "order-3" },
    ];
    const keys = [KEY, again, claimed];
    await store.writeRecords(keys.map((key) => receipt({ key })));
    time.now = past.updated_at - 1_000;
    await store.writeRecords([failure("retry")]);
    expect(await store.claimAttempts([{ record: failure("attempting"), previous: undefined }])).toEqual([
      { result: "lost" },
    ]);
    expect(await store.readRecords("meta", keys)).toEqual(keys.map((key) => receipt({ key })));

    time.now = past.updated_at;
    expect(await store.readRecords("meta", keys)).toEqual([undefined, undefined, undefined]);
    const retried = failure("retry", { ...past, key: again });
    await store.writeRecords([retried]);
    const record = failure("attempting", { ...past, key: claimed });
    const claims = await Promise.all(
      Array.from({ length: 5 }, () => store.claimAttempts([{ record, previous: undefined }])),
    );
    expect(claims.flat().filter(({ result }) => result === "won")).toHaveLength(1);
    expect(await store.readRecords("meta", keys)).toEqual([undefined, retried, record]);
  });

  describe("claims of attempts", () => {
    const AT = STORY.received_at;
    const attempting = (changes: Partial<DeliveryRecord> = {}) =>
      failure("attempting", { attempts: [], attempt_count: 0, updated_at: AT + 9_000, ...changes });

    test("of many that read the same, one wins", async () => {
      for (const previous of [undefined, failure("retry")]) {
        const key = { ...KEY, event_id: `order-${previous?.state}` };
        const stored = previous === undefined ? undefined : { ...previous, key };
        if (stored !== undefined) await store.writeRecords([stored]);
        const claim = { record: attempting({ key }), previous: stored };
        const results = await Promise.all(Array.from({ length: 10 }, () => store.claimAttempts([claim])));
        expect(results.flat().filter(({ result }) => result === "won")).toHaveLength(1);
        expect(results.flat().filter(({ result }) => result === "lost")).toHaveLength(9);
        expect(await store.readRecords("meta", [key])).toEqual([attempting({ key })]);
      }
    });

    test("are told in order, and change nothing where they lost", async () => {
      const other = { ...KEY, event_id: "order-2" };
      const later = failure("retry", { updated_at: AT + 8_000 });
      await store.writeRecords([later]);
      const results = await store.claimAttempts([
        { record: attempting(), previous: undefined },
        { record: attempting({ key: other }), previous: undefined },
        { record: attempting(), previous: failure("retry", { updated_at: AT + 7_000 }) },
        { record: attempting(), previous: failure("unauthorized", { updated_at: AT + 8_000 }) },
      ]);
      expect(results.map(({ result }) => result)).toEqual(["lost", "won", "lost", "lost"]);
      expect(await store.readRecords("meta", [KEY, other])).toEqual([later, attempting({ key: other })]);
    });

    test("one that was read without a receipt where there was to be one loses", async () => {
      const results = await store.claimAttempts([{ record: attempting(), previous: failure("retry") }]);
      expect(results).toEqual([{ result: "lost" }]);
      expect(await store.readRecords("meta", [KEY])).toEqual([undefined]);
    });

    test("never undo a delivery", async () => {
      await store.writeRecords([receipt()]);
      expect(await store.claimAttempts([{ record: attempting(), previous: failure("retry") }])).toEqual([
        { result: "lost" },
      ]);
      expect(await store.readRecords("meta", [KEY])).toEqual([receipt()]);
    });
  });

  describe("stories", () => {
    test("hold the claim, every receipt and the quarantine of an id, in the scopes asked for", async () => {
      const custom: EventKey = { ...KEY, event_name: "custom", custom_name: "Quiz #1 done" };
      const elsewhere = { ...KEY, dedup_scope: "till" };
      const quarantined = {
        dedup_scope: "shop",
        event_id: KEY.event_id,
        event_name: "purchase",
        source: "web",
        received_at: 1_795_435_200_000,
        reasons: [{ field: "value", rule: "must be a decimal", got: "text" }],
        raw: '{"a":1}',
        origin: {
          via: "events" as const,
          sent_at: 1_795_435_199_000,
          visitor: { ip: "203.0.113.7", cookies: { _fbp: "fb.1.1.2" }, globalPrivacyControl: true },
        },
      };
      await store.claim(KEY, "copy-1", STORY);
      await store.claim(elsewhere, "copy-1", STORY);
      await store.writeRecords([receipt(), failure("retry", { lane: "ga4" }), receipt({ key: custom })]);
      await store.quarantine(quarantined);

      const found = await store.readStory(KEY.event_id, ["shop", "other"]);
      expect(found.map(({ dedup_scope }) => dedup_scope)).toEqual(["shop", "shop"]);
      const purchase = found.find(({ name }) => name === "purchase");
      expect(purchase?.claim).toEqual({ story: STORY, copies: 1, first_received_at: STORY.received_at });
      expect(purchase?.records.map(({ lane }) => lane).sort()).toEqual(["ga4", "meta"]);
      expect(purchase?.quarantined).toEqual(quarantined);
      expect(found.find(({ name }) => name !== "purchase")?.records).toEqual([receipt({ key: custom })]);
      expect(await store.readStory("nowhere", ["shop"])).toEqual([]);
    });

    test("an id that looks like a key of another event stays its own", async () => {
      const sly = { ...KEY, event_id: "order-1#purchase#EVENT" };
      await store.claim(sly, "copy-1", STORY);
      expect(await store.readStory("order-1", ["shop"])).toEqual([]);
      expect(await store.readStory(sly.event_id, ["shop"])).toHaveLength(1);
    });
  });
}
