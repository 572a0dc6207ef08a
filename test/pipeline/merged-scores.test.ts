import { Analytics } from "@segment/analytics-node";
import { visitDemoShop } from "../../bin/demo-shop.ts";
import { laneSettings } from "../../src/adapters/lane-settings.ts";
import { createMemoryDeliveryStore } from "../../src/adapters/memory/delivery-store.ts";
import { createMemoryEventArchive } from "../../src/adapters/memory/event-archive.ts";
import { createMemoryIdentityStore } from "../../src/adapters/memory/identity-store.ts";
import { createMemoryLaneControls } from "../../src/adapters/memory/lane-controls.ts";
import { createMemoryLaneQueues } from "../../src/adapters/memory/lane-queues.ts";
import { createMemoryReconciliationStore } from "../../src/adapters/memory/reconciliation-store.ts";
import { routingRules } from "../../src/adapters/routing-rules.ts";
import { resolveConfig } from "../../src/config/resolve-config.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../src/core/durations.ts";
import { MATCH_QUALITY_VERSION } from "../../src/core/match-quality.ts";
import type { QualityRow } from "../../src/core/quality-rollup.ts";
import { meta } from "../../src/destinations/meta.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";
import { qualityReport } from "../../src/ops/quality-report.ts";
import { enrichBatch } from "../../src/pipeline/enrich.ts";
import { ingest } from "../../src/pipeline/ingest.ts";
import { readHour } from "../../src/pipeline/reconcile-lanes.ts";
import shipped from "../../tracklayer.config.ts";
import { BROWSER_KEY, ingestWorld, NOW, request, SERVER_KEY } from "../support/ingest-world.ts";
import { laneWorld, rawMessage } from "../support/lane-world.ts";
import { fixedClock, recordingLog, recordingMetrics } from "../support/pipeline-ports.ts";
import { RECONCILED } from "../support/reconciliation-store-suite.ts";

const SHOPPERS = 30;
const HOUR = Math.floor(NOW / HOUR_MS) * HOUR_MS;

type IngestHeaders = Readonly<Record<string, string>>;

/** Every request of the demo's shop, the page's and the ones that Segment's SDK makes, in the order of its shoppers. */
async function demoRequests(): Promise<{ path: string; body: string; headers: IngestHeaders }[]> {
  const requests: { path: string; body: string; headers: IngestHeaders }[] = [];
  for (let n = 0; n < SHOPPERS; n += 1) {
    const backEnd = new Analytics({
      writeKey: SERVER_KEY,
      host: "https://front.example.com",
      flushAt: 1,
      async httpClient(url, { body, headers }) {
        const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
        requests.push({ path: new URL(url).pathname, body, headers: Object.fromEntries(lower) });
        return { status: 200, statusText: "OK" };
      },
    });
    await visitDemoShop(n, {
      backEnd,
      async fromBrowser(events, headers) {
        const authorised = { ...headers, authorization: `Bearer ${BROWSER_KEY}` };
        requests.push({ path: "/v1/events", body: JSON.stringify({ events }), headers: authorised });
      },
    });
    await backEnd.closeAndFlush();
  }
  return requests;
}

