import { enrichSettings } from "../../src/adapters/lambda-enrich.ts";
import { platformDeletions } from "../../src/adapters/lambda-ops.ts";
import { createMemoryExportStore } from "../../src/adapters/memory/export-store.ts";
import { createMemoryLaneIntakes } from "../../src/adapters/memory/lane-intakes.ts";
import { createMemoryPrivacyJobs } from "../../src/adapters/memory/privacy-jobs.ts";
import { createMemoryReconciliationStore } from "../../src/adapters/memory/reconciliation-store.ts";
import { createMemoryReplayStore } from "../../src/adapters/memory/replay-store.ts";
import { createMemoryTombstones } from "../../src/adapters/memory/tombstones.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/core/durations.ts";
import { meta } from "../../src/destinations/meta.ts";
import { webhook } from "../../src/destinations/webhook.ts";
import type { OpsPermission } from "../../src/ops/contract/keys.ts";
import { OPS_PERMISSIONS } from "../../src/ops/contract/keys.ts";
import { deadLetterQueuesOf } from "../../src/ops/dead-letters.ts";
import { OPS_ROUTES, type OpsPorts } from "../../src/ops/routes.ts";

import { createOpsWorld, OPS_NOW } from "../support/ops-world.ts";
import { EMAIL, leaks, NAME, PHONE, plantedWorld } from "../support/planted-world.ts";
import { RECONCILED } from "../support/reconciliation-store-suite.ts";

const TOLD = `for ${NAME} <${EMAIL}>, ${PHONE}`;
/** Of what platforms, colleagues and our own functions wrote: there a name is a word like any other. */
const WRITTEN = `for ${EMAIL}, ${PHONE}`;

/** Every route over memory, with somebody's data wherever a port can hold some. */
async function everyRoute() {
  const world = await plantedWorld();
  const { config, clock, store, lanes, identities, archive, log } = world;
  const replays = createMemoryReplayStore();
  const reconciliation = createMemoryReconciliationStore();
  const sensitive = [{ source: "web", event: "lead", where: `page.url?${EMAIL}`, kind: "email", events: 1 }];
  await reconciliation.save({ ...RECONCILED, hour: OPS_NOW - HOUR_MS, sensitive });
  world.findings.push({
    detector: "source-silence",
    subject: EMAIL,
    window: { start: OPS_NOW - 3_600_000, end: OPS_NOW },
    severity: "warning",
    observed: 0,
    expected: { low: 1, high: 2 },
    basis: 1,
    sentence: WRITTEN,
    began_at: OPS_NOW - 3_600_000,
    found_at: OPS_NOW,
  });
  const message = { messageId: "m1", sentAt: OPS_NOW, reason: `expired: ${WRITTEN}` };
  const event = { event_id: EMAIL, event_name: WRITTEN, source: { id: WRITTEN }, user: { first_name: NAME } };
  const settings = enrichSettings(config, { meta, webhook });
  const ports: OpsPorts = {
    ...world,
    deployment: { environment: "test", version: "1", destinations: [], sources: [] },
    newSecret: () => new Uint8Array(32).fill(7),
    keys: world.ops.keys,
    audit: world.ops.audit,
    lanes: [{ lane: "meta", type: "meta", name: "Meta", needsSecret: true, testMode: false }],
    retryWindowMs: DAY_MS,
    intakes: createMemoryLaneIntakes(),
    queues: {
      depth: async () => ({ waiting: 1, in_flight: 0 }),
      peek: async () => [
        { ...message, body: JSON.stringify({ event }) },
        { ...message, body: TOLD },
      ],
      lastMove: async () => undefined,
      startMove: async () => "started",
      purge: async () => "purged",
    },
    deadLetterQueues: deadLetterQueuesOf(["meta"]),
    privacyJobs: createMemoryPrivacyJobs(),
    erasing: {
      identities,
      scopes: ["shop"],
      tombstones: createMemoryTombstones({ now: clock.now }),
      newSecret: () => "secret",
      lifetimes: { tombstonesMs: 31 * DAY_MS, remains: [{ place: "backups", what: "everything", forMs: 35 * DAY_MS }] },
      clock,
    },
    log,
    exports: createMemoryExportStore(),
    deletions: platformDeletions(config, { meta, webhook }),
    replays,
    replaying: {
      rules: settings,
      retryWindowMs: DAY_MS,
      receiptsMs: 30 * DAY_MS,
      scopes: ["shop"],
      sources: ["shop-server"],
      archiveDays: 30,
      replays,
      archive,
      store,
      stories: store,
      identities,
      lanes,
      clock,
      log,
    },
    reconciliation,
    functionLogs: {
      read: async () => ({
        lines: [
          {
            at: OPS_NOW - MINUTE_MS,
            text: JSON.stringify({ message: WRITTEN, service: WRITTEN, reason: WRITTEN, note: NAME }),
          },
        ],
      }),
    },
  };
  const ops = await createOpsWorld(OPS_ROUTES, { ...ports, keys: world.ops.keys });
  return { ops, world, log };
}

