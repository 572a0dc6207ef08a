import { createSecrets } from "../../src/adapters/aws-secrets.ts";
import type { PlatformAnswer } from "../../src/adapters/memory/http-sender.ts";
import type { Explanation } from "../../src/core/explanation.ts";
import { explainFailure, knownEntry, SHARED } from "../../src/explanations/explain.ts";
import { EXPLANATIONS } from "../../src/explanations/registry.ts";
import type { DeliverDeps } from "../../src/pipeline/lane.ts";
import { SecretError, SendError } from "../../src/pipeline/ports.ts";
import { goldenFailures } from "../support/golden-failures.ts";
import { fakeDestination, laneMessage, laneWorld, purchase } from "../support/lane-world.ts";

type World = Parameters<typeof laneWorld>[0];

/** Delivers one event and explains what its receipt then says; nobody knows the made-up destination. */
async function explained(world: World): Promise<Explanation & { shown: string | undefined; state: string }> {
  const lane = laneWorld(world);
  const event = purchase("1");
  await lane.deliver([laneMessage(event)]);
  const record = await lane.record(event);
  if (record === undefined || record.state === "delivered" || record.state === "pending") throw new Error("delivered");
  const { state, reason = "", skip } = record;
  const kind = state === "unauthorized" || state === "rejected" || state === "retry" ? state : "retry";
  const shown = knownEntry(undefined, [skip?.code ?? kind], skip?.detail ?? reason)?.shown;
  return { shown, state, ...explainFailure(undefined, { lane: "fake", state, reason, ...(skip && { skip }) }) };
}

function throws(error: Error): PlatformAnswer {
  return () => {
    throw error;
  };
}

const status =
  (code: number, body = ""): PlatformAnswer =>
  () => ({ status: code, headers: {}, body });

function secret(get: DeliverDeps["credentials"]["get"]): World {
  return { deps: { credentials: { get, refresh: get } } };
}

/** The adapter that reads secrets, over a client with one secret in it. */
function secretText(text: string | undefined): World {
  const client = { send: async () => ({ SecretString: text }) };
  const secrets = createSecrets({ client, ttlMs: 1_000, now: () => 0 } as never);
  return secret((name) => secrets.get(name));
}

/** A lane whose access tokens come from an endpoint that answers this. */
function token(answer: PlatformAnswer): World {
  const url = "https://platform.example/token";
  const tokenRequest = () => ({ method: "POST" as const, url, headers: {}, body: "" });
  return { destination: fakeDestination({ tokenRequest }), platform: answer };
}

const oauth = (error: string) => token(status(400, JSON.stringify({ error, error_description: "said so" })));

