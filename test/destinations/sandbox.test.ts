import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { judgeOptions, type SandboxPlatform } from "../../packages/sandbox/src/model.ts";
import { platformRequest } from "../../packages/sandbox/src/platform-request.ts";
import { PLATFORM_IDS, PLATFORMS, platformAt } from "../../packages/sandbox/src/platforms.ts";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";

// The sandbox was written from the platforms' contracts and the goldens from ours: each checks the other.

interface Golden {
  context?: { now?: number; credentials?: Record<string, string> };
  events: CanonicalEvent[];
  request?: { method: string; url: string; headers: Record<string, string>; body: unknown };
}

function requestsOf(id: string): [string, Golden, NonNullable<Golden["request"]>][] {
  const folder = join(import.meta.dirname, id);
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  return files.flatMap((file) => {
    const golden = JSON.parse(readFileSync(join(folder, file), "utf8")) as Golden;
    return golden.request === undefined ? [] : [[file.replace(/\.json$/, ""), golden, golden.request]];
  });
}

test("every destination has a platform in the sandbox, and every platform there a destination", () => {
  expect([...PLATFORM_IDS].sort()).toEqual(Object.keys(DESTINATIONS).sort());
});

test("platforms that share a host say which paths are their own", () => {
  const hosts = PLATFORMS.flatMap((platform) => (typeof platform.hosts === "function" ? [] : platform.hosts));
  const shared = PLATFORMS.filter(({ hosts: own, paths }) => {
    const isShared =
      typeof own !== "function" && own.some((host) => hosts.filter((other) => other === host).length > 1);
    return isShared && paths === undefined;
  });
  expect(shared.map(({ id }) => id)).toEqual([]);
});

describe.each(PLATFORMS.map((platform): [string, SandboxPlatform] => [platform.id, platform]))("%s", (id, platform) => {
  test.each(requestsOf(id))("takes the request of %s", (_, golden, { method, url, headers, body }) => {
    const now = golden.context?.now ?? Math.max(...golden.events.map(({ event_time }) => event_time)) + 60_000;
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const request = platformRequest({ method, url, headers, body: text });
    const { secret } = golden.context?.credentials ?? {};
    expect(platformAt(request.host, request.path).id).toBe(id);
    const judgement = platform.judge(request, now, judgeOptions({ secrets: secret === undefined ? [] : [secret] }));
    expect(judgement.platform).toBe(id);
    expect(judgement.events.map(({ problems }) => problems)).toEqual(golden.events.map(() => []));
    expect(judgement.events.every(({ taken }) => taken) || judgement.dryRun).toBe(true);
    expect(judgement.answer.status).toBeLessThan(300);
  });

  test("fails with the status that a script asks for, and never with what its lane takes for a delivery", () => {
    const destination = DESTINATIONS[id];
    const [, golden] = requestsOf(id)[0] ?? [];
    if (destination === undefined || golden === undefined) throw new Error(`no destination or golden ${id}`);
    for (const status of [400, 401, 403, 404, 413, 422, 429, 500, 502, 503]) {
      const failure = platform.failure(status);
      expect(failure.status).toBe(status);
      const kinds = destination.classify(failure, golden.events).map(({ kind }) => kind);
      expect(kinds).not.toContain("delivered");
      if (status === 429 || status >= 500) expect(new Set(kinds)).toEqual(new Set(["retry"]));
    }
  });
});