/** What somebody may write who knows no better: an address where an id belongs. */
const EMAIL_SEGMENT = encodeURIComponent(EMAIL);
const SELECTION = { event_ids: [`order of ${EMAIL}`], event_names: [`custom:call ${PHONE}`], from: OPS_NOW - DAY_MS };

interface Asked {
  readonly route: string;
  readonly path: string;
  readonly query?: string;
  readonly body?: object;
  /** Answers that are as good as 200 here. */
  readonly status?: number;
}

const ASKED: readonly Asked[] = [
  { route: "GET /health", path: "/health" },
  { route: "GET /events", path: "/events", query: `person=${EMAIL_SEGMENT}` },
  { route: "GET /events", path: "/events", query: `source=${EMAIL_SEGMENT}` },
  { route: "GET /events", path: "/events", query: `order_id=${EMAIL_SEGMENT}` },
  { route: "GET /events/{event_id}", path: `/events/${encodeURIComponent(`order of ${EMAIL}`)}` },
  { route: "GET /failures", path: "/failures" },
  { route: "GET /failures", path: "/failures", query: `lane=${EMAIL_SEGMENT}` },
  { route: "GET /destinations", path: "/destinations" },
  { route: "GET /destinations/{lane}", path: `/destinations/${EMAIL_SEGMENT}`, status: 404 },
  { route: "POST /destinations/{lane}/pause", path: "/destinations/meta/pause", body: { reason: WRITTEN } },
  { route: "GET /destinations/{lane}", path: "/destinations/meta" },
  {
    route: "POST /destinations/{lane}/pause",
    path: `/destinations/${EMAIL_SEGMENT}/pause`,
    body: { reason: "x" },
    status: 404,
  },
  { route: "POST /destinations/{lane}/resume", path: `/destinations/${EMAIL_SEGMENT}/resume`, body: {}, status: 404 },
  { route: "GET /dlq", path: "/dlq" },
  { route: "GET /dlq/{queue}/messages", path: "/dlq/lane-meta-dlq/messages" },
  { route: "GET /dlq/{queue}/messages", path: `/dlq/${EMAIL_SEGMENT}/messages`, status: 404 },
  { route: "POST /dlq/{queue}/redrive", path: `/dlq/${EMAIL_SEGMENT}/redrive`, body: {}, status: 404 },
  { route: "POST /dlq/{queue}/purge", path: `/dlq/${EMAIL_SEGMENT}/purge`, body: { confirm: EMAIL }, status: 404 },
  { route: "POST /replays", path: "/replays", body: { ...SELECTION, dry_run: true } },
  { route: "POST /replays", path: "/replays", body: { ...SELECTION, destinations: [EMAIL] }, status: 404 },
  { route: "POST /replays", path: "/replays", body: { person: EMAIL, sources: [EMAIL] }, status: 404 },
  { route: "GET /replays", path: "/replays" },
  { route: "GET /replays/{id}", path: "/replays/newthingsid0" },
  { route: "GET /replays/{id}", path: `/replays/${EMAIL_SEGMENT}`, status: 400 },
  { route: "POST /replays/{id}/cancel", path: `/replays/${EMAIL_SEGMENT}/cancel`, body: {}, status: 400 },
  { route: "GET /sensitive", path: "/sensitive" },
  { route: "GET /quarantine", path: "/quarantine" },
  { route: "GET /quarantine", path: "/quarantine", query: `source=${EMAIL_SEGMENT}` },
  { route: "POST /quarantine/resubmit", path: "/quarantine/resubmit", body: { source: EMAIL } },
  { route: "POST /quarantine/resubmit", path: "/quarantine/resubmit", body: { dry_run: true } },
  { route: "GET /findings", path: "/findings" },
  { route: "GET /reconciliation", path: "/reconciliation" },
  { route: "GET /identity", path: "/identity", query: `identifier=${EMAIL_SEGMENT}` },
  { route: "GET /identity", path: "/identity", query: `person_id=${EMAIL_SEGMENT}`, status: 400 },
  {
    route: "POST /identity/split",
    path: "/identity/split",
    body: { person_id: EMAIL_SEGMENT, merged_id: EMAIL_SEGMENT },
    status: 400,
  },
  { route: "POST /privacy/export", path: "/privacy/export", body: { identifier: EMAIL } },
  { route: "POST /privacy/erase", path: "/privacy/erase", body: { identifier: "null" }, status: 400 },
  { route: "GET /privacy/exports/{id}", path: "/privacy/exports/nosuchexport", status: 404 },
  { route: "GET /privacy/exports/{id}", path: `/privacy/exports/${EMAIL_SEGMENT}`, status: 400 },
  { route: "GET /privacy/jobs", path: "/privacy/jobs" },
  { route: "GET /privacy/jobs/{id}", path: "/privacy/jobs/newthingsid0" },
  { route: "GET /privacy/jobs/{id}", path: `/privacy/jobs/${EMAIL_SEGMENT}`, status: 400 },
  { route: "GET /privacy/platforms", path: "/privacy/platforms" },
  { route: "GET /quality", path: "/quality", query: `event_id=${encodeURIComponent(`order of ${EMAIL}`)}` },
  { route: "GET /tail", path: "/tail" },
  { route: "GET /keys", path: "/keys" },
  { route: "POST /keys", path: "/keys", body: { label: WRITTEN, permissions: ["read"] } },
  { route: "DELETE /keys/{id}", path: `/keys/${EMAIL_SEGMENT}`, status: 400 },
  { route: "GET /audit", path: "/audit" },
  { route: "GET /audit/verify", path: "/audit/verify" },
];