/** Each way in which a lane fails by itself, and the beginning of what its entry shows. */
const OWN_FAILURES: readonly (readonly [string, World])[] = [
  ["timeout", { platform: throws(new SendError("timeout", "platform.example did not answer in time")) }],
  ["connection: ENOTFOUND", { platform: throws(new SendError("connection", "hook.example: ENOTFOUND")) }],
  ["connection: a certificate", { platform: throws(new SendError("connection", "hook.example: CERT_HAS_EXPIRED")) }],
  ["connection, no answer", { platform: throws(new SendError("connection", "platform.example: ECONNRESET")) }],
  ["connection, no answer", { platform: throws(new Error("socket hang up")) }],
  ["refused_address", { platform: throws(new SendError("refused_address", "hook.example: only https is allowed")) }],
  ["secret … lacks", secret(async () => ({}))],
  [
    "secret … lacks",
    {
      destination: fakeDestination({ credentials: [], credentialSets: [["a"], ["b", "c"]] }),
      ...secret(async () => ({})),
    },
  ],
  [
    "secret … cannot be read",
    secret(() => Promise.reject(new SecretError("secret tl/fake cannot be read: AccessDenied"))),
  ],
  ["secret … cannot be read", secretText(undefined)],
  ["secret … cannot be read", secretText("not JSON")],
  ["secret … cannot be read", secretText("[]")],
  ["secret … cannot be read", secretText('{"token":7}')],
  ["was made", secret(() => Promise.reject(new SecretError("apiKey in secrets.json was made for the sandbox: put …")))],
  ["was made", secret(() => Promise.reject(new SecretError("/tmp/credentials.json is not JSON")))],
  ["secret …: what", { destination: fakeDestination({ credentialProblem: () => "token holds white space" }) }],
  ["secret … could not be read", secret(() => Promise.reject(new Error("throttled")))],
  ["access token: invalid_grant", oauth("invalid_grant")],
  ["access token: invalid_client", oauth("invalid_client")],
  ["access token: invalid_client", oauth("unauthorized_client")],
  ["access token: invalid_scope", oauth("invalid_scope")],
  ["access token: invalid_scope", oauth("access_denied")],
  ["access token: any other", oauth("unsupported_grant_type")],
  ["access token: no answer", token(status(503))],
  ["access token: no answer", token(throws(new SendError("timeout", "platform.example did not answer in time")))],
  ["the request cannot", { destination: fakeDestination({ buildRequest: () => JSON.parse("{") }) }],
  ["the request cannot", { destination: fakeDestination({ skipReason: () => JSON.parse("{") }) }],
  ["the request cannot", { destination: fakeDestination({ classify: () => JSON.parse("{") }) }],
  ["the request cannot", { destination: fakeDestination({ classify: () => [] }) }],
  ["the request has", { destination: fakeDestination({ limits: { ...fakeDestination().limits, bodyBytes: 2 } }) }],
  ["held back by consentRules", { lane: { consentRules: [{ send: "drop" }] } }],
  ["held back by consentRules", { lane: { consentRules: [{ name: "us-states", send: "drop" }] } }],
  ["the person was erased", { deps: { erasures: { among: async (items) => new Set(items) } } }],
  ["takes … only if", { lane: { events: { purchase: { onlyIf: [{ field: "order_id", present: true }] } } } }],
];

test.each(OWN_FAILURES)("what a lane says by itself is known: %s", async (shown, world) => {
  const found = await explained(world);
  expect({ found, shown: found.shown?.slice(0, shown.length) }).toEqual({ found, shown });
  expect(found.said).not.toBe("nothing");
});

/** Words that no lane of the tests brings about: of enrich, and of platforms whose own entries go first. */
const OTHER_WORDS = [
  ["retry", "refused together with another event of the request"],
  ["unauthorized", "HTTP 401: no"],
  ["unauthorized", "HTTP 403"],
  ["unauthorized", "HTTP 404: no such account"],
  ["unauthorized", "HTTP 405"],
  ["unauthorized", "HTTP 404: Outbrain's address has moved"],
  ["retry", "HTTP 425"],
  ["retry", "HTTP 423"],
  ["retry", "HTTP 302"],
  ["retry", "HTTP 429: slow down"],
  ["retry", "HTTP 202"],
  ["retry", "HTTP 403 without the platform's words"],
  ["rejected", "HTTP 400"],
  ["rejected", "HTTP 413"],
  ["consent", "ad_user_data denied by Global Privacy Control"],
  ["consent", "ad_storage denied by the person earlier"],
  ["consent", "ad_storage not answered; denied by default in DE"],
  ["consent", "ad_user_data denied by another copy of the event"],
  ["consent", "ad_user_data denied by the US Privacy string"],
  ["consent", "ad_user_data not granted to this vendor by the TCF string"],
  ["routing", "the sender excluded all destinations that it did not name"],
  ["routing", "held back: a health term in items.name"],
  ["test_event", "a test event is sent only in test mode, which this destination lacks"],
] as const;

test("every shared entry explains something that is there", async () => {
  const own = await Promise.all(OWN_FAILURES.map(async ([, world]) => (await explained(world)).shown));
  const other = OTHER_WORDS.map(([kind, words]) => knownEntry(undefined, [kind], words)?.shown);
  expect(other).not.toContain(undefined);
  const goldens = Object.keys(EXPLANATIONS).flatMap((id) =>
    goldenFailures(id).map(({ kind, words }) => knownEntry(id, [kind], words)?.shown),
  );
  const known = new Set([...own, ...other, ...goldens]);
  expect(SHARED.map(({ shown }) => shown).filter((shown) => !known.has(shown))).toEqual([]);
});
