import type { PlatformAnswer } from "../../src/adapters/memory/http-sender.ts";
import type { Destination } from "../../src/core/destination.ts";
import { HOUR_MS } from "../../src/core/durations.ts";
import { refreshTokenRequest } from "../../src/core/oauth.ts";
import { rotating, takesOnly } from "../support/lane-credentials.ts";
import {
  answered,
  fakeDestination,
  idsOf,
  laneMessage,
  laneWorld,
  NOW,
  purchase,
  takesAll,
} from "../support/lane-world.ts";

const TOKEN_URL = "https://auth.example/token";
const OAUTH_SECRET = { refreshToken: "1//0g+refresh", clientId: "client.example", clientSecret: "s3cr3t+key" };
const NEW_SECRET = { ...OAUTH_SECRET, refreshToken: "1//0g+another" };

/** Signs in with a refresh token, or with a token that its owner looks after. */
function oauthDestination(more: Partial<Destination> = {}): Destination {
  return fakeDestination({
    credentials: [],
    credentialSets: [["refreshToken", "clientId", "clientSecret"], ["accessToken"]],
    tokenRequest: ({ refreshToken, clientId = "", clientSecret = "" }) =>
      refreshToken === undefined ? undefined : refreshTokenRequest(TOKEN_URL, { refreshToken, clientId, clientSecret }),
    buildRequest: (events, context) => ({
      method: "POST",
      url: "https://platform.example/events",
      headers: { authorization: context.credentials.accessToken ?? "none" },
      body: JSON.stringify(events.map((event) => event.event_id)),
    }),
    ...more,
  });
}

type Answer = Awaited<ReturnType<PlatformAnswer>>;
const tokenAnswer = (token: string): Answer => ({
  status: 200,
  headers: {},
  body: JSON.stringify({ access_token: token, expires_in: 3600 }),
});
const revoked: Answer = { status: 400, headers: {}, body: '{"error":"invalid_grant"}' };
const down: Answer = { status: 503, headers: {}, body: "" };

interface OauthWorld {
  secret?: Record<string, string>;
  /** What `refresh` gives; the same unless told. */
  newSecret?: Record<string, string>;
  /** What the token endpoint answers, one after the other; the last for ever. */
  endpoint?: readonly (Answer | PlatformAnswer)[];
  platform?: PlatformAnswer;
  destination?: Partial<Destination>;
}

function oauthWorld(options: OauthWorld = {}) {
  const secret = options.secret ?? OAUTH_SECRET;
  const { calls, credentials } = rotating(secret, options.newSecret ?? secret);
  const { endpoint = [tokenAnswer("token-1"), tokenAnswer("token-2")], platform = takesAll } = options;
  let asked = 0;
  const world = laneWorld({
    destination: oauthDestination(options.destination),
    deps: { credentials },
    async platform(request, sent) {
      if (request.url !== TOKEN_URL) return platform(request, sent);
      const answer = endpoint[Math.min(asked++, endpoint.length - 1)] ?? down;
      return typeof answer === "function" ? answer(request, sent) : answer;
    },
  });
  const sentWith = () =>
    world.http.sent.filter(({ url }) => url !== TOKEN_URL).map(({ headers }) => headers.authorization);
  const tokenRequests = () =>
    world.http.sent
      .filter(({ url }) => url === TOKEN_URL)
      .map(({ body }) => new URLSearchParams(body).get("refresh_token"));
  return { ...world, calls, sentWith, tokenRequests };
}

