import type { ConsentRules } from "../../src/core/consent-decision.ts";
import { MATCH_QUALITY_VERSION } from "../../src/core/match-quality.ts";
import { eventForLane, routeEvent } from "../../src/core/routing.ts";
import { DENIED, GRANTED_BY_DEFAULT } from "../support/consent-answers.ts";
import { hashedEvent } from "../support/events.ts";
import { MADE_UP, testLane } from "../support/lanes.ts";

const consent: ConsentRules = GRANTED_BY_DEFAULT;
const lane = testLane("meta");

function decide(event = hashedEvent(), lanes = [lane]) {
  return routeEvent(event, { lanes, consent }, event.received_at);
}

test("a complete event goes out with its consent reason and its score", () => {
  expect(decide().decisions).toEqual([
    {
      lane: "meta",
      send: true,
      consent: {
        allowed: true,
        reason: "granted by the person",
        required: ["ad_storage", "ad_user_data"],
        rule: "declaration",
      },
      quality: {
        score: 7.5,
        present: ["email"],
        missing: ["click_id"],
        points: { email: 7.5, click_id: 2.5 },
        doubts: {},
        version: MATCH_QUALITY_VERSION,
      },
    },
  ]);
});

test("an address is judged by its raw value, which the lane's copy no longer has", () => {
  const event = hashedEvent({ user: { email: "info@company.com" } });
  expect(eventForLane(event, {}, lane).user.email).toBeUndefined();
  expect(decide(event).decisions[0]?.quality).toMatchObject({
    score: 3.8,
    doubts: { email: { factor: 0.5, reason: expect.any(String) } },
  });
});

test.each([
  [{ all: false }, "routing"],
  [{ all: false, meta: true }, undefined],
  [{ all: true, meta: false }, "routing"],
  [{ meta: false }, "routing"],
  [{ other: false }, undefined],
  [{ all: false, platform: true }, undefined],
  [{ platform: false, meta: true }, undefined],
  [{}, undefined],
])("destinations %j → skip %s", (destinations, code) => {
  const [decision] = decide(hashedEvent({ destinations })).decisions;
  expect(decision?.skip?.code).toBe(code);
  expect(decision?.send).toBe(code === undefined);
});

test("a sender's wish never overrides a refusal of consent", () => {
  const event = hashedEvent({ destinations: { meta: true }, consent: { ad_user_data: "denied" } });
  expect(decide(event).decisions[0]).toMatchObject({
    send: false,
    skip: { code: "consent", detail: "ad_user_data denied by the person" },
    consent: { allowed: false },
  });
});

test("the lane's own consent list asks for more than the destination does, and never for less", () => {
  const granted = { ad_storage: "granted", ad_user_data: "granted", analytics_storage: "denied" } as const;
  const event = hashedEvent({ consent: granted });
  const lane = testLane("meta", { consent: ["analytics_storage"] });
  expect(decide(event, [lane]).decisions[0]).toMatchObject({ send: false, consent: { rule: "consent" } });
  expect(decide(hashedEvent({ consent: { ad_user_data: "denied" } }), [lane]).decisions[0]?.send).toBe(false);
});

test("a name that the lane does not take is skipped, whether by the table or by the config", () => {
  const view = decide(hashedEvent({ event_name: "page_view" })).decisions[0];
  expect(view?.skip).toEqual({ code: "not_configured", detail: "page_view is not sent to meta" });
  const dropped = testLane("meta", { events: { purchase: { drop: true } } });
  expect(decide(hashedEvent(), [dropped]).decisions[0]?.skip?.code).toBe("not_configured");
  const added = testLane("meta", { events: { page_view: { name: "PageView" } } });
  expect(decide(hashedEvent({ event_name: "page_view" }), [added]).decisions[0]?.send).toBe(true);
});

test("a test event goes to lanes in test mode, and to platforms that have one", () => {
  const catalogue = { ...MADE_UP, testMode: "flag" } as const;
  const lanes = [lane, testLane("staging", { testMode: true }), testLane("testable", {}, { catalogue })];
  const codes = decide(hashedEvent({ test: true }), lanes).decisions.map(({ skip }) => skip?.code);
  expect(codes).toEqual(["test_event", undefined, undefined]);
});

test("a destination that matches nobody gets no score", () => {
  const [decision] = decide(hashedEvent(), [testLane("hook", {}, { matchKeys: {} })]).decisions;
  expect(decision?.send).toBe(true);
  expect(decision).not.toHaveProperty("quality");
});

test("the sender's jurisdiction decides silence where the person's country is not known", () => {
  const defaults = [{ countries: ["DE"], purposes: DENIED }, ...consent.defaults];
  const event = hashedEvent({ user: { email: "ada@lovelace.dev" }, consent: { jurisdiction: "DE" } });
  const [decision] = routeEvent(event, { lanes: [lane], consent: { defaults, honourGpc: true } }, 0).decisions;
  expect(decision?.skip?.code).toBe("consent");
});

test("identify is decided for no lane", () => {
  expect(decide(hashedEvent({ event_name: "identify" })).decisions).toEqual([]);
});

test("a declaration that throws costs the score, not the event, and not its neighbours", () => {
  const broken = testLane(
    "broken",
    {},
    {
      identifiers() {
        throw new TypeError("boom");
      },
    },
  );
  const { decisions, unscored } = decide(hashedEvent(), [broken, lane]);
  expect(decisions.map(({ send, quality }) => [send, quality?.score])).toEqual([
    [true, undefined],
    [true, 7.5],
  ]);
  expect(unscored.map((it) => it.lane)).toEqual(["broken"]);
});

describe("the lane's copy", () => {
  test("holds answers and refusals, hashes, and no raw e-mail or phone", () => {
    const event = hashedEvent({ consent: { ad_storage: "denied" } });
    const { consent: decided } = decide(event);
    const copy = eventForLane(event, decided, lane);
    expect(copy.user).not.toHaveProperty("email");
    expect(copy.user).not.toHaveProperty("phone");
    expect(copy.hashes).toEqual(event.hashes);
    expect(copy.consent).toEqual({ ad_storage: "denied" });
    expect(event.user.email).toBe("ada@lovelace.dev");
  });

  test("keeps raw fields for a destination that sends them in clear", () => {
    const event = hashedEvent();
    expect(eventForLane(event, {}, testLane("hook", {}, { needsRawContact: () => true })).user).toEqual(event.user);
  });

  test("has the graph's contacts in clear for such a destination alone", () => {
    const known = { person_id: "p", hashes: { email_plain: "h" }, contacts: { email: "ada@lovelace.dev" } };
    const event = hashedEvent({ user: { anonymous_id: "a" }, known });
    expect(eventForLane(event, {}, testLane("hook", {}, { needsRawContact: () => true })).known).toEqual(known);
    expect(eventForLane(event, {}, lane).known).toEqual({ person_id: "p", hashes: { email_plain: "h" } });
  });

  test("keeps a digest that the sender put into the raw field", () => {
    const digest = "A".repeat(64);
    const copy = eventForLane(hashedEvent({ user: { email: digest, phone: digest } }), {}, lane);
    expect(copy.user).toEqual({ email_sha256: digest.toLowerCase(), phone_sha256: digest.toLowerCase() });
  });

  test("never mutates the event", () => {
    const event = hashedEvent();
    const before = structuredClone(event);
    decide(event);
    expect(event).toEqual(before);
  });
});
