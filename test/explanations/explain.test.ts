import fc from "fast-check";
import type { SkipCode } from "../../src/core/destination.ts";
import { SKIP_CODES } from "../../src/core/destination.ts";
import type { Failure } from "../../src/core/explanation.ts";
import { DEFAULT_RETRY_POLICY, deliveryDeadline } from "../../src/core/retry.ts";
import { explainFailure, knownEntry, SHARED } from "../../src/explanations/explain.ts";
import { LAST_RESORT } from "../../src/explanations/last-resort.ts";
import { EXPLANATIONS } from "../../src/explanations/registry.ts";

const META: Failure = { lane: "meta-eu", state: "unauthorized", status: 400, reason: "190/463: Session has expired" };

test("a failure is told in three parts, with the lane by its name and what becomes of the event", () => {
  const explanation = explainFailure("meta", META);
  expect(explanation).toEqual({
    said: "HTTP 400, 190/463: Session has expired",
    means: "The access token has expired or its session has ended.",
    todo: expect.stringMatching(/^Make the token for a system user.*`meta-eu`\. What waits then goes out by itself/),
    docs: "https://developers.facebook.com/docs/marketing-api/error-reference/",
  });
});

test("what TrackLayer says goes before what a destination would read into the words that it quotes", () => {
  const shown = (id: string, words: string) => knownEntry(id, ["retry"], words)?.shown;
  const quoted = "INVALID_ARGUMENT: There was a problem with the request.";
  expect(shown("google-ads", quoted)).toMatch(/^INVALID_ARGUMENT/);
  expect(shown("google-ads", `refused together with others: ${quoted}`)).toMatch(/^refused together/);
  expect(shown("google-ads", "the request cannot be built: UNAVAILABLE")).toMatch(/^the request cannot be built/);
});

test("of a test nothing waits", () => {
  const { todo } = explainFailure("meta", { ...META, test: true });
  expect(todo).toMatch(/^Make the token .*`meta-eu`\.$/);
});

test("a status is not said twice, and alone where there are no words", () => {
  const said = (status: number, reason?: string) =>
    explainFailure(undefined, { lane: "x", state: "retry", status, ...(reason === undefined ? {} : { reason }) }).said;
  expect(said(429, "HTTP 429: slow down")).toBe("HTTP 429: slow down");
  expect(said(502)).toBe("HTTP 502");
});

test("the same words mean something else at another destination, and less at one that nobody knows", () => {
  const of = (id: string | undefined) => explainFailure(id, { lane: "a", state: "unauthorized", reason: "HTTP 401" });
  expect(new Set([of("braze"), of("webhook"), of(undefined)].map(({ todo }) => todo)).size).toBe(3);
  expect(of("toString")).toEqual(of(undefined));
  expect(of("not-configured-any-more")).toEqual(of(undefined));
});

