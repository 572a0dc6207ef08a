import type { MeterReport, OperationUse } from "../packages/local-stack/src/meter.ts";
import { runLoad } from "../test/support/load.ts";
import { type RunningApp, startApp } from "../test/support/running-app.ts";
import { sandboxControl } from "../test/support/sandbox-control.ts";
import { table } from "./table.ts";

const LANES = 3;
const EVENTS_PER_REQUEST = 25;

/** List prices of us-east-1, $ per million units; sources in docs/cost.md. */
const PRICE = { httpRequest: 1.0, invocation: 0.2, sqs: 0.4, sqsFifo: 0.5, writeUnit: 0.625, readUnit: 0.125 };
const PRICE_PER_LOG_GB = 0.5;

interface Use {
  sqsCalls: number;
  sqsRequests: number;
  writeUnits: number;
  readUnits: number;
  bytes: number;
}

/**
 * Purchases at full speed through the shipped configuration, but for the first wait before a retry: a fifth of them sent twice at once, Meta answering 500 to
 * every third request. Throws when an event is missing or counted twice anywhere.
 */
export async function measureLoad(events: number): Promise<string> {
  const app = await startApp({ config: "bench/bench.config.ts" });
  try {
    const sandbox = sandboxControl(app.sandboxUrl);
    await warmUp(app);
    await sandbox.script("meta", [{ status: 500, every: 3 }]);
    await fetch(`${app.gatewayUrl}/_local/meter/reset`, { method: "POST" });
    const logsBefore = app.output().length;
    const result = await runLoad(app, {
      events,
      duplicateShare: 0.2,
      eventsPerRequest: EVENTS_PER_REQUEST,
      concurrency: 8,
      withinMs: 15 * 60_000,
      onProgress: progressEvery(5_000),
    });
    for (const [what, ids] of Object.entries({ ...result.missing, ...result.doubled })) {
      if (ids.length > 0) throw new Error(`${what}: ${ids.length} events wrong, such as ${ids.slice(0, 3)}`);
    }
    const logs = app.output().slice(logsBefore);
    const meter = (await (await fetch(`${app.gatewayUrl}/_local/meter`)).json()) as MeterReport;
    return report({ events, result, meter, logs });
  } finally {
    await app.stop();
  }
}

/** Tells how far the run is, not more often than this. */
function progressEvery(ms: number): (delivered: Readonly<Record<string, number>>) => void {
  let told = 0;
  return (delivered) => {
    if (performance.now() - told < ms) return;
    told = performance.now();
    console.error(
      Object.entries(delivered)
        .map(([lane, count]) => `${lane} ${count}`)
        .join("  "),
    );
  };
}

/** Cold starts belong to the bundles' figures. */
async function warmUp(app: RunningApp): Promise<void> {
  await runLoad(app, {
    events: 100,
    duplicateShare: 0,
    eventsPerRequest: EVENTS_PER_REQUEST,
    concurrency: 4,
    withinMs: 120_000,
  });
}

function report(run: {
  events: number;
  result: Awaited<ReturnType<typeof runLoad>>;
  meter: MeterReport;
  logs: string;
}): string {
  const { events, result, meter, logs } = run;
  const functions = Object.entries(meter.byCaller).filter(([caller]) => caller.startsWith("arn:"));
  const uses = new Map(functions.map(([arn, operations]) => [shortName(arn), sum(operations)]));
  const each = (value: number): number => Number((value / events).toFixed(3));
  const rows = [...uses].map(([name, use]) => ({
    function: name,
    "SQS calls": each(use.sqsCalls),
    "write units": each(use.writeUnits),
    "read units": each(use.readUnits),
    "SQS bytes": Math.round(use.bytes / events),
  }));
  const laneCalls = [...uses]
    .filter(([name]) => name.startsWith("deliver-"))
    .reduce((all, [, use]) => all + use.sqsCalls, 0);
  const fanOut = meter.byCaller[arnOf(meter, "enrich")]?.["sqs:SendMessageBatch"]?.calls ?? 0;
  const invocations = logs.match(/REPORT RequestId/g)?.length ?? 0;
  const speed = (ms: number): string => `${Math.round(events / (ms / 1000)).toLocaleString("en-US")} events/s`;
  return [
    `Load: ${events.toLocaleString("en-US")} purchases, 20% sent twice at once, ${LANES} lanes, Meta fails every third request`,
    "",
    "every event at each platform exactly once: yes",
    `accepted at ${speed(result.ingestMs)}; all delivered after ${(result.totalMs / 1000).toFixed(0)} s`,
    `memory of the process, MB: ${Object.entries(result.memoryMb)
      .map(([when, mb]) => `${when} ${mb.toFixed(0)}`)
      .join(", ")}`,
    "",
    "Per event, by function:",
    "",
    table(rows),
    "",
    `SQS calls per event and lane: ${((laneCalls + fanOut) / events / LANES).toFixed(3)}`,
    `λ invocations per event: ${each(invocations)}; log bytes per event: ${Math.round(logs.length / events)}`,
    `AWS list price per million events, without λ duration and egress: $${dollars(run, uses, invocations).toFixed(2)}`,
    "",
  ].join("\n");
}

function dollars(
  { events, meter, logs }: { events: number; meter: MeterReport; logs: string },
  uses: ReadonlyMap<string, Use>,
  invocations: number,
): number {
  const total = (pick: (use: Use) => number) => [...uses.values()].reduce((all, use) => all + pick(use), 0);
  const ingest = uses.get("ingest")?.sqsRequests ?? 0;
  const operations = meter.byCaller[arnOf(meter, "enrich")] ?? {};
  const fifo = ingest + billed(operations, ["sqs:ReceiveMessage", "sqs:DeleteMessageBatch"]);
  const standard = total((use) => use.sqsRequests) - fifo;
  const millionths =
    ((events * 1.2) / EVENTS_PER_REQUEST) * PRICE.httpRequest +
    invocations * PRICE.invocation +
    fifo * PRICE.sqsFifo +
    standard * PRICE.sqs +
    total((use) => use.writeUnits) * PRICE.writeUnit +
    total((use) => use.readUnits) * PRICE.readUnit;
  return (millionths + (logs.length / 1e9) * PRICE_PER_LOG_GB * 1e6) / events;
}

function billed(operations: Readonly<Record<string, OperationUse>>, names: readonly string[]): number {
  return names.reduce((all, name) => all + (operations[name]?.billedRequests ?? 0), 0);
}

function sum(operations: Readonly<Record<string, OperationUse>>): Use {
  const use: Use = { sqsCalls: 0, sqsRequests: 0, writeUnits: 0, readUnits: 0, bytes: 0 };
  for (const [name, { calls, billedRequests, writeUnits, readUnits, bytes }] of Object.entries(operations)) {
    if (name.startsWith("sqs:")) use.sqsCalls += calls;
    use.sqsRequests += billedRequests;
    use.writeUnits += writeUnits;
    use.readUnits += readUnits;
    use.bytes += bytes;
  }
  return use;
}

function arnOf(meter: MeterReport, name: string): string {
  return Object.keys(meter.byCaller).find((arn) => shortName(arn) === name) ?? "";
}

function shortName(arn: string): string {
  return arn.replace(/^.*:function:tracklayer-[^-]+-/, "");
}