describe("a destination whose access tokens are short-lived", () => {
  test("has one fetched for all requests and invocations of a container", async () => {
    const world = oauthWorld({ destination: { limits: { ...fakeDestination().limits, batchSize: 1 } } });
    const batches = ["a", "b"].map((batch) => ["1", "2", "3"].map((id) => laneMessage(purchase(`${batch}${id}`))));
    await Promise.all(batches.map((batch) => world.deliver(batch)));
    await world.deliver([laneMessage(purchase("later"))]);
    expect(world.sentWith()).toEqual(Array(7).fill("token-1"));
    expect(world.tokenRequests()).toEqual([OAUTH_SECRET.refreshToken]);
    expect(await world.state(purchase("later"))).toBe("delivered");
  });

  test("gets the next token ahead of the end of this one", async () => {
    const world = oauthWorld();
    await world.deliver([laneMessage(purchase("e1"))]);
    world.time.now = NOW + 56 * 60_000;
    await world.deliver([laneMessage(purchase("e2"))]);
    expect(world.sentWith()).toEqual(["token-1", "token-2"]);
  });

  test("goes on with this one when the next cannot be had yet", async () => {
    const world = oauthWorld({ endpoint: [tokenAnswer("token-1"), down] });
    await world.deliver([laneMessage(purchase("e1"))]);
    world.time.now = NOW + 56 * 60_000;
    expect(await world.deliver([laneMessage(purchase("e2"))])).toEqual({ failures: [] });
    expect(world.sentWith()).toEqual(["token-1", "token-1"]);
  });

  test("asks for none when nothing is to be sent", async () => {
    const world = oauthWorld();
    expect(await world.deliver([laneMessage(purchase("e1", { test: true }))])).toEqual({ failures: [] });
    expect(world.http.sent).toEqual([]);
  });

  test("uses a token that the secret holds as it is", async () => {
    const world = oauthWorld({ secret: { accessToken: "their-own" } });
    await world.deliver([laneMessage(purchase("e1"))]);
    expect(world.sentWith()).toEqual(["their-own"]);
    expect(world.tokenRequests()).toEqual([]);
  });

  test("sends nothing when the grant was revoked, and asks neither platform nor endpoint for a minute", async () => {
    const world = oauthWorld({ endpoint: [revoked] });
    expect(await world.deliver([laneMessage(purchase("e1"))])).toEqual({ failures: ["m-e1"] });
    await world.deliver([laneMessage(purchase("e2"))]);
    expect(world.sentWith()).toEqual([]);
    expect(world.tokenRequests()).toHaveLength(1);
    expect(world.calls).toEqual({ get: 2, refresh: 1 });
    expect(await world.record(purchase("e2"))).toMatchObject({
      state: "unauthorized",
      reason: expect.stringMatching(/^access token: invalid_grant: .*connect the account again/),
      attempt_count: 0,
    });
    expect(world.queue.postponed.get("handle of m-e2")).toBeGreaterThanOrEqual(15 * 60);
  });

  test("takes the secret that a person put in since, as soon as the old one is refused", async () => {
    const world = oauthWorld({ newSecret: NEW_SECRET, endpoint: [revoked, tokenAnswer("token-2")] });
    expect(await world.deliver([laneMessage(purchase("e1"))])).toEqual({ failures: [] });
    expect(world.tokenRequests()).toEqual([OAUTH_SECRET.refreshToken, NEW_SECRET.refreshToken]);
    expect(world.sentWith()).toEqual(["token-2"]);
  });

  test("waits shortly for an endpoint that is down", async () => {
    const world = oauthWorld({ endpoint: [down] });
    expect(await world.deliver([laneMessage(purchase("e1"))])).toEqual({ failures: ["m-e1"] });
    expect(world.sentWith()).toEqual([]);
    expect(await world.record(purchase("e1"))).toMatchObject({ state: "retry", reason: "access token: HTTP 503" });
    expect(world.queue.postponed.get("handle of m-e1")).toBeLessThan(15);
  });

  test("waits for as long as the endpoint asks", async () => {
    const world = oauthWorld({ endpoint: [{ ...down, headers: { "retry-after": "300" } }] });
    await world.deliver([laneMessage(purchase("e1"))]);
    world.time.now += 200_000;
    await world.deliver([laneMessage(purchase("e2"))]);
    expect(world.tokenRequests()).toHaveLength(1);
    expect(world.queue.postponed.get("handle of m-e1")).toBeGreaterThanOrEqual(300);
    expect(world.queue.postponed.get("handle of m-e2")).toBeGreaterThanOrEqual(100);
    expect(world.queue.postponed.get("handle of m-e2")).toBeLessThan(200);
  });

  test("leaves the events when there is no time for a token", async () => {
    const world = oauthWorld();
    world.time.remainingMs = 34_000;
    expect(await world.deliver([laneMessage(purchase("e1"))])).toEqual({ failures: ["m-e1"] });
    expect(world.http.sent).toEqual([]);
    expect(await world.record(purchase("e1"))).toBeUndefined();
    expect(world.queue.postponed.get("handle of m-e1")).toBe(0);
  });

  test("gets a new token when the platform refuses one that should live, and sends again", async () => {
    const world = oauthWorld({ platform: takesOnly("token-2") });
    expect(await world.deliver(["e1", "e2"].map((id) => laneMessage(purchase(id))))).toEqual({ failures: [] });
    expect(world.sentWith()).toEqual(["token-1", "token-2"]);
    expect(await world.record(purchase("e1"))).toMatchObject({ state: "delivered", attempt_count: 1 });
  });

  test("renews once, however many requests were refused", async () => {
    const limits = { ...fakeDestination().limits, batchSize: 1 };
    const world = oauthWorld({ platform: takesOnly("token-2"), destination: { limits } });
    await world.deliver(["e1", "e2", "e3", "e4"].map((id) => laneMessage(purchase(id))));
    expect(world.tokenRequests()).toHaveLength(2);
    expect(world.sentWith().filter((token) => token === "token-2")).toHaveLength(4);
  });

  test("is unauthorized when the new token is refused too, and does not renew in every batch", async () => {
    const world = oauthWorld({ platform: takesOnly("none of them") });
    expect(await world.deliver([laneMessage(purchase("e1"))])).toEqual({ failures: ["m-e1"] });
    expect(world.sentWith()).toEqual(["token-1", "token-2"]);
    expect(await world.record(purchase("e1"))).toMatchObject({ state: "unauthorized", reason: "bad token" });
    await world.deliver([laneMessage(purchase("e2"))]);
    expect(world.tokenRequests()).toHaveLength(2);
    expect(await world.state(purchase("e2"))).toBe("unauthorized");
  });

  test("follows a changed secret at once", async () => {
    const world = oauthWorld({ newSecret: NEW_SECRET, platform: takesOnly("token-2") });
    await world.deliver([laneMessage(purchase("e1"))]);
    expect(world.tokenRequests()).toEqual([OAUTH_SECRET.refreshToken, NEW_SECRET.refreshToken]);
    expect(await world.state(purchase("e1"))).toBe("delivered");
  });

  test.each([
    ["is revoked", revoked, { state: "unauthorized", reason: expect.stringContaining("invalid_grant") }],
    ["cannot be had for now", down, { state: "retry", reason: "access token: HTTP 503" }],
  ])("says what became of a refused token whose next one %s", async (_, answer, record) => {
    const world = oauthWorld({ endpoint: [tokenAnswer("token-1"), answer], platform: takesOnly("token-2") });
    expect(await world.deliver([laneMessage(purchase("e1"))])).toEqual({ failures: ["m-e1"] });
    expect(world.sentWith()).toEqual(["token-1"]);
    expect(await world.record(purchase("e1"))).toMatchObject({ ...record, attempt_count: 1 });
  });

  test("does not begin to renew without the time to store the answers", async () => {
    const world = oauthWorld({
      platform() {
        world.time.remainingMs = 33_000;
        return { status: 401, headers: {}, body: "" };
      },
    });
    await world.deliver([laneMessage(purchase("e1"))]);
    expect(world.tokenRequests()).toHaveLength(1);
    expect(await world.record(purchase("e1"))).toMatchObject({
      state: "retry",
      reason: "access token: no time was left to ask for one",
    });
  });

  test("keeps only what was answered for when some of a batch are refused", async () => {
    const world = oauthWorld({
      endpoint: [tokenAnswer("token-1"), down],
      platform: (request) =>
        answered(
          idsOf(request).map((id) => (id === "e2" ? { kind: "unauthorized", reason: "scope" } : { kind: "delivered" })),
        ),
    });
    expect(await world.deliver(["e1", "e2"].map((id) => laneMessage(purchase(id))))).toEqual({ failures: ["m-e2"] });
    expect(await world.state(purchase("e1"))).toBe("delivered");
    expect(await world.record(purchase("e2"))).toMatchObject({ state: "retry", reason: "access token: HTTP 503" });
  });

  test.each([
    ["nothing", {}],
    ["half of a set", { refreshToken: "r", clientId: "c" }],
    ["an empty field", { ...OAUTH_SECRET, clientSecret: "" }],
  ])("is unauthorized with %s in its secret, and is told what belongs there", async (_, secret) => {
    const world = oauthWorld({ secret });
    await world.deliver([laneMessage(purchase("e1"))]);
    expect(world.http.sent).toEqual([]);
    expect(await world.record(purchase("e1"))).toMatchObject({
      state: "unauthorized",
      reason: "secret tl/fake must hold all of one of these: refreshToken + clientId + clientSecret; accessToken",
    });
  });

  test("lets neither the secret nor any token into a reason or a log line", async () => {
    // Short, so that no rule for what looks like a token finds them.
    const echo = (status: number, texts: readonly string[]): Answer => ({
      status,
      headers: {},
      body: JSON.stringify({ error: "odd", error_description: texts.join(" and ") }),
    });
    const secrets = Object.values(OAUTH_SECRET);
    const form = new URLSearchParams(OAUTH_SECRET).toString();
    const world = oauthWorld({
      endpoint: [tokenAnswer("tok|1"), tokenAnswer("tok|2"), echo(400, ["tok|2", form, ...secrets])],
      platform: ({ headers }) =>
        headers.authorization === "tok|1" ? echo(401, ["tok|1"]) : echo(400, ["tok|1", "tok|2", ...secrets]),
      destination: {
        classify: (response, events) =>
          events.map(() => ({ kind: response.status === 401 ? "unauthorized" : "rejected", reason: response.body })),
      },
    });
    await world.deliver([laneMessage(purchase("e1"))]);
    world.time.now = NOW + 2 * HOUR_MS;
    await world.deliver([laneMessage(purchase("e2"))]);
    const records = await Promise.all(["e1", "e2"].map((id) => world.record(purchase(id))));
    expect(records).toMatchObject([{ state: "rejected" }, { state: "unauthorized" }]);
    const kept = JSON.stringify([records, world.logged]);
    expect(kept).toContain("odd");
    for (const secret of [...secrets, "tok|1", "tok|2", "s3cr3t%2Bkey", "1%2F%2F0g"]) {
      expect(kept).not.toContain(secret);
    }
  });
});