describe("an event that expired", () => {
  const reasonOf = (maxAgeMs: number) =>
    deliveryDeadline({ since: 0, retryWindowMs: 86_400_000, eventTime: 0, maxAgeMs, policy: DEFAULT_RETRY_POLICY })
      .reason;
  const window = reasonOf(Number.POSITIVE_INFINITY);
  const age = reasonOf(3_600_000);
  const expired = (reason: string, more: Partial<Failure> = {}) =>
    explainFailure("meta", { lane: "meta", state: "expired", reason, ...more });

  test("is told by what kept it from passing, and can be put back", () => {
    const { said, means, todo } = expired(`${window}; last: ${META.reason}`, {
      attempted: "unauthorized",
      status: 400,
    });
    expect(said).toBe("HTTP 400, 190/463: Session has expired");
    expect(means).toMatch(
      /^The lane tried it until its time was up\. Why it did not pass: The access token has expired/,
    );
    expect(todo).toMatch(/^Make the token for a system user.* Then put it back from the lane's dead-letter queue/);
  });

  test("cannot be put back when it is too old for the platform", () => {
    const { means, todo } = expired(`${age}; last: timeout: graph.facebook.com did not answer in time`);
    expect(means).toMatch(
      /^It waited until it was too old for the platform\. Why it did not pass: The platform did not/,
    );
    expect(todo).toBe(
      "Wait until the platform takes events again. This event cannot be sent any more; those after it can.",
    );
  });

  test("without a last word was never sent", () => {
    expect(expired(window).means).toContain("without ever being sent");
    expect(expired(window).said).toBe(window);
    expect(expired(`${window}; last: something new`).means).toContain(LAST_RESORT.retry.means);
  });
});

test("what is under way, and a test that was not sent, are explained too", () => {
  expect(explainFailure("ga4", { lane: "ga4", state: "attempting" })).toMatchObject({ said: "nothing yet" });
  expect(explainFailure("ga4", { lane: "ga4", state: "not_sent" }).todo).toContain("messages above");
});

test.each([
  [
    "incomplete",
    "Amazon needs an e-mail, a phone, a name, an address, a user id or an advertising id",
    "needs an e-mail",
  ],
  [
    "incomplete",
    "Google needs a click id (gclid, gbraid, wbraid), an e-mail, a phone, or a whole name",
    "needs an e-mail",
  ],
  ["incomplete", "nothing in the event points at a person: Meta needs an e-mail, phone, id, click", "needs an e-mail"],
  [
    "incomplete",
    "an e-mail, or user.ip with user.user_agent: phone, click and ids alone match nobody",
    "needs an e-mail",
  ],
  ["incomplete", "Outbrain needs its click id: put OutbrainClickId into the tracking code", "needs its click id"],
  ["incomplete", "no conversion at Taboola can have the name that the sender gave this event", "the name that"],
  ["incomplete", "a purchase with a negative value is none, and Quora takes no refunds", "a negative value"],
  ["not_configured", "Awin takes no refunds with its orders", "takes no refunds"],
  ["not_configured", "refund is not sent to Awin by this lane", "refund is not sent to …"],
  ["not_configured", "purchase is not sent to google-ads", "… is not sent to …"],
  ["not_configured", "a refund would count as another purchase: give it another name", "a refund would count"],
] as const)("%s: %s", (code, detail, shown) => {
  expect(knownEntry(undefined, [code], detail)?.shown).toMatch(new RegExp(`^${shown}`));
});

test("everything is explained, whatever the words are", () => {
  const ids = [...Object.keys(EXPLANATIONS), undefined];
  const states = ["rejected", "retry", "unauthorized", "expired", "skipped", "attempting", "not_sent"] as const;
  const codes: readonly SkipCode[] = SKIP_CODES;
  const words = fc.oneof(fc.string(), fc.constantFrom("HTTP 4", "not delivered within 24 h; last: ", "access token: "));
  fc.assert(
    fc.property(
      fc.constantFrom(...ids),
      fc.constantFrom(...states),
      fc.constantFrom(...codes),
      words,
      (id, state, code, reason) => {
        const skip = state === "skipped" ? { skip: { code, detail: reason } } : {};
        const explanation = explainFailure(id, { lane: "a", state, reason, ...skip });
        for (const part of [explanation.said, explanation.means, explanation.todo]) expect(part.trim()).not.toBe("");
        expect(explanation.todo).not.toContain("<lane>");
      },
    ),
  );
});

describe("what is written down", () => {
  const all = [
    ...SHARED,
    ...Object.values(EXPLANATIONS).flatMap(({ entries }) => entries),
    ...Object.values(LAST_RESORT).map((entry) => ({ ...entry, shown: "last resort" })),
  ];

  test("means one sentence and tells one thing to do", () => {
    for (const { means, todo, shown } of all) {
      expect({ shown, means }).toEqual({ shown, means: expect.stringMatching(/^[A-Z][^\n]{20,240}\.$/) });
      expect(todo).not.toMatch(/config\.ts, [A-Z]|,;|\.\./);
      expect({ shown, todo }).toEqual({ shown, todo: expect.stringMatching(/^[A-Z][^\n]{6,420}\.$/) });
    }
  });

  test("quotes nobody: no address, no number that could be a phone's, no digest", () => {
    const texts = all.flatMap(({ means, todo, shown }) => [means, todo, shown]).join("\n");
    expect(texts).not.toMatch(/[\w.+-]+@[\w-]+\.\w+/);
    expect(texts).not.toMatch(/\+\d{6,}/);
    expect(texts).not.toMatch(/\b[0-9a-f]{32,}\b/i);
  });

  test("links are https, to a page", () => {
    const links = [...all, ...Object.values(EXPLANATIONS)].flatMap((it) =>
      "docs" in it && it.docs !== undefined ? [it.docs] : [],
    );
    for (const link of links) expect(new URL(link).protocol).toBe("https:");
  });

  test("commands are those that there are", () => {
    const commands = all.flatMap(({ todo }) => [...todo.matchAll(/`(npx [^`]+)`/g)].map(([, command]) => command));
    expect([...new Set(commands)].sort()).toEqual([
      "npx tracklayer preview <lane> event.json",
      "npx tracklayer privacy status",
      "npx tracklayer test <lane>",
      "npx tracklayer test <lane> event.json",
    ]);
  });
});
