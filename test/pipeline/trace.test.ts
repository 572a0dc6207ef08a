import type { DeliveryAttempt, DeliveryRecord, LaterCopy } from "../../src/core/delivery-record.ts";
import type { Identifier } from "../../src/core/destination.ts";
import type { Explain } from "../../src/core/explanation.ts";
import { matchQuality } from "../../src/core/match-quality.ts";
import { explainFailure } from "../../src/explanations/explain.ts";
import { failureOf, type StoredEvent, tracedDeliveries, traceLines } from "../../src/pipeline/trace.ts";
import { KEY, receipt, STORY } from "../support/delivery-store-suite.ts";

const AT = STORY.received_at;
const explain: Explain = (failure) => explainFailure(failure.lane, failure);

function stored(changes: Partial<StoredEvent> = {}): StoredEvent {
  return {
    dedup_scope: "shop",
    event_id: KEY.event_id,
    name: "purchase",
    claim: { story: STORY, copies: 3, first_received_at: AT },
    records: [receipt()],
    ...changes,
  };
}

function text(event: StoredEvent): string {
  return traceLines([event], { colours: false, explain }).join("\n");
}

test("tells the whole story of a purchase", () => {
  const attempts: DeliveryAttempt[] = [
    { at: AT + 800, outcome: "retry", reason: "connection: reset", batch: 1, took_ms: 30 },
    { at: AT + 5_000, status: 200, outcome: "delivered", batch: 10, took_ms: 180 },
  ];
  expect(text(stored({ records: [receipt({ attempts, attempt_count: 2 })] }))).toBe(
    `purchase  order-100017
  received   2026-11-23T12:00:00.400Z from web (browser, segment, analytics.js/next-1.77.0)
  happened   2026-11-23T12:00:00.000Z, 149.85 EUR, order 100017
  event id   made of the order id, scope shop
  copies     first of 3; 2 duplicates dropped
  person     Zk2w0n3n4bqzOQk0xv1m5A
  carried    email, phone, external_id, browser_id, ip_and_user_agent, address
  filled     fbp, ga_client_id
  learned    user_id, email_plain, email_google, phone_e164, phone_digits, anonymous_id
  meta  delivered
    consent  allowed: granted by the person (needs ad_storage, ad_user_data)
    match    7.9 of 10; sends email, phone, external_id, browser_id, ip_and_user_agent, address; misses click_id, name, date_of_birth, gender
    attempt  2026-11-23T12:00:01.200Z  no answer after 30 ms, alone  retry: connection: reset
    attempt  2026-11-23T12:00:05.400Z  HTTP 200 after 180 ms, in a batch of 10  delivered
  ga4  skipped
    consent  refused: analytics_storage not answered; denied by default in DE (needs analytics_storage)
    skipped  consent: analytics_storage not answered; denied by default in DE
    means    Nobody has asked this person, and for their country the configuration takes silence as a no.
    do       Have the consent banner send its answer with every event, or change \`consent\` in tracklayer.config.ts if your law allows it.
  warehouse-hook  pending
    consent  allowed: none required
    waits    on its way: lanes gather events for some seconds; look again soon`,
  );
});

test("a value that another copy was believed about is told to be the first one's", () => {
  const copy: LaterCopy = {
    copy_id: "second",
    source: { id: "back-end", kind: "server" },
    received_at: AT + 3_000,
    first_received_at: AT,
    adds: [],
    replaces: ["value"],
    qualities: [],
  };
  expect(text(stored({ copies: [copy] }))).toContain("149.85 EUR by the first copy, order 100017\n");
  expect(text(stored({ copies: [{ ...copy, late: true }] }))).toContain("149.85 EUR, order 100017\n");
});

test("a delivery that waited for another copy's answer does not stand below a bare refusal", () => {
  const decisions = STORY.decisions.map((it) =>
    it.lane === "ga4" ? { ...it, awaits: ["analytics_storage" as const] } : it,
  );
  const claim = { story: { ...STORY, decisions }, copies: 2, first_received_at: AT };
  expect(text(stored({ claim, records: [receipt({ lane: "ga4" })] }))).toContain(
    "consent  another copy answered for analytics_storage; before refused: analytics_storage not answered",
  );
});

test("tells what each identifier gave, why one counts less, and what the missing ones would give", () => {
  const doubts = { email: { factor: 0.5, reason: "a role" } };
  const quality = matchQuality(new Set<Identifier>(["email", "phone"]), { email: 40, phone: 40, click_id: 20 }, doubts);
  const { claim } = stored();
  const decisions = (claim?.story.decisions ?? []).map((decision) => ({ ...decision, quality }));
  const shown = text(stored(claim === undefined ? {} : { claim: { ...claim, story: { ...claim.story, decisions } } }));
  expect(shown).toContain("match    6.0 of 10; sends email 2.0 (a role), phone 4.0; misses click_id 2.0\n");
});

