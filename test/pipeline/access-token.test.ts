import fc from "fast-check";
import { createMemoryHttpSender, type PlatformAnswer } from "../../src/adapters/memory/http-sender.ts";
import { MINUTE_MS } from "../../src/core/durations.ts";
import { refreshTokenRequest } from "../../src/core/oauth.ts";
import { createAccessTokens, type TokenWish } from "../../src/pipeline/access-token.ts";
import { SendError } from "../../src/pipeline/ports.ts";
import { NOW } from "../support/lane-world.ts";

const SECRET = { refreshToken: "1//0g+refresh/token", clientId: "id.apps.example", clientSecret: "s3cr3t+key" };
const OTHER_SECRET = { ...SECRET, refreshToken: "1//0g-another" };

const given = (token: string, expiresIn: unknown = 3600) => ({
  status: 200,
  headers: {},
  body: JSON.stringify({ access_token: token, expires_in: expiresIn, token_type: "Bearer" }),
});
const refused = (error: string, description = "") => ({
  status: 400,
  headers: {},
  body: JSON.stringify({ error, error_description: description }),
});
const busy = (headers: Record<string, string> = {}) => ({ status: 503, headers, body: "<html>busy</html>" });

/** A source in front of an endpoint that answers what `answers` says, one after the other, the last one for ever. */
function source(...answers: [ReturnType<typeof given>, ...ReturnType<typeof given>[]] | [PlatformAnswer]) {
  const [first] = answers;
  let asked = 0;
  const inTurn = () => answers[Math.min(asked++, answers.length - 1)] as ReturnType<typeof given>;
  const http = createMemoryHttpSender(typeof first === "function" ? first : inTurn);
  const time = { now: NOW };
  const logged: unknown[][] = [];
  const log = (level: string) => (message: string, fields: unknown) => void logged.push([level, message, fields]);
  const tokens = createAccessTokens({
    lane: "google",
    http,
    clock: { now: () => time.now },
    log: { info: log("info"), warn: log("warn"), error: log("error"), step: () => {} },
  });
  const wish: TokenWish = {
    secret: SECRET,
    request: ({ refreshToken = "", clientId = "", clientSecret = "" }) =>
      refreshTokenRequest("https://auth.example/token", { refreshToken, clientId, clientSecret }),
    spareMs: 60_000,
  };
  const get = (more: Partial<TokenWish> = {}) => tokens.get({ ...wish, ...more });
  return { get, http, time, logged };
}

describe("one request", () => {
  test("serves all that ask while it is under way, and all who ask later", async () => {
    const answer = Promise.withResolvers<ReturnType<typeof given>>();
    const { get, http } = source(() => answer.promise);
    const waiting = [get(), get(), get()];
    answer.resolve(given("t1"));
    expect(await Promise.all(waiting)).toEqual([{ token: "t1" }, { token: "t1" }, { token: "t1" }]);
    expect(await get()).toEqual({ token: "t1" });
    expect(http.sent).toHaveLength(1);
  });

  test("that fails, fails for all that wait, and is logged once", async () => {
    const { get, http, logged } = source(busy());
    const results = await Promise.all([get(), get()]);
    expect(results).toMatchObject([{ kind: "retry" }, { kind: "retry" }]);
    expect(http.sent).toHaveLength(1);
    expect(logged).toHaveLength(1);
  });

  test("gets no more time than there is", async () => {
    const timeouts: number[] = [];
    const { get } = source((_, { timeoutMs }) => {
      timeouts.push(timeoutMs);
      return busy();
    });
    await get({ spareMs: 4_000 });
    await get({ spareMs: 60_000, secret: OTHER_SECRET });
    expect(timeouts).toEqual([4_000, 10_000]);
  });

  test("is not begun with too little time", async () => {
    const { get, http } = source(given("t1"));
    expect(await get({ spareMs: 2_999 })).toEqual({ kind: "too_late" });
    expect(http.sent).toEqual([]);
  });

  test("is not made for a secret that needs none", async () => {
    const { get, http } = source(given("t1"));
    expect(await get({ request: () => undefined })).toEqual({});
    expect(http.sent).toEqual([]);
  });
});

