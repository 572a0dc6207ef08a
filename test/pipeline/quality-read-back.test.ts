import { createMemoryHttpSender, type PlatformAnswer } from "../../src/adapters/memory/http-sender.ts";
import { createMemoryReadBacks } from "../../src/adapters/memory/read-backs.ts";
import type { Destination } from "../../src/core/destination.ts";
import { HOUR_MS } from "../../src/core/durations.ts";
import type { QualityReadBack } from "../../src/core/quality-read-back.ts";
import type { LaneSettings } from "../../src/pipeline/lane.ts";
import { SecretError, SendError } from "../../src/pipeline/ports.ts";
import { type ReadBackDeps, readBackQuality } from "../../src/pipeline/quality-read-back.ts";
import { fakeDestination } from "../support/lane-world.ts";
import { fixedClock, recordingLog } from "../support/pipeline-ports.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const TOKEN = "a-token-nobody-may-see";
const SECRET = { token: TOKEN };

const READ_BACK: QualityReadBack<unknown> = {
  about: "a score of the fake platform",
  permission: "a token with scores:read",
  request: ({ credentials }) => ({
    method: "GET",
    url: "https://platform.example/score",
    headers: { authorization: `Bearer ${credentials.token}` },
    body: "",
  }),
  read: ({ body, status }) => {
    if (status === 200) return { kind: "read", scores: [{ event: "Purchase", score: Number(body), coverage: {} }] };
    return { kind: status === 403 ? "refused" : "retry", reason: `HTTP ${status}: ${body}` };
  },
};

interface WorldOptions {
  readonly secret?: () => Promise<Readonly<Record<string, string>>>;
  readonly destination?: Partial<Destination>;
  readonly lanes?: readonly string[];
}

function world(answer: PlatformAnswer, options: WorldOptions = {}) {
  const clock = fixedClock(NOW);
  const store = createMemoryReadBacks();
  const http = createMemoryHttpSender(answer);
  const log = recordingLog();
  const destination = fakeDestination({ qualityReadBack: READ_BACK, ...options.destination });
  const secret = options.secret ?? (async () => SECRET);
  const lanes = (options.lanes ?? ["meta"]).map((id) => {
    const lane: LaneSettings = {
      id,
      settings: {},
      secretName: `secret/${id}`,
      testMode: false,
      retryWindowMs: HOUR_MS,
    };
    return { lane, destination };
  });
  const deps: ReadBackDeps = {
    lanes,
    store,
    http,
    credentials: { get: secret, refresh: secret },
    accessTokensOf: () => undefined,
    clock,
    log,
  };
  const run = (deadline = Number.POSITIVE_INFINITY) => readBackQuality(deadline, deps);
  const kept = async (lane = "meta") => (await store.read([lane]))[0];
  return { clock, deps, http, kept, log, run, store };
}

const scored: PlatformAnswer = () => ({ status: 200, headers: {}, body: "6.5" });

