import type { ConsentPurpose, ConsentValue } from "../../src/core/consent.ts";
import { type CanonicalEvent, HASH_VARIANTS } from "../../src/core/event.ts";
import type { Failure } from "../../src/core/explanation.ts";
import { hashVariants } from "../../src/core/hash-variants.ts";
import type { Lane } from "../../src/core/routing.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";
import { type Preview, type PreviewScope, previewEvent } from "../../src/pipeline/preview.ts";
import { previewJson, previewLines } from "../../src/pipeline/preview-text.ts";
import { SAMPLES } from "../support/destination-samples.ts";
import { purchaseEvent } from "../support/events.ts";
import { fakeDestination } from "../support/lane-world.ts";

const NOW = purchaseEvent().event_time + 60_000;

function all(value: ConsentValue): Record<ConsentPurpose, ConsentValue> {
  return { ad_storage: value, ad_user_data: value, ad_personalization: value, analytics_storage: value };
}

function scopeOf(type: string, settings: unknown, lane: Partial<Lane> = {}): PreviewScope {
  const destination = DESTINATIONS[type];
  if (destination === undefined) throw new Error(`no destination ${type}`);
  return {
    lane: { id: type, destination, settings: destination.settings.parse(settings), testMode: false, ...lane },
    rules: { consent: { defaults: [{ countries: ["*"], purposes: all("denied") }], honourGpc: true } },
    now: NOW,
  };
}

const META = scopeOf("meta", { datasetId: "1234567890" });
const GA4 = scopeOf("ga4", { measurementId: "G-ABC1234567" });

function identifier(preview: Preview, name: string) {
  return preview.identifiers.find((it) => it.identifier === name);
}

function place(preview: Preview, name: string) {
  return preview.places.find((it) => it.place === name);
}

test("a purchase that passes: decision, name, request without a secret, score, and where each part comes from", () => {
  const preview = previewEvent(purchaseEvent(), META);
  expect(preview).toMatchObject({
    decision: { send: true },
    sentAs: "Purchase",
    testMode: false,
    consent: { allowed: true, reason: "granted by the person" },
    quality: { score: 7.3 },
    request: { method: "POST", headers: { authorization: "Bearer {accessToken}" } },
  });
  expect(place(preview, "data[].user_data.em[]")).toEqual({
    place: "data[].user_data.em[]",
    from: ["user.email"],
    hash: "email_plain",
  });
  expect(place(preview, "data[].user_data.ph[]")?.hash).toBe("phone_digits");
  expect(place(preview, "data[].event_name")?.from).toEqual(["event_name"]);
  expect(place(preview, "data[].custom_data.value")?.from).toEqual(["value", "currency"]);
  expect(place(preview, "header content-type")?.from).toEqual([]);
  expect(preview.unused).toEqual(expect.arrayContaining(["browser_ids.ga_client_id"]));
  expect(preview.needed.map(({ field }) => field)).toEqual(expect.arrayContaining(["value", "currency", "page.url"]));
});

test("each identifier says from where it is sent, or what to send for it", () => {
  const preview = previewEvent(purchaseEvent(), META);
  expect(identifier(preview, "email")).toEqual({
    identifier: "email",
    weight: 30,
    sent: true,
    from: [{ field: "user.email", origin: "event" }],
    remedies: [],
  });
  expect(identifier(preview, "external_id")?.from.map(({ field }) => field)).toEqual([
    "user.user_id",
    "user.anonymous_id",
  ]);
  expect(identifier(preview, "click_id")).toMatchObject({
    sent: false,
    remedies: [["click_ids.fbclid"], ["browser_ids.fbc"]],
  });
  expect(identifier(preview, "gender")?.remedies).toEqual([["user.gender"]]);
});

test("of two fields that only count together, the missing one is named", () => {
  const { user_agent: _, ...user } = purchaseEvent().user;
  const event = purchaseEvent({ user, action_source: "other" });
  expect(identifier(previewEvent(event, GA4), "ip_and_user_agent")?.remedies).toEqual([["user.user_agent"]]);
  expect(
    identifier(previewEvent(purchaseEvent({ user: {}, action_source: "other" }), GA4), "ip_and_user_agent")?.remedies,
  ).toEqual([["user.ip", "user.user_agent"]]);
});

