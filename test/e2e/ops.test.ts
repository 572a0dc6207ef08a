import { OPS_PERMISSIONS, type OpsPermission } from "../../src/ops/contract/keys.ts";
import { OPS_ROUTES } from "../../src/ops/routes.ts";
import { purchaseInput } from "../support/purchase-input.ts";
import { E2E_TEST_MS, eventually, type RunningApp, startApp } from "../support/running-app.ts";

// Most of it is waiting for a whole pipeline, on machines of any speed.
import.meta.jest.setTimeout(E2E_TEST_MS);

let app: RunningApp;

beforeAll(async () => {
  app = await startApp({ config: "test/support/fast.config.ts" });
});

afterAll(async () => {
  await app.stop();
});

/** In every event that is sent here; it must be in no masked answer. */
const CANARY = "canary.person@example.com";

async function ask(method: string, path: string, { key = app.opsKey, body }: { key?: string; body?: object } = {}) {
  const response = await fetch(`${app.apiUrl}/v1/ops${path}`, {
    method,
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) };
}

test("who has no ops key gets nothing, and a key of a source is none", async () => {
  const wrong = `tlo_${"a".repeat(12)}_${"0".repeat(64)}`;
  for (const [key, code] of [
    ["", "key_missing"],
    [app.keys["shop-server"] ?? "", "not_an_ops_key"],
    [wrong, "key_not_valid"],
  ] as const) {
    const { status, body } = await ask("GET", "/health", { key });
    expect({ status, error: body.error }).toEqual({ status: 401, error: code });
  }
});

test("each route lets in exactly the keys that have its permission", async () => {
  const keys = new Map<OpsPermission, string>();
  for (const permission of OPS_PERMISSIONS) {
    const made = await ask("POST", "/keys", { body: { label: permission, permissions: [permission] } });
    keys.set(permission, made.body.key);
  }
  for (const { method, path, permission } of OPS_ROUTES) {
    // A body that no route takes: nothing must happen here, and permissions come before fields.
    const body = method === "GET" ? {} : { body: { no_such_field: 1 } };
    for (const [held, key] of keys) {
      const { status } = await ask(method, path.replaceAll(/\{\w+\}/g, "none"), { key, ...body });
      const isRefused = status === 403;
      expect({ method, path, held, isRefused }).toEqual({ method, path, held, isRefused: held !== permission });
    }
  }
});

