import { createMemoryEventQueue, type MemoryEventQueue } from "../../src/adapters/memory/event-queue.ts";
import { createMemorySecrets } from "../../src/adapters/memory/secrets.ts";
import { createSourceKeys } from "../../src/adapters/source-keys.ts";
import { resolveConfig } from "../../src/config/resolve-config.ts";
import type { ResolvedConfig, ResolvedSource } from "../../src/config/resolved-config.ts";
import type { QuarantinedEvent } from "../../src/core/delivery-record.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import type { IngestMessage } from "../../src/core/queue-messages.ts";
import { webhook } from "../../src/destinations/webhook.ts";
import { ingest } from "../../src/pipeline/ingest.ts";
import type { IngestDependencies, IngestRequest, IngestResponse } from "../../src/pipeline/ingest-contract.ts";
import type { Log } from "../../src/pipeline/ports.ts";

/** Our clock in these tests: 2026-11-20T12:00:00Z. */
export const NOW = Date.UTC(2026, 10, 20, 12);
export const SERVER_KEY = "server-key";
export const BROWSER_KEY = "browser-key";
export const APP_KEY = "app-key";
export const ORIGIN = "https://shop.example.com";

/** A purchase as senders have it: named by its order, and with texts that have to be put right. */
export const PURCHASE = {
  event_name: "purchase",
  order_id: "A-1",
  value: 149.85,
  currency: "eur",
  user: { email: " Ada@Example.com " },
};

/** The sources as a user's configuration with nothing but the necessary gives them: the shipped defaults count. */
const { sources: SHIPPED } = resolveConfig(
  {
    environment: "test",
    sources: {
      "shop-server": { kind: "server", dedupScope: "shop", keySecret: "server-secret" },
      "shop-web": { kind: "browser", origins: [ORIGIN], dedupScope: "shop", keySecret: "browser-secret" },
      "shop-app": { kind: "app", dedupScope: "shop", keySecret: "app-secret" },
    },
    destinations: { webhook: { settings: { url: "https://hooks.example.com/" } } },
  },
  { webhook },
);

export interface IngestWorld extends Omit<IngestDependencies, "queue"> {
  queue: MemoryEventQueue;
  warnings: { message: string; fields: unknown }[];
  metricsAdded: { name: string; value: number; dimensions: unknown }[];
}

/** The front door over memory: two sources of one shop, a queue, a clock that stands at `NOW`, numbered ids. */
export function ingestWorld(
  changes: { server?: Partial<ResolvedSource> } & Partial<
    Pick<ResolvedConfig["consent"], "categories" | "geoHeaders">
  > = {},
): IngestWorld {
  const warnings: IngestWorld["warnings"] = [];
  const metricsAdded: IngestWorld["metricsAdded"] = [];
  const keep: Log["warn"] = (message, fields) => void warnings.push({ message, fields });
  const sources = SHIPPED.map((source) => (source.kind === "server" ? { ...source, ...changes.server } : source));
  let ids = 0;
  return {
    config: {
      consent: {
        defaults: [],
        honourGpc: true,
        categories: changes.categories ?? {},
        ...(changes.geoHeaders === undefined ? {} : { geoHeaders: changes.geoHeaders }),
      },
      destinations: ["meta", "ga4"].map((id) => ({
        id,
        type: id,
        settings: {},
        secretName: id,
        events: {},
        customEvents: {},
        testMode: false,
        batchWindowSeconds: 0,
        maxConcurrency: 2,
      })),
    },
    keys: createSourceKeys({
      sources,
      secrets: createMemorySecrets({
        "server-secret": { key: SERVER_KEY },
        "browser-secret": { key: BROWSER_KEY },
        "app-secret": { key: APP_KEY },
      }),
      now: () => NOW,
    }),
    queue: createMemoryEventQueue(),
    clock: { now: () => NOW, sleep: async () => {} },
    random: { uuid: () => `id-${++ids}`, fraction: () => 0.5 },
    metrics: { add: (name, value, dimensions) => void metricsAdded.push({ name, value, dimensions }), flush() {} },
    log: { info: () => {}, warn: keep, error: keep, step: () => {} },
    warnings,
    metricsAdded,
  };
}

/** A request as a server would send it; give what differs. */
export function request(changes: Partial<Omit<IngestRequest, "body">> & { body?: unknown }): IngestRequest {
  const { body = {}, headers, ...rest } = changes;
  return {
    method: "POST",
    path: "/v1/events",
    query: {},
    cookies: [],
    ip: "93.184.216.34",
    requestId: "request-1",
    ...rest,
    headers: headers ?? { authorization: `Bearer ${SERVER_KEY}` },
    body: body instanceof Uint8Array ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
  };
}

/** Headers of a page of the shop. */
export const FROM_PAGE = {
  authorization: `Bearer ${BROWSER_KEY}`,
  origin: ORIGIN,
  "user-agent": "Mozilla/5.0 (a visitor)",
};

/** Sends and gives the answer with its JSON read. */
export async function send(world: IngestWorld, changes: Parameters<typeof request>[0]) {
  const response: IngestResponse = await ingest(request(changes), world);
  const json = response.base64 || response.body === "" ? undefined : JSON.parse(response.body);
  return { ...response, json };
}

/** The events on the queue, in order. */
export function queuedEvents(world: Pick<IngestWorld, "queue">): CanonicalEvent[] {
  return bodies(world).flatMap((message) => (message.kind === "event" ? [message.event] : []));
}

/** The refused events on the queue, in order. */
export function quarantined(world: Pick<IngestWorld, "queue">): QuarantinedEvent[] {
  return bodies(world).flatMap((message) => (message.kind === "quarantine" ? [message.quarantined] : []));
}

function bodies(world: Pick<IngestWorld, "queue">): IngestMessage[] {
  return world.queue.messages.map((message) => JSON.parse(message.body) as IngestMessage);
}
