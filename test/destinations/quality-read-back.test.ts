import fc from "fast-check";
import { judgeOptions } from "../../packages/sandbox/src/model.ts";
import { platformRequest } from "../../packages/sandbox/src/platform-request.ts";
import { platformAt } from "../../packages/sandbox/src/platforms.ts";
import type { DestinationResponse } from "../../src/core/destination.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";
import { SAMPLES } from "../support/destination-samples.ts";

const NOW = Date.UTC(2026, 10, 23, 12);

const ASKED = Object.values(DESTINATIONS).flatMap((destination) => {
  const { id, qualityReadBack } = destination;
  if (qualityReadBack === undefined) return [];
  const settings = destination.settings.parse(SAMPLES[id]?.settings[0]);
  const request = (accessToken: string) =>
    qualityReadBack.request({ lane: id, settings, credentials: { accessToken }, now: NOW, testMode: false });
  /** What the sandbox says to a token, read. */
  const ask = (accessToken: string) => {
    const { body, headers, method, url } = request(accessToken);
    const sent = platformRequest({ method, url, headers, body });
    const { answer } = platformAt(sent.host, sent.path).judge(sent, NOW, judgeOptions());
    return qualityReadBack.read(answer);
  };
  return [[id, { ask, declared: qualityReadBack, request }] as const];
});

test("the platforms that tell their own score are those that are said to", () => {
  expect(ASKED.map(([id]) => id)).toEqual(["meta", "pinterest"]);
});

describe.each(ASKED)("%s", (_, { ask, declared, request }) => {
  test("asks over TLS, with the token in a header and nowhere else", () => {
    const { body, headers, method, url } = request("the-token-itself");
    expect([method, body, new URL(url).protocol]).toEqual(["GET", "", "https:"]);
    expect(url).not.toContain("the-token-itself");
    expect(headers.authorization).toBe("Bearer the-token-itself");
  });

  test("is taken by the sandbox, and its answer read", () => {
    const answer = ask("good-token");
    if (answer.kind !== "read") throw new Error(answer.reason);
    expect(answer.scores.length).toBeGreaterThan(1);
    for (const { coverage, score = 0 } of answer.scores) {
      for (const share of [...Object.values(coverage), score / 10]) {
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(1);
      }
    }
  });

  test.each(["INVALID", "NOPERM", "SENDONLY-token"])("a token like %s is a refusal for a person", (token) => {
    expect(ask(token)).toMatchObject({ kind: "refused", reason: expect.stringMatching(/\w/) });
  });

  test("says in words what its score is and what it may need", () => {
    for (const words of [declared.about, declared.permission]) expect(words.split(" ").length).toBeGreaterThan(4);
  });

  test("every status has an answer: what passes by itself is asked again, the rest is a person's", () => {
    for (let status = 100; status < 600; status += 1) {
      for (const body of ["", "<html>", "{}", "[]", '{"web":[1,{"event_name":2}]}', '[1,{"quality_components":3}]']) {
        const { kind } = declared.read({ status, headers: {}, body });
        if (status < 200 || status >= 300) expect(kind).not.toBe("read");
        if (status >= 500 || status === 429) expect(kind).toBe("retry");
      }
    }
  });

  test("reads whatever comes, and no share or score outside of its range", () => {
    const share = fc.oneof(fc.integer({ min: -5, max: 205 }), fc.constant("9"), fc.constant(null));
    const meta = fc.record({
      web: fc.array(
        fc.record({
          event_name: fc.oneof(fc.string(), fc.integer()),
          event_match_quality: fc.record({
            composite_score: share,
            match_key_feedback: fc.array(
              fc.record({ identifier: fc.string(), coverage: fc.record({ percentage: share }) }),
            ),
          }),
        }),
      ),
    });
    const components = fc.dictionary(fc.string(), fc.dictionary(fc.string(), fc.record({ coverage: share })));
    const pinterest = fc.array(fc.record({ overall_status: fc.string(), quality_components: components }));
    const response = (value: unknown): DestinationResponse => ({
      status: 200,
      headers: {},
      body: JSON.stringify(value),
    });
    fc.assert(
      fc.property(fc.oneof(meta, pinterest, fc.jsonValue()), (value) => {
        const answer = declared.read(response(value));
        for (const { coverage, score = 0 } of answer.kind === "read" ? answer.scores : []) {
          for (const it of [...Object.values(coverage), score / 10]) expect(it >= 0 && it <= 1).toBe(true);
        }
      }),
    );
  });
});

test("Meta: a score for each event and what it counts of each identifier", () => {
  const meta = ASKED.find(([id]) => id === "meta")?.[1];
  expect(meta?.ask("good-token")).toEqual({
    kind: "read",
    scores: [
      { event: "Purchase", score: 6.9, coverage: { email: 0.825, ip_address: 1 } },
      { event: "Lead", score: 4.2, coverage: {} },
    ],
  });
});

test("Pinterest: a word for all events, and coverage for each", () => {
  const pinterest = ASKED.find(([id]) => id === "pinterest")?.[1];
  expect(pinterest?.ask("good-token")).toEqual({
    kind: "read",
    scores: [
      { rating: "FAIR", coverage: {} },
      { event: "checkout", coverage: { hashed_email: 0.64, click_id_epik: 0.31, external_event_id: 1 } },
      { event: "page_visit", coverage: { hashed_email: 0.12 } },
    ],
  });
});