test("every route answers as the document says, masked, and what it changes is in the audit log", async () => {
  await app.send([
    purchaseInput("ops-1", { user: { email: CANARY, country: "US", ip: "198.51.100.7", user_agent: "Mozilla/5.0" } }),
    { event_name: "purchase", event_id: "ops-bad", value: "much", user: { email: CANARY } },
  ]);
  await eventually("the delivery of ops-1", async () => {
    const { body } = await ask("GET", "/events/ops-1");
    const [event] = body.events ?? [];
    return event?.deliveries?.some(({ state }: { state: string }) => state === "delivered");
  });
  await eventually("the quarantine of ops-bad", async () => (await ask("GET", "/quarantine")).body.items.length > 0);
  const { body: key } = await ask("POST", "/keys", { body: { label: "short-lived", permissions: ["read"] } });
  const hour = Date.now() - 3_600_000;
  const replay = { from: hour, to: Date.now(), dry_run: true };

  const asked: [string, string, object?][] = [
    ["GET /health", "/health"],
    ["GET /events", `/events?from=${hour}`],
    ["GET /events/{event_id}", "/events/ops-1"],
    ["GET /failures", "/failures"],
    ["GET /destinations", "/destinations?window=30"],
    ["GET /destinations/{lane}", "/destinations/meta"],
    ["POST /destinations/{lane}/pause", "/destinations/webhook/pause", { reason: "a test" }],
    ["POST /destinations/{lane}/resume", "/destinations/webhook/resume", {}],
    ["GET /dlq", "/dlq"],
    ["GET /dlq/{queue}/messages", "/dlq/lane-meta-dlq/messages"],
    ["POST /dlq/{queue}/redrive", "/dlq/lane-meta-dlq/redrive", {}],
    ["POST /dlq/{queue}/purge", "/dlq/lane-ga4-dlq/purge", { confirm: "lane-ga4-dlq" }],
    ["POST /replays", "/replays", replay],
    ["GET /replays", "/replays"],
    ["GET /replays/{id}", "/replays/{replay}"],
    ["POST /replays/{id}/cancel", "/replays/{replay}/cancel", {}],
    ["GET /quarantine", "/quarantine"],
    ["POST /quarantine/resubmit", "/quarantine/resubmit", { dry_run: true }],
    ["GET /findings", "/findings"],
    ["GET /reconciliation", "/reconciliation?days=1"],
    ["GET /identity", "/identity?identifier=canary.person%40example.com"],
    [
      "POST /identity/split",
      "/identity/split",
      { person_id: "nobody-has-this-id-now", merged_id: "no-one-has-this-id-now" },
    ],
    ["POST /privacy/export", "/privacy/export", { identifier: CANARY }],
    ["GET /privacy/exports/{id}", "/privacy/exports/{job}"],
    ["POST /privacy/erase", "/privacy/erase", { identifier: "someone.else@example.com" }],
    ["GET /privacy/jobs", "/privacy/jobs"],
    ["GET /privacy/jobs/{id}", "/privacy/jobs/{job}"],
    ["GET /privacy/platforms", "/privacy/platforms"],
    ["GET /quality", "/quality"],
    ["GET /sensitive", "/sensitive?days=1"],
    ["GET /tail", "/tail"],
    ["GET /keys", "/keys"],
    ["POST /keys", "/keys", { label: "another", permissions: ["read"] }],
    ["DELETE /keys/{id}", `/keys/${key.id}`],
    ["GET /audit", "/audit"],
    ["GET /audit/verify", "/audit/verify"],
  ];
  expect(asked.map(([route]) => route).sort()).toEqual(
    OPS_ROUTES.map(({ method, path }) => `${method} ${path}`).sort(),
  );

  let replayId = "";
  let jobId = "";
  for (const [name, path, body] of asked) {
    const route = OPS_ROUTES.find(({ method, path: template }) => `${method} ${template}` === name);
    const method = name.split(" ")[0] ?? "";
    const answer = await ask(
      method,
      path.replace("{replay}", replayId).replace("{job}", jobId),
      body === undefined ? {} : { body },
    );
    // A replay that is done cannot be cancelled, nobody was merged here, and an export is in clear or not at all: these
    // are answers as well.
    const refusals: Readonly<Record<string, number>> = {
      "POST /replays/{id}/cancel": 409,
      "POST /identity/split": 404,
      "GET /privacy/exports/{id}": 422,
    };
    const expected = [200, refusals[name]];
    expect({ name, status: answer.status, body: expected.includes(answer.status) || answer.body }).toEqual({
      name,
      status: answer.status,
      body: true,
    });
    expect(answer.headers.get("cache-control")).toBe("no-store");
    if (name === "POST /replays") replayId = answer.body.id;
    if (name === "POST /privacy/export") jobId = answer.body.id;
    const parsed = answer.status === 200 ? route?.answer?.safeParse(answer.body) : undefined;
    expect({ name, issues: parsed?.error?.issues ?? [] }).toEqual({ name, issues: [] });
    expect({ name, told: JSON.stringify(answer.body).includes(CANARY) }).toEqual({ name, told: false });
  }

  const { body: log } = await ask("GET", "/audit?limit=100");
  const actions = new Set(log.items.map(({ action }: { action: string }) => action));
  const done = [
    ...["lane.pause", "lane.resume", "dlq.redrive", "dlq.purge", "replay.dry_run", "key.create", "key.revoke"],
    ...["privacy.export", "privacy.erase"],
  ];
  expect(done.filter((action) => !actions.has(action))).toEqual([]);
  expect(JSON.stringify(log)).not.toContain(CANARY);
  expect((await ask("GET", "/audit/verify")).body).toMatchObject({ intact: true });
});

test("personal data is shown to who may see it, and that it was seen is written down first", async () => {
  const { body: key } = await ask("POST", "/keys", { body: { label: "reader", permissions: ["read"] } });
  expect((await ask("GET", "/quarantine?personal=true", { key: key.key })).status).toBe(403);
  const clear = await ask("GET", "/quarantine?personal=true");
  expect(JSON.stringify(clear.body)).toContain(CANARY);
  const { body: log } = await ask("GET", "/audit?limit=1");
  expect(log.items).toMatchObject([{ action: "quarantine.read_personal" }]);
});

test("nothing personal is in a log line", () => {
  expect(app.output()).not.toContain(CANARY);
});
