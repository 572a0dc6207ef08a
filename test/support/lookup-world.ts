import { enrichSettings } from "../../src/adapters/lambda-enrich.ts";
import { createMemoryDeliveryStore } from "../../src/adapters/memory/delivery-store.ts";
import { createMemoryEventArchive } from "../../src/adapters/memory/event-archive.ts";
import { createMemoryEventLookups } from "../../src/adapters/memory/event-lookups.ts";
import { createMemoryEventQueue } from "../../src/adapters/memory/event-queue.ts";
import { createMemoryIdentityStore } from "../../src/adapters/memory/identity-store.ts";
import { createMemoryLaneControls } from "../../src/adapters/memory/lane-controls.ts";
import { createMemoryLaneQueues } from "../../src/adapters/memory/lane-queues.ts";
import { createMemoryReadBacks } from "../../src/adapters/memory/read-backs.ts";
import { createMemoryReconciliationStore } from "../../src/adapters/memory/reconciliation-store.ts";
import { createMemorySecrets } from "../../src/adapters/memory/secrets.ts";
import { createMemoryTombstones } from "../../src/adapters/memory/tombstones.ts";
import { createSourceKeys } from "../../src/adapters/source-keys.ts";
import { resolveConfig } from "../../src/config/resolve-config.ts";
import type { ResolvedConfig } from "../../src/config/resolved-config.ts";
import type { DeliveryRecord } from "../../src/core/delivery-record.ts";
import { MINUTE_MS } from "../../src/core/durations.ts";
import type { EventKey } from "../../src/core/event-key.ts";
import { meta } from "../../src/destinations/meta.ts";
import { webhook } from "../../src/destinations/webhook.ts";
import type { FindingRow } from "../../src/ops/contract/findings.ts";
import { type StoryPorts, showEvent } from "../../src/ops/event-stories.ts";
import { listEvents } from "../../src/ops/events.ts";
import { listFailures } from "../../src/ops/failures.ts";
import type { FigureQuery } from "../../src/ops/figures.ts";
import { listFindings } from "../../src/ops/findings.ts";
import { type IdentityEditPorts, showIdentity, splitIdentity } from "../../src/ops/identity.ts";
import { type QualityPorts, showQuality } from "../../src/ops/quality.ts";
import { listQuarantine } from "../../src/ops/quarantine.ts";
import { type ResubmitPorts, resubmitQuarantined } from "../../src/ops/resubmit.ts";
import { enrichBatch } from "../../src/pipeline/enrich.ts";
import { createErasures } from "../../src/pipeline/erasures.ts";
import { ingest } from "../../src/pipeline/ingest.ts";
import { request } from "./ingest-world.ts";
import { createOpsWorld, OPS_NOW } from "./ops-world.ts";
import { recordingLog, recordingMetrics } from "./pipeline-ports.ts";

const KEYS = { server: "server-key", browser: "browser-key" };

function worldConfig(hasArchive: boolean): ResolvedConfig {
  return resolveConfig(
    {
      environment: "test",
      defaultCountry: "DE",
      sources: {
        "shop-server": { kind: "server", dedupScope: "shop", keySecret: "server-secret" },
        "shop-web": {
          kind: "browser",
          origins: ["https://shop.example.com"],
          dedupScope: "shop",
          keySecret: "browser-secret",
        },
      },
      destinations: {
        meta: { settings: { datasetId: "1234567890123456" }, readBackQuality: true },
        webhook: { settings: { url: "https://hooks.example.com/" } },
      },
      ...(hasArchive ? {} : { archive: false }),
      consent: {
        defaults: [
          { name: "tests", because: "These tests are not about consent.", countries: ["*"], purposes: "granted" },
        ],
      },
    },
    { meta, webhook },
  );
}