describe("a token is replaced ahead of its end", () => {
  test.each([
    [3600, 55 * MINUTE_MS],
    [1000, 900_000],
    [60, 54_000],
  ])("of %d s after %d ms", async (expiresIn, refreshAfterMs) => {
    const { get, time } = source(given("t1", expiresIn), given("t2"));
    await get();
    time.now = NOW + refreshAfterMs - 1;
    expect(await get()).toEqual({ token: "t1" });
    time.now = NOW + refreshAfterMs;
    expect(await get()).toEqual({ token: "t2" });
  });

  test("and the time that its answer took is part of its life", async () => {
    const { get, time } = source(() => {
      time.now += 5_000;
      return given("t1", 60);
    });
    await get();
    time.now = NOW + 54_000;
    const before = time.now;
    await get();
    expect(time.now - before).toBe(5_000);
  });

  test("and used to its end when that fails for now", async () => {
    const { get, http, time, logged } = source(given("t1"), busy());
    await get();
    time.now = NOW + 56 * MINUTE_MS;
    expect(await get()).toEqual({ token: "t1" });
    expect(await get()).toEqual({ token: "t1" });
    expect(http.sent).toHaveLength(2);
    expect(logged).toEqual([
      ["warn", "no new access token", { lane: "google", outcome: "retry", reason: "HTTP 503", wait_ms: 2_000 }],
    ]);
    time.now = NOW + 60 * MINUTE_MS;
    expect(await get()).toMatchObject({ kind: "retry", reason: "HTTP 503" });
  });

  test("and used when there is no time to replace it", async () => {
    const { get, time } = source(given("t1"));
    await get();
    time.now = NOW + 56 * MINUTE_MS;
    expect(await get({ spareMs: 0 })).toEqual({ token: "t1" });
    time.now = NOW + 61 * MINUTE_MS;
    expect(await get({ spareMs: 0 })).toEqual({ kind: "too_late" });
  });

  test("and dropped when the grant is gone", async () => {
    const { get, time } = source(given("t1"), refused("invalid_grant"));
    await get();
    time.now = NOW + 56 * MINUTE_MS;
    expect(await get()).toMatchObject({ kind: "unauthorized", isNew: true });
    expect(await get()).toMatchObject({ kind: "unauthorized", isNew: false });
  });
});