test("what only counts in company is asked for with its company", () => {
  const google = scopeOf("google-ads", { customerId: "1234567890" }, { events: { purchase: { name: "1" } } });
  const preview = previewEvent(purchaseEvent({ user: { email: "ana@example.com" } }), google);
  const whole = ["user.first_name", "user.last_name", "user.postal_code", "user.country"];
  expect(identifier(preview, "name")?.remedies).toEqual([whole]);
  expect(identifier(preview, "address")?.remedies).toEqual([whole]);
});

test("what these settings never send is not asked for", () => {
  expect(identifier(previewEvent(purchaseEvent(), GA4), "email")).toMatchObject({ sent: false, remedies: [] });
});

test("what the graph knew and what the sender hashed are told apart from the event's own", () => {
  const digest = "a".repeat(64);
  const { hashes } = hashVariants({ email: "known@example.com" }, {});
  const event = purchaseEvent({
    user: { phone_sha256: digest, user_agent: "Mozilla/5.0" },
    known: { person_id: "p1", user_id: "u-9", hashes },
  });
  const preview = previewEvent(event, META);
  expect(identifier(preview, "email")?.from).toEqual([{ field: "known.hashes.email_plain", origin: "graph" }]);
  expect(identifier(preview, "external_id")?.from).toEqual([{ field: "known.user_id", origin: "graph" }]);
  expect(identifier(preview, "phone")?.from).toEqual([{ field: "user.phone_sha256", origin: "sender_digest" }]);
  expect(place(preview, "data[].user_data.ph[]")?.hash).toBe("the sender's own digest: its rule is unknown");
  expect(place(preview, "data[].user_data.em[]")?.hash).toBe("email_plain");
  expect(preview.problems).toEqual(["phone was hashed by the sender, under a rule that is not known"]);
});

test("a contact that the graph keeps in clear is told as the graph's, and is in no preview of a lane of hashes", () => {
  const contacts = { email: "known@example.com" };
  const { hashes } = hashVariants(contacts, {});
  const event = purchaseEvent({
    user: { anonymous_id: "a-1", user_agent: "Mozilla/5.0" },
    known: { person_id: "p1", hashes, contacts },
  });
  const preview = previewEvent(event, scopeOf("klaviyo", {}));
  expect(identifier(preview, "email")?.from).toEqual([{ field: "known.contacts.email", origin: "graph" }]);
  expect(preview.request?.body).toContain(contacts.email);
  const hashed = previewEvent(event, META);
  expect(hashed.request?.body).not.toContain(contacts.email);
  expect(hashed.unused).toContain("known.contacts.email");
});

test.each(HASH_VARIANTS)("a digest by %s is known as such wherever a platform puts it", (variant) => {
  const lane = scopeOf("meta", { datasetId: "1234567890" }).lane;
  const destination = fakeDestination({
    buildRequest: ([event]) => ({
      method: "POST",
      url: "https://platform.example/",
      headers: { signature: JSON.stringify(event).length.toString() },
      body: JSON.stringify({ deep: { any: `sha256:${event?.hashes?.[variant]}` } }),
    }),
  });
  const preview = previewEvent(purchaseEvent(), { ...META, lane: { ...lane, destination } });
  expect(preview.places.find((it) => it.place === "deep.any")?.hash).toBe(variant);
});

test.each<[string, Partial<CanonicalEvent>, Partial<Lane>, string]>([
  ["consent", { consent: all("denied") }, {}, "consent"],
  ["a lane's rule", {}, { events: { purchase: { drop: true } } }, "not_configured"],
  ["a condition", {}, { events: { purchase: { onlyIf: [{ field: "value", atLeast: "500" }] } } }, "not_configured"],
  ["the sender", { destinations: { meta: false } }, {}, "routing"],
  ["the platform's own demands", { page: {} }, {}, "incomplete"],
  ["age", { event_time: 0 }, {}, "too_old"],
  ["being no event at all", { event_name: "identify" }, {}, "not_configured"],
])("an event that is kept back by %s shows why and no request", (_, changes, lane, code) => {
  const preview = previewEvent(purchaseEvent(changes), { ...META, lane: { ...META.lane, ...lane } });
  expect(preview.decision).toMatchObject({ send: false, skip: { code } });
  expect(preview).not.toHaveProperty("request");
  expect(preview.places).toEqual([]);
});

