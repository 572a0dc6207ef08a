import { lookup } from "node:dns/promises";
import type { ResolvedConfig } from "../../src/config/resolved-config.ts";
import type { DeadLetterRow } from "../../src/ops/contract/dead-letters.ts";
import type { DestinationHealth } from "../../src/ops/contract/destinations.ts";
import type { Page } from "../../src/ops/contract/page.ts";
import type { PrivacyJobView } from "../../src/ops/contract/privacy.ts";
import type { QualityView } from "../../src/ops/contract/quality.ts";
import type { OpsHealth } from "../../src/ops/health.ts";
import { type Check, fail, looked, ok, skipped, warn } from "./doctor-check.ts";
import type { OpsClient } from "./ops-client.ts";
import { counted, shownDuration } from "./shown-text.ts";
import { isLoopback } from "./target.ts";

/** Jobs that were given up and are told one by one. */
const MOST_FAILED = 20;
/** A clock that is further off than this makes event times and signatures wrong. */
const SKEW_MS = 30_000;

/** What the API says of itself. `health` is absent when it does not answer: then nothing else is asked of it. */
export async function checkApi(
  ops: OpsClient,
  now: () => number,
): Promise<{ readonly health?: OpsHealth; readonly checks: readonly Check[] }> {
  let health: OpsHealth | undefined;
  const checks = await looked("ops api", async () => {
    const { answer, date, tookMs } = await ops.timed<OpsHealth>("health");
    health = answer;
    const says = `${answer.environment}, version ${answer.version}; the key may ${answer.permissions.join(", ")}`;
    return [ok("ops api", says), clockCheck(now(), answer.clock, date, tookMs)];
  });
  return { checks, ...(health === undefined ? {} : { health }) };
}

function clockCheck(here: number, clock: number, date: number | undefined, tookMs: number): Check {
  // The answer was written about half way. The header has whole seconds only, but it is the gateway's: a λ's clock may be off.
  const skew = here - tookMs / 2 - (date === undefined ? clock : date + 500);
  const says = `this machine's is ${shownDuration(Math.abs(skew))} ${skew < 0 ? "behind" : "ahead"}`;
  if (Math.abs(skew) <= Math.max(SKEW_MS, tookMs)) return ok("clock", says);
  return warn("clock", says, "Set the clock by NTP: AWS refuses signatures that are five minutes off.");
}

/** Whether what is deployed is what is configured here. */
export function checkDeployment(health: OpsHealth, config: ResolvedConfig): Check {
  const name = "deployment";
  if (health.environment !== config.environment) {
    return skipped(name, `${health.environment} runs there, and the configuration here is of ${config.environment}`);
  }
  const there = health.destinations.map(({ lane, type }) => `${lane} (${type})`);
  const here = config.destinations.map(({ id, type }) => `${id} (${type})`);
  const missing = here.filter((lane) => !there.includes(lane));
  const extra = there.filter((lane) => !here.includes(lane));
  if (missing.length + extra.length === 0)
    return ok(name, `the ${counted(here.length, "destination")} of the configuration`);
  const parts = [
    ...(missing.length === 0 ? [] : [`without ${missing.join(", ")}`]),
    ...(extra.length === 0 ? [] : [`with ${extra.join(", ")}, which the configuration does not have`]),
  ];
  return warn(name, `is ${parts.join(" and ")}`, "Deploy, or start the local stack again, if that is not meant.");
}

/** Lanes that do not send. */
export function checkLanes(ops: OpsClient): Promise<readonly Check[]> {
  return looked("lanes", async () => {
    const { items } = await ops.get<{ readonly items: readonly DestinationHealth[] }>("destinations");
    const stopped = items.flatMap(({ lane, control }) =>
      control === undefined || control.state === "closed" ? [] : [{ lane, control }],
    );
    if (stopped.length === 0) return [ok("lanes", `${counted(items.length, "lane")} running`)];
    return stopped.map(({ lane, control }) => {
      const says = `${lane} is ${control.state === "paused" ? "paused" : "stopped"}: ${control.reason}`;
      const todo =
        control.state === "paused"
          ? `\`tracklayer resume ${lane}\` sends again.`
          : `\`tracklayer failures --lane ${lane}\` says what to do.`;
      return warn("lanes", says, todo);
    });
  });
}

/** Messages that were given up. */
export function checkDeadLetters(ops: OpsClient): Promise<readonly Check[]> {
  return looked("dead letters", async () => {
    const { items } = await ops.get<{ readonly items: readonly DeadLetterRow[] }>("dlq");
    const full = items.filter(({ messages }) => messages > 0);
    if (full.length === 0) return [ok("dead letters", "none")];
    return full.map(({ queue, messages }) =>
      warn("dead letters", `${counted(messages, "message")} on ${queue}`, `\`tracklayer dlq show ${queue}\` says why.`),
    );
  });
}

/** Erasures and exports that were given up: somebody waits for those. */
export function checkPrivacyJobs(ops: OpsClient): Promise<readonly Check[]> {
  const name = "privacy jobs";
  return looked(name, async () => {
    const { items } = await ops.get<Page<PrivacyJobView>>("privacy/jobs", { state: "failed", limit: MOST_FAILED });
    if (items.length === 0) return [ok(name, "none given up")];
    return items.map(({ id, kind, reason = "nobody knows why" }) => {
      const todo = `Mend that, then ask for it again: \`tracklayer privacy ${kind} <identifier>\`.`;
      return warn(name, `${kind} ${id} was ${reason}`, todo);
    });
  });
}

/** Platforms that do not tell their own score of match quality although they are asked. */
export function checkReadBacks(ops: OpsClient): Promise<readonly Check[]> {
  const name = "platforms' scores";
  return looked(name, async () => {
    const { destinations } = await ops.get<QualityView>("quality");
    const told = destinations.flatMap(({ lane, platform }) => (platform === undefined ? [] : [{ lane, ...platform }]));
    const silent = told.filter(({ problem }) => problem !== undefined);
    if (told.length === 0) return [skipped(name, "no platform was asked yet: that is done within the hour")];
    if (silent.length === 0) return [ok(name, `read from ${told.map(({ lane }) => lane).join(", ")}`)];
    return silent.map(({ lane, problem }) =>
      warn(
        name,
        `${lane}: ${problem}`,
        "Give the lane's token the permission, or take readBackQuality out; sending goes on.",
      ),
    );
  });
}

/** Whether senders find the host. */
export async function checkDns(url: string): Promise<Check> {
  const { hostname } = new URL(url);
  if (isLoopback(hostname)) return skipped("dns", "this machine needs none");
  try {
    const addresses = await lookup(hostname, { all: true });
    return ok("dns", `${hostname} has ${counted(addresses.length, "address").replace("addresss", "addresses")}`);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown";
    return fail(
      "dns",
      `${hostname} is not found: ${code}`,
      "Look at the domain's records and at this machine's resolver.",
    );
  }
}