describe("after a failure the endpoint is left alone", () => {
  test("for a minute when only a person can help", async () => {
    const { get, http, time, logged } = source(refused("invalid_grant"));
    for (let second = 0; second < 180; second += 1) {
      expect(await get()).toMatchObject({ kind: "unauthorized", reason: expect.stringMatching(/^invalid_grant: /) });
      time.now += 1_000;
    }
    expect(http.sent).toHaveLength(3);
    expect(logged.map(([level]) => level)).toEqual(["error", "error", "error"]);
  });

  test("longer and longer when it passes by itself, and the events wait as long", async () => {
    const { get, http, time } = source(busy());
    const waits: unknown[] = [];
    while (http.sent.length < 8) {
      const result = await get();
      const afterMs = "kind" in result && result.kind === "retry" ? result.afterMs : Number.NaN;
      waits.push(afterMs);
      time.now += afterMs - 1;
      expect(await get()).toMatchObject({ afterMs: 1, isNew: false });
      time.now += 1;
    }
    expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  test("as long as it asks, within reason", async () => {
    for (const [asked, afterMs] of [
      ["90", 90_000],
      ["1", 2_000],
      ["86400", 900_000],
    ] as const) {
      expect(await source(busy({ "retry-after": asked })).get()).toMatchObject({ kind: "retry", afterMs });
    }
  });

  test("and a success forgets it", async () => {
    const { get, time } = source(busy(), given("t1", 60), busy());
    await get();
    time.now += 2_000;
    expect(await get()).toEqual({ token: "t1" });
    time.now += 2 * MINUTE_MS;
    expect(await get()).toMatchObject({ afterMs: 2_000 });
  });

  test("but not for another secret, which is what a person changes", async () => {
    const { get } = source(refused("invalid_grant"), given("t2"));
    await get();
    expect(await get({ secret: OTHER_SECRET })).toEqual({ token: "t2" });
  });
});

test("a token belongs to its secret, whatever the order of the fields", async () => {
  const { get, http } = source(given("t1"), given("t2"));
  await get();
  expect(await get({ secret: Object.fromEntries(Object.entries(SECRET).reverse()) })).toEqual({ token: "t1" });
  expect(await get({ secret: OTHER_SECRET })).toEqual({ token: "t2" });
  expect(http.sent.map(({ body }) => new URLSearchParams(body).get("refresh_token"))).toEqual([
    SECRET.refreshToken,
    OTHER_SECRET.refreshToken,
  ]);
});

describe("a token that the platform refuses", () => {
  test("is replaced although it should live, once for all who had it", async () => {
    const { get, http } = source(given("t1"), given("t2"));
    await get();
    expect(await Promise.all([get({ refused: "t1" }), get({ refused: "t1" })])).toEqual([
      { token: "t2" },
      { token: "t2" },
    ]);
    expect(await get({ refused: "t1" })).toEqual({ token: "t2" });
    expect(http.sent).toHaveLength(2);
  });

  test("is replaced once a minute: a permission that lacks is not in the next one either", async () => {
    const { get, http, time } = source(given("t1"), given("t2"), given("t3"));
    await get();
    await get({ refused: "t1" });
    time.now += MINUTE_MS - 1;
    expect(await get({ refused: "t2" })).toEqual({ token: "t2" });
    expect(http.sent).toHaveLength(2);
    time.now += 1;
    expect(await get({ refused: "t2" })).toEqual({ token: "t3" });
  });

  test("does not stand in for a new one that cannot be had", async () => {
    const { get, time } = source(given("t1"), busy(), given("t2"));
    await get();
    expect(await get({ refused: "t1" })).toMatchObject({ kind: "retry" });
    expect(await get({ refused: "t1" })).toMatchObject({ kind: "retry", isNew: false });
    expect(await get({ refused: "t1", spareMs: 0 })).toMatchObject({ kind: "retry" });
    time.now += 2_000;
    expect(await get({ refused: "t1", spareMs: 0 })).toEqual({ kind: "too_late" });
    expect(await get({ refused: "t1" })).toEqual({ token: "t2" });
  });
});

describe("what is said", () => {
  test.each([
    ["a timeout", new SendError("timeout", "auth.example was too slow"), "timeout: auth.example was too slow"],
    ["an answer that broke off", new TypeError("terminated"), "no answer: TypeError: terminated"],
  ])("about %s names it", async (_, error, reason) => {
    const { get } = source(() => Promise.reject(error));
    expect(await get()).toMatchObject({ kind: "retry", reason });
  });

  test("about a secret that makes no request is that a person must act", async () => {
    const { get, http } = source(given("t1"));
    const request = () => {
      throw new RangeError(`privateKey does not decode: ${SECRET.clientSecret}`);
    };
    expect(await get({ request })).toMatchObject({
      kind: "unauthorized",
      reason: "the secret makes no request for one: privateKey does not decode: [hidden]",
    });
    expect(http.sent).toEqual([]);
  });

  test.each([
    "invalid_grant",
    "invalid_client",
    "unauthorized_client",
    "invalid_scope",
    "access_denied",
    "invalid_request",
    "unsupported_grant_type",
    "other_error",
  ])("about %s survives the search for secrets in it", async (error) => {
    const result = await source(refused(error)).get();
    expect(result).toMatchObject({ reason: expect.stringMatching(/^[^[…]+$/) });
  });

  test("never quotes the secret, plain or as it was sent", async () => {
    const quoting = fc.constantFrom(
      ...Object.values(SECRET),
      ...Object.values(SECRET).map((value) => encodeURIComponent(value)),
      new URLSearchParams(SECRET).toString(),
    );
    await fc.assert(
      fc.asyncProperty(quoting, fc.constantFrom(400, 401, 403, 429, 500), async (text, status) => {
        const body = JSON.stringify({ error: `bad ${text}`, error_description: `You sent ${text}.` });
        const { get, logged } = source({ status, headers: {}, body });
        const kept = JSON.stringify([await get(), logged]);
        for (const value of Object.values(SECRET)) {
          expect(kept).not.toContain(value);
          expect(kept).not.toContain(encodeURIComponent(value));
        }
      }),
    );
  });
});