/** The demo's traffic from the front door to the report, by the configuration as it is shipped but for `merge`. */
async function report(requests: Awaited<ReturnType<typeof demoRequests>>, merge: false | undefined) {
  const config = resolveConfig({ ...shipped, ...(merge === undefined ? {} : { merge }) }, DESTINATIONS);
  const rules = routingRules(config, DESTINATIONS);
  const clock = fixedClock(NOW);
  const door = ingestWorld();
  const [store, archive, metrics] = [createMemoryDeliveryStore(), createMemoryEventArchive(), recordingMetrics()];
  const identities = createMemoryIdentityStore();
  const lanes = createMemoryLaneQueues(rules.lanes.map(({ id }) => id));
  const ports = { store, archive, metrics, identities, lanes, log: recordingLog(), clock };
  const settings = {
    ...rules,
    keyEvents: [],
    identityRetentionMs: 180 * 24 * HOUR_MS,
    ...(config.merge === undefined ? {} : { merge: config.merge }),
  };
  let read = 0;
  for (const { body, headers, path } of requests) {
    const answer = await ingest(
      request({ path, headers, body, ip: headers["x-forwarded-for"] ?? "93.184.216.34" }),
      door,
    );
    expect([200, 202]).toContain(answer.status);
    const records = door.queue.messages.slice(read).map((message, index) => ({
      messageId: `m${read + index}`,
      groupId: message.groupId,
      body: message.body,
    }));
    read = door.queue.messages.length;
    expect(await enrichBatch(records, settings, ports)).toEqual([]);
  }
  clock.set(NOW + 60 * SECOND_MS);
  const sent: { user_data: Record<string, unknown> }[] = [];
  const secret = { accessToken: "a-token-of-meta" };
  const lane = laneWorld({
    destination: meta,
    lane: laneSettings("meta", config),
    deps: { store, metrics, clock, credentials: { get: async () => secret, refresh: async () => secret } },
    platform({ body }) {
      const { data } = JSON.parse(body) as { data: ((typeof sent)[number] & { event_name: string })[] };
      sent.push(...data.filter(({ event_name }) => event_name === "Purchase"));
      return { status: 200, headers: {}, body: JSON.stringify({ events_received: data.length }) };
    },
  });
  const ofEnrich = metrics.total("MatchQuality", { destination: "meta" });
  const messages = lanes.messages("meta").map((body, index) => {
    return { ...rawMessage(JSON.stringify(body), `m${index}`), sentAt: NOW, firstReceivedAt: clock.now() };
  });
  expect(await lane.deliver(messages)).toEqual({ failures: [] });
  const contents = await readHour(HOUR, HOUR + 2 * HOUR_MS, true, {
    archive,
    store,
    controls: createMemoryLaneControls(),
    lanes: rules.lanes.map(({ id }) => id),
    depths: { lane: async () => 0 },
    retryWindowMs: 24 * HOUR_MS,
  });
  const reconciliation = createMemoryReconciliationStore();
  const quality = { version: MATCH_QUALITY_VERSION, cells: contents.quality };
  await reconciliation.save({ ...RECONCILED, hour: HOUR, settled: true, quality });
  const later = fixedClock(HOUR + HOUR_MS + 85 * MINUTE_MS);
  const made = await qualityReport({ days: 1 }, { clock: later, config, reconciliation });
  // Enrich counts what waits for nothing; of what waited the lane knows the score.
  const scoreAtMeta = metrics.total("MatchQuality", { destination: "meta" }) - ofEnrich;
  return { rows: made?.rows ?? [], sent, scoreAtMeta };
}

function purchasesOf(rows: readonly QualityRow[], wanted: string): QualityRow {
  const row = rows.find(({ event, lane, source }) => event === "purchase" && lane === wanted && source === "shop-web");
  if (row === undefined) throw new Error(`no purchases of shop-web at ${wanted}`);
  return row;
}

/** What the report promises for all that the other copies bring: the gains of one by one add up, since a score is a sum. */
function promised(alone: QualityRow, together: QualityRow): number {
  const shareThen = new Map(together.identifiers.map(({ identifier, share }) => [identifier, share]));
  return alone.identifiers.reduce((score, { identifier, score_with: raised = alone.score, share }) => {
    const then = shareThen.get(identifier) ?? 0;
    return then > share ? score + ((raised - alone.score) * (then - share)) / (1 - share) : score;
  }, alone.score);
}

/** Two scores and a gain for each identifier, all rounded to tenths. */
const ROUNDING = 0.3;

test("with both copies of each purchase the mean score of the demo goes from 4.8 to 7.8 at Meta and from 7 to 9 at GA4, as its report promises", async () => {
  const requests = await demoRequests();
  const [alone, together] = [await report(requests, false), await report(requests, undefined)];
  for (const [lane, score, merged] of [
    ["meta", 4.8, 7.8],
    ["ga4", 7, 9],
  ] as const) {
    const [before, after] = [purchasesOf(alone.rows, lane), purchasesOf(together.rows, lane)];
    expect(before).toMatchObject({ events: 16, score });
    expect(after).toMatchObject({ events: 16, score: merged });
    expect(Math.abs(after.score - promised(before, after))).toBeLessThan(ROUNDING);
  }
  // It is no figure of a report only: the e-mail is in each request, and the mean of what was sent is the same.
  expect(alone.sent).toHaveLength(16);
  expect(alone.sent.filter(({ user_data }) => "em" in user_data)).toEqual([]);
  expect(together.sent).toHaveLength(16);
  expect(together.sent.filter(({ user_data }) => !("em" in user_data))).toEqual([]);
  expect(together.scoreAtMeta / 16).toBeCloseTo(7.8, 5);
});

test("where only some purchases have their second copy, it rises by as much as comes with those", async () => {
  const requests = await demoRequests();
  let calls = 0;
  const fewer = requests.filter(({ path }) => path === "/v1/events" || (calls++ >> 1) % 3 !== 0);
  expect(fewer.length).toBeLessThan(requests.length);
  const [alone, together] = [await report(fewer, false), await report(fewer, undefined)];
  for (const lane of ["meta", "ga4"]) {
    const [before, after] = [purchasesOf(alone.rows, lane), purchasesOf(together.rows, lane)];
    expect(after.score).toBeGreaterThan(before.score + 1);
    expect(Math.abs(after.score - promised(before, after))).toBeLessThan(ROUNDING);
  }
});