test("the lane's value rule and name are in the request", () => {
  const events = { purchase: { name: "Lead", value: { amount: "5", currency: "USD" } } } as const;
  const preview = previewEvent(purchaseEvent(), { ...META, lane: { ...META.lane, events } });
  expect(preview.sentAs).toBe("Lead");
  expect(preview.request?.body).toContain('"currency":"USD"');
  expect(preview.unused).toEqual(expect.arrayContaining(["value", "currency"]));
});

test.each(["buildRequest", "skipReason"] as const)(
  "a destination whose %s fails is the defect, not the event",
  (member) => {
    const fail = () => {
      throw new TypeError("no such thing");
    };
    const destination = fakeDestination({ [member]: fail, identifiers: fail });
    const preview = previewEvent(purchaseEvent(), { ...META, lane: { ...META.lane, destination } });
    expect(preview).toMatchObject({ decision: { send: true }, defect: "no such thing", places: [] });
    expect(preview).not.toHaveProperty("request");
  },
);

test("keys that settings hold are hidden", () => {
  const scope = scopeOf("webhook", {
    url: "https://hooks.example.com/in?token=c4nary-token",
    headers: { "x-api-key": "c4nary-key" },
  });
  const preview = previewEvent(purchaseEvent(), scope);
  const lane = { id: "webhook", name: "Webhook" };
  const texts = [
    JSON.stringify(previewJson(preview, lane, [])),
    previewLines(preview, lane, { warnings: [], colours: true }).join("\n"),
  ];
  for (const text of texts) {
    expect(text).toContain("[secret]");
    expect(text).not.toContain("c4nary");
  }
});

test("the text says it in words", () => {
  const warnings = [{ field: "user.ip", rule: "ignored: not a public address", got: "string of 9 characters" }];
  const text = previewLines(
    previewEvent(purchaseEvent(), META),
    { id: "ads", name: "Meta" },
    { warnings, colours: false },
  );
  expect(text).toEqual(
    expect.arrayContaining([
      "purchase  order-100017  to ads (Meta)",
      "  decision   would be sent as Purchase",
      "  warning    user.ip: ignored: not a public address (got string of 9 characters)",
      "  email               30  sent, from the event (user.email)",
      "  click_id            20  missing: send click_ids.fbclid, or browser_ids.fbc",
    ]),
  );
});

test.each(
  Object.keys(DESTINATIONS).flatMap((type) =>
    (SAMPLES[type]?.settings ?? []).map((settings) => [type, settings] as const),
  ),
)("%s with %j: a preview neither fails nor changes the event", (type, settings) => {
  const event = purchaseEvent({ custom_name: "own", properties: { size: "L" } });
  const before = structuredClone(event);
  const preview = previewEvent(event, scopeOf(type, settings, SAMPLES[type]?.events ?? {}));
  expect(event).toEqual(before);
  expect(preview).not.toHaveProperty("defect");
  expect(preview.request === undefined).toBe(!preview.decision.send);
});

test("what would not be sent says what that means and what to do", () => {
  const scope = scopeOf("meta", { datasetId: "1234567890" }, { events: { purchase: { drop: true } } });
  const explain = ({ lane, state, skip }: Failure) => ({
    said: "",
    means: `${lane} ${state} ${skip?.code}`,
    todo: "name it",
  });
  const named = { id: "ads", name: "Meta" };
  const lines = (preview: Preview) => previewLines(preview, named, { warnings: [], colours: false, explain });
  expect(lines(previewEvent(purchaseEvent(), scope)).slice(2, 4)).toEqual([
    "  means      ads skipped not_configured",
    "  do         name it",
  ]);
  expect(lines(previewEvent(purchaseEvent(), META)).join()).not.toContain("means");
});
