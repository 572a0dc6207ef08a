import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { judgeGa4 } from "../../packages/sandbox/src/ga4.ts";
import { judgeMeta } from "../../packages/sandbox/src/meta.ts";
import type { PlatformRequest } from "../../packages/sandbox/src/model.ts";
import { judgeWebhook } from "../../packages/sandbox/src/webhook.ts";

// The sandbox was written from the platforms' contracts and the goldens from ours: each checks the other.

interface Golden {
  context?: { now?: number; credentials?: Record<string, string> };
  events: { event_time: number }[];
  request?: { method: string; url: string; headers: Record<string, string>; body: unknown };
}

const JUDGES = {
  meta: (request: PlatformRequest, now: number) => judgeMeta(request, now, { strict: true, rejectEventIds: [] }),
  ga4: (request: PlatformRequest, now: number) => judgeGa4(request, now, { rejectEventIds: [] }),
  webhook: (request: PlatformRequest, now: number, { secret }: Record<string, string>) =>
    judgeWebhook(request, now, { secrets: secret === undefined ? [] : [secret], rejectEventIds: [] }),
};

function requestsOf(id: string): [string, Golden, NonNullable<Golden["request"]>][] {
  const folder = join(import.meta.dirname, id);
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  return files.flatMap((file) => {
    const golden = JSON.parse(readFileSync(join(folder, file), "utf8")) as Golden;
    return golden.request === undefined ? [] : [[file.replace(/\.json$/, ""), golden, golden.request]];
  });
}

for (const [id, judge] of Object.entries(JUDGES)) {
  test.each(requestsOf(id))(`the sandbox takes ${id}/%s`, (_, golden, { method, url, headers, body }) => {
    const { hostname, pathname, searchParams } = new URL(url);
    const now = golden.context?.now ?? Math.max(...golden.events.map(({ event_time }) => event_time)) + 60_000;
    const request: PlatformRequest = {
      method,
      host: hostname,
      path: pathname,
      query: searchParams,
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
      body: typeof body === "string" ? body : JSON.stringify(body),
    };
    const judgement = judge(request, now, golden.context?.credentials ?? {});
    expect(judgement.events.map(({ problems }) => problems)).toEqual(golden.events.map(() => []));
    expect(judgement.answer.status).toBeLessThan(300);
  });
}