/** The pipeline up to the lanes on memory, as it ships, and the look-ups of the ops API over it, asked over its router. */
export async function lookupWorld({ hasArchive = true }: { hasArchive?: boolean } = {}) {
  const config = worldConfig(hasArchive);
  const time = { now: OPS_NOW };
  const now = () => time.now;
  const clock = { now, sleep: async () => {} };
  let ids = 0;
  const random = { uuid: () => `id-${++ids}`, fraction: () => 0.5 };
  const store = createMemoryDeliveryStore({ now, deliveryDays: config.retention.deliveryDays });
  const identities = createMemoryIdentityStore({ now });
  const archive = createMemoryEventArchive({ now });
  const lanes = createMemoryLaneQueues(config.destinations.map(({ id }) => id));
  const controls = createMemoryLaneControls();
  const queue = createMemoryEventQueue();
  const tombstones = createMemoryTombstones({ now });
  const erasures = createErasures(tombstones, clock);
  const metrics = recordingMetrics();
  const log = recordingLog();
  const findings: FindingRow[] = [];
  const measured = new Map<string, ReadonlyMap<number, number>>();
  const figureId = (query: FigureQuery) => JSON.stringify(query);
  const keys = createSourceKeys({
    sources: config.sources,
    secrets: createMemorySecrets({ "server-secret": { key: KEYS.server }, "browser-secret": { key: KEYS.browser } }),
    now,
  });
  const ports = {
    config,
    clock,
    random,
    queue,
    metrics,
    identities,
    controls,
    archive,
    reconciliation: createMemoryReconciliationStore(),
    readBacks: createMemoryReadBacks(),
    lookups: createMemoryEventLookups(store, { findings: () => findings }),
    figures: {
      read: async (queries: readonly FigureQuery[]) =>
        queries.map((query) => measured.get(figureId(query)) ?? new Map()),
    },
  };
  const routes = [
    listEvents,
    showEvent,
    listFailures,
    listQuarantine,
    resubmitQuarantined,
    listFindings,
    showIdentity,
    splitIdentity,
    showQuality,
  ];
  const { archive: _, ...withoutArchive } = ports;
  const ops = await createOpsWorld<StoryPorts & ResubmitPorts & QualityPorts & IdentityEditPorts>(
    routes,
    hasArchive ? ports : withoutArchive,
  );
  let enriched = 0;
  /** Holds an answer against what the route says that it answers: nothing may be missing, other, or not described. */
  function described<Answer extends { status: number; body: unknown }>(answer: Answer, method: string, path: string) {
    const ofPath = (route: { path: string }) =>
      new RegExp(`^${route.path.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(path);
    const route = routes.find((it) => it.method === method && ofPath(it));
    if (answer.status === 200) expect(route?.answer?.parse(answer.body)).toEqual(answer.body);
    return answer;
  }
  const deps = { config, keys, queue, clock, random, metrics, log };
  return {
    ...ports,
    ops,
    store,
    tombstones,
    lanes,
    time,
    findings,
    log,
    /** Answers a figure with one point, at the given time. */
    measure(query: FigureQuery, value: number, at = OPS_NOW - MINUTE_MS) {
      const id = figureId(query);
      measured.set(id, new Map([...(measured.get(id) ?? []), [at, value]]));
    },
    /** Sends events at the door and has enrich take what came; answers what the door said. */
    async send(body: unknown, options: Omit<Parameters<typeof request>[0], "body"> = {}) {
      const response = await ingest(request({ ...options, body }), deps);
      await this.enrich();
      return JSON.parse(response.body);
    },
    async enrich() {
      const messages = queue.messages.slice(enriched);
      enriched = queue.messages.length;
      const records = messages.map(({ body, groupId }, index) => ({
        messageId: `m-${enriched}-${index}`,
        groupId,
        body,
      }));
      const failed = await enrichBatch(records, enrichSettings(config, { meta, webhook }), {
        store,
        identities,
        archive,
        erasures,
        lanes,
        metrics,
        log,
        clock,
      });
      if (failed.length > 0) throw new Error(`enrich gave records back: ${log.lines.join("\n")}`);
    },
    /** Writes how an event went at a lane, now. */
    async receipt(eventId: string, lane: string, record: Partial<DeliveryRecord>) {
      const key: EventKey = { dedup_scope: "shop", event_name: "purchase", event_id: eventId };
      const base = { key, lane, state: "delivered" as const, attempts: [], attempt_count: 0, updated_at: now() };
      await store.writeRecords([{ ...base, ...record }]);
    },
    /** GETs a route and answers the body of a 200. */
    async get(path: string, query: Readonly<Record<string, string | number | boolean>> = {}) {
      const text = new URLSearchParams(
        Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)])),
      );
      return described(await ops.ask({ path, query: text.toString() }), "GET", path);
    },
    async post(path: string, body: object, query = "") {
      return described(await ops.ask({ method: "POST", path, body: JSON.stringify(body), query }), "POST", path);
    },
  };
}

/** A purchase as a server sends it. */
export function serverPurchase(id: string, changes: object = {}): object {
  return {
    event_name: "purchase",
    event_id: id,
    order_id: `order-${id}`,
    value: "49.95",
    currency: "EUR",
    user: { email: "ada@lovelace.dev", phone: "+4915112345678", first_name: "Ada", user_id: "u-1" },
    ...changes,
  };
}