function askOf({ route, path, query, body }: Asked) {
  const method = route.split(" ")[0] ?? "";
  return {
    method,
    path,
    ...(query === undefined ? {} : { query }),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
}

test("every route is asked here", () => {
  const all = OPS_ROUTES.map(({ method, path }) => `${method} ${path}`);
  expect([...new Set(ASKED.map(({ route }) => route))].sort()).toEqual(all.sort());
});

test("no masked answer of any route, no refusal, no entry and no log line names anybody or holds a key", async () => {
  const { ops, world, log } = await everyRoute();
  for (const asked of ASKED) {
    const { status, body, headers } = await ops.ask(askOf(asked));
    expect({ asked, status, body: status === (asked.status ?? 200) || body }).toEqual({
      asked,
      status: asked.status ?? 200,
      body: true,
    });
    expect({ asked, told: leaks([body, headers]) }).toEqual({ asked, told: [] });
    if (!asked.route.startsWith("POST /keys")) expect(JSON.stringify(body)).not.toMatch(/tlo_|"digest":"(?!\w{64}")/);
  }
  expect(leaks(await world.ops.audit.read(1, 100))).toEqual([]);
  expect(leaks([ops.lines, world.ops.lines, log.lines])).toEqual([]);
});

test("nor does what is written down of reading in clear", async () => {
  const { ops, world, log } = await everyRoute();
  for (const asked of ASKED) {
    const route = OPS_ROUTES.find(({ method, path }) => `${method} ${path}` === asked.route);
    if (route?.personal === undefined) continue;
    const ask = askOf(asked);
    const { status } = await ops.ask({ ...ask, query: [ask.query, "personal=true"].filter(Boolean).join("&") });
    expect({ asked, status }).toEqual({ asked, status: asked.status ?? 200 });
  }
  const entries = await ops.audit.read(1, 100);
  expect(entries.length).toBeGreaterThan(8);
  expect(leaks(entries)).toEqual([]);
  expect(leaks([ops.lines, world.ops.lines, log.lines])).toEqual([]);
});

test("without the route's own permission nothing is read, and without `personal` nothing in clear", async () => {
  const { ops } = await everyRoute();
  for (const asked of ASKED) {
    const route = OPS_ROUTES.find(({ method, path }) => `${method} ${path}` === asked.route);
    const others = OPS_PERMISSIONS.filter((permission: OpsPermission) => permission !== route?.permission);
    const key = await ops.keyFor(others);
    expect({ asked, status: (await ops.ask({ ...askOf(asked), key })).status }).toEqual({ asked, status: 403 });
    const masked = await ops.keyFor(OPS_PERMISSIONS.filter((permission: OpsPermission) => permission !== "personal"));
    const ask = askOf(asked);
    const query = [ask.query, "personal=true"].filter(Boolean).join("&");
    const { status, body } = await ops.ask({ ...ask, query, key: masked });
    expect([400, 403]).toContain(status);
    expect(leaks(body)).toEqual([]);
  }
  expect(await ops.audit.head()).toBeUndefined();
});