test("says which replay put it on the lane", () => {
  expect(text(stored({ records: [receipt({ replay: "0199a1c2" })] }))).toContain(
    "\n    replay   0199a1c2 put it on the lane last\n",
  );
  expect(text(stored())).not.toContain("replay");
});

test("a lane decided to send is pending without a record, and the record's state with one", () => {
  const states = tracedDeliveries(stored({ records: [receipt({ lane: "warehouse-hook", state: "retry" })] }));
  expect(states.map(({ lane, state }) => `${lane} ${state}`)).toEqual([
    "meta pending",
    "ga4 skipped",
    "warehouse-hook retry",
  ]);
});

test("a record of a lane that was not decided for is shown, such as one added by a replay", () => {
  const lines = text(stored({ records: [receipt({ lane: "later", state: "rejected", reason: "no such dataset" })] }));
  expect(lines).toContain("later  rejected");
  expect(lines).toContain("said     no such dataset");
});

test("a skip decided at the lane's door replaces the decision to send", () => {
  const { delivered_at: _, ...record } = receipt({ attempts: [], attempt_count: 0, state: "skipped" });
  const lines = text(stored({ records: [{ ...record, skip: { code: "too_old", detail: "8 days old" } }] }));
  expect(lines).toContain("skipped  too_old: 8 days old");
});

test("attempts that were not kept are counted", () => {
  expect(text(stored({ records: [receipt({ attempt_count: 30 })] }))).toContain(
    "29 attempts before the last one not kept",
  );
});

test("an identify says why it goes nowhere", () => {
  const claim = { story: { ...STORY, decisions: [] }, copies: 1, first_received_at: AT };
  const lines = text(stored({ name: "identify", claim, records: [] }));
  expect(lines).toContain("first and only one");
  expect(lines).toContain("not delivered: identify only teaches the identity graph");
});

describe("quarantine", () => {
  const quarantined = {
    dedup_scope: "shop",
    event_id: "q-1",
    event_name: "purchase",
    source: "web",
    received_at: AT,
    reasons: [{ field: "value", rule: "must be a decimal", got: "ada@lovelace.dev" }],
    raw: '{"email":"ada@lovelace.dev"}',
  };
  const { claim: _, ...event } = stored({ records: [], quarantined });

  test("shows what was wrong and never what was sent", () => {
    expect(text(event)).toBe(`purchase  order-100017
  quarantined  2026-11-23T12:00:00.400Z from web
    value must be a decimal`);
  });
});

test("colours only when asked for", () => {
  expect(text(stored())).not.toContain("\u001b");
  expect(traceLines([stored()], { colours: true, explain }).join("\n")).toContain("\u001b[32mdelivered\u001b[0m");
});

describe("what is not delivered is told in three parts", () => {
  const { delivered_at: _, ...undelivered } = receipt({ lane: "meta" });
  const told = (changes: Partial<DeliveryRecord>) => text(stored({ records: [{ ...undelivered, ...changes }] }));
  const reason = "190/463: Error validating access token (fbtrace_id A1)";
  const attempt: DeliveryAttempt = { at: AT, status: 400, outcome: "unauthorized", reason, batch: 1, took_ms: 90 };

  test("a refusal of the platform: its words with the status, what they mean, and what to do in this lane", () => {
    const lines = told({ state: "unauthorized", reason, attempts: [attempt], attempt_count: 1 }).split("\n");
    const at = lines.findIndex((line) => line.startsWith("    said"));
    expect(lines.slice(at, at + 4)).toEqual([
      "    said     HTTP 400, 190/463: Error validating access token (fbtrace_id A1)",
      "    means    The access token has expired or its session has ended.",
      expect.stringMatching(
        /^ {4}do {7}Make the token .* Put what is new into the secret of `meta`\. What waits then goes out/,
      ),
      "    docs     https://developers.facebook.com/docs/marketing-api/error-reference/",
    ]);
  });

  test("words that came without an exchange have no status of an earlier one", () => {
    const lacks = "secret tl/meta lacks accessToken";
    const lines = told({ state: "unauthorized", reason: lacks, attempts: [attempt], attempt_count: 1 });
    expect(lines).toContain(`    said     ${lacks}\n`);
    expect(lines).not.toContain("    reason");
  });

  test("an event that expired: why it never passed, with the whole reason beside it", () => {
    const whole = `not delivered within 24 h; last: ${reason}`;
    const lines = told({ state: "expired", reason: whole, attempts: [attempt], attempt_count: 1 });
    expect(lines).toContain(`    reason   ${whole}\n    said     ${reason}\n    means    The lane tried it until`);
  });

  test("a request under way, and nothing of what is done with or only waits", () => {
    expect(told({ state: "attempting", attempts: [], attempt_count: 0 })).toContain("    said     nothing yet\n");
    expect(text(stored({ records: [receipt({ lane: "ga4" }), receipt()] }))).not.toContain("means");
    expect(failureOf({ lane: "meta", state: "pending" })).toBeUndefined();
  });
});