test("a score is kept with its day, what it is, and our names for its event", async () => {
  const { http, kept, run } = world(scored);
  expect(await run()).toBe(1);
  expect(http.sent).toHaveLength(1);
  expect(http.sent[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  expect(await kept()).toEqual({
    lane: "meta",
    tried_at: NOW,
    next_at: NOW + 23 * HOUR_MS,
    last: {
      read_at: NOW,
      about: "a score of the fake platform",
      scores: [{ event: "Purchase", names: ["purchase"], score: 6.5, coverage: {} }],
    },
  });
});

test("once a day, however many runs there are, and whatever happens at the same time", async () => {
  const { clock, http, run } = world(scored);
  await Promise.all([run(), run(), run()]);
  for (let hour = 1; hour <= 48; hour += 1) {
    clock.set(NOW + hour * HOUR_MS);
    await run();
  }
  expect(http.sent).toHaveLength(3);
});

test("a refusal says what it needs, keeps yesterday's score, and is asked again some hours later", async () => {
  let status = 200;
  const { clock, http, kept, log, run } = world(() => ({ status, headers: {}, body: "6.5" }));
  await run();
  const first = await kept();
  status = 403;
  clock.set(NOW + 24 * HOUR_MS);
  expect(await run()).toBe(0);
  expect(await kept()).toEqual({
    lane: "meta",
    tried_at: NOW + 24 * HOUR_MS,
    next_at: NOW + 30 * HOUR_MS,
    problem: "HTTP 403: 6.5; it needs a token with scores:read",
    last: first?.last,
  });
  expect(log.lines.join()).toContain("platform's own score not read");
  clock.set(NOW + 25 * HOUR_MS);
  await run();
  expect(http.sent).toHaveLength(2);
});

test("what passes by itself is asked in the next run, and forgotten when it has", async () => {
  let fails = true;
  const { clock, kept, run } = world((request, options) => {
    if (fails) throw new SendError("timeout", `no answer in ${options.timeoutMs} ms`);
    return scored(request, options);
  });
  await run();
  expect((await kept())?.problem).toBe("no answer in 10000 ms");
  fails = false;
  clock.set(NOW + HOUR_MS);
  expect(await run()).toBe(1);
  expect(await kept()).not.toHaveProperty("problem");
});

test.each([
  ["lacks a field", async () => ({}), /lacks token/],
  [
    "cannot be read",
    async () => {
      throw new SecretError("secret meta cannot be read: AccessDeniedException");
    },
    /AccessDenied/,
  ],
])("a secret that %s is a refusal, and nothing is sent", async (_, secret, problem) => {
  const { http, kept, run } = world(scored, { secret });
  await run();
  expect((await kept())?.problem).toMatch(problem);
  expect(http.sent).toEqual([]);
});

test("nothing that is kept or logged holds the token, even when the platform quotes it", async () => {
  const { kept, log, run } = world(() => ({
    status: 403,
    headers: {},
    body: `bad token ${TOKEN} of jane.roe@mail.test`,
  }));
  await run();
  expect(JSON.stringify([await kept(), log.lines])).not.toMatch(/a-token-nobody|jane\.roe/);
});

test("one lane's trouble is not another's, and no request begins that could not end in time", async () => {
  const { http, kept, run } = world(
    (request, options) => {
      if (http.sent.length === 1) throw new Error("broken");
      return scored(request, options);
    },
    { lanes: ["a", "b"] },
  );
  await run(NOW + 9_999);
  expect(http.sent).toEqual([]);
  await run();
  expect((await kept("a"))?.problem).toBe("broken");
  expect((await kept("b"))?.last?.scores).toHaveLength(1);
});

test("a destination that tells no score is left alone", async () => {
  const { deps, http } = world(scored);
  const lanes = deps.lanes.map(({ lane }) => ({ lane, destination: fakeDestination() }));
  expect(await readBackQuality(Number.POSITIVE_INFINITY, { ...deps, lanes })).toBe(0);
  expect(http.sent).toEqual([]);
});

test("a custom event that is called like a person, and an identifier that is none, are not kept in clear", async () => {
  const scores = [{ event: "sold to jane.roe@mail.test", score: 1, coverage: { email: 0.5, "jane.roe@mail.test": 1 } }];
  const qualityReadBack: QualityReadBack<unknown> = { ...READ_BACK, read: () => ({ kind: "read", scores }) };
  const { kept, run } = world(scored, { destination: { qualityReadBack } });
  await run();
  expect((await kept())?.last?.scores).toEqual([{ event: "sold to [e-mail]", score: 1, coverage: { email: 0.5 } }]);
});

test("no more scores are kept than an item holds", async () => {
  const coverage = Object.fromEntries(
    Array.from({ length: 1_000 }, (_, n) => [`identifier_${"x".repeat(20)}_${n}`, 1]),
  );
  const scores = Array.from({ length: 5_000 }, (_, n) => ({ event: `${n} ${"an event ".repeat(100)}`, coverage }));
  const qualityReadBack: QualityReadBack<unknown> = { ...READ_BACK, read: () => ({ kind: "read", scores }) };
  const { kept, run } = world(scored, { destination: { qualityReadBack } });
  await run();
  expect((await kept())?.last?.scores).toHaveLength(100);
  expect(JSON.stringify(await kept()).length).toBeLessThan(300_000);
});
