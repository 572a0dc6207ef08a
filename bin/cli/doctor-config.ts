import type { ResolvedConfig } from "../../src/config/resolved-config.ts";
import { DESTINATIONS } from "../../src/destinations/registry.ts";
import { chooseLane } from "../destination-lane.ts";
import type { Options } from "../destination-options.ts";
import { tryLane } from "../destination-test.ts";
import { loadConfig } from "../load-config.ts";
import { type Check, fail, looked, ok, skipped, warn } from "./doctor-check.ts";
import { secretForms } from "./secret-form.ts";
import { openSecrets } from "./secret-store.ts";
import { counted } from "./shown-text.ts";
import { type StackAccess, secretNameIn } from "./stack-access.ts";

/** The configuration, and what it says by itself. `config` is absent when it is wrong. */
export async function checkConfig(
  now: number,
): Promise<{ readonly config?: ResolvedConfig; readonly checks: readonly Check[] }> {
  let config: ResolvedConfig | undefined;
  const checks = await looked("configuration", async () => {
    config = await loadConfig();
    const { environment, sources, destinations } = config;
    const says = `${environment}: ${counted(sources.length, "source")}, ${counted(destinations.length, "destination")}`;
    return [
      ok("configuration", says),
      archiveCheck(config),
      mergeCheck(config),
      ...consentChecks(config),
      ...versionChecks(config, now),
    ];
  });
  return { checks, ...(config === undefined ? {} : { config }) };
}

function archiveCheck({ archive }: ResolvedConfig): Check {
  if (archive !== undefined) return ok("archive", `on, kept for ${counted(archive.days, "day")}`);
  return warn("archive", "off: nothing can be replayed", "Set `archive` in tracklayer.config.ts, and deploy.");
}

function mergeCheck({ merge }: ResolvedConfig): Check {
  if (merge === undefined) return ok("two copies", "no event waits for another copy");
  const { events, scopes, windowSeconds } = merge;
  return ok("two copies", `${events.join(", ")} of ${scopes.join(", ")} wait ${windowSeconds} s for their other copy`);
}

function versionChecks({ destinations }: ResolvedConfig, now: number): Check[] {
  const warnings = destinations.flatMap(({ id, type, settings }) =>
    (DESTINATIONS[type]?.warnings?.(settings, now) ?? []).map((text) =>
      warn("api versions", `${id}: ${text}`, "Update TrackLayer, then deploy."),
    ),
  );
  return warnings.length > 0 ? warnings : [ok("api versions", "none ends soon")];
}

/** Where destinations get more than they declare: somebody should know why, each time that they look. */
export function consentChecks({ consent, destinations }: Pick<ResolvedConfig, "consent" | "destinations">): Check[] {
  const defaults = consent.defaults.flatMap(({ because, name }) =>
    because === undefined
      ? []
      : warn(
          "consent",
          `silence is taken for consent by the default ${name}, because: ${because}`,
          "Take it out of `consent.defaults` when the reason no longer holds.",
        ),
  );
  const overrides = destinations.flatMap(({ consentOverrides = [], id }) =>
    consentOverrides.map(({ because, name, whenDenied }) => {
      const says = Object.entries(whenDenied).map(([purpose, behaviour]) => `${purpose} denied: ${behaviour}`);
      const text = `${id} gets more by the override ${name} (${says.join(", ")}), because: ${because}`;
      return warn("consent", text, "Take it out of `consent.overrides` when the reason no longer holds.");
    }),
  );
  const says = "opt-outs by Global Privacy Control are not honoured";
  const optOuts = consent.honourGpc
    ? []
    : [warn("consent", says, "Some laws ask for it: take `consent.honourGpc: false` out.")];
  const looser = [...optOuts, ...defaults, ...overrides];
  return looser.length > 0 ? looser : [ok("consent", "no override: every destination gets what it declares")];
}

/** Every secret by its destination's own judgement. */
export async function checkSecrets(config: ResolvedConfig, access: StackAccess): Promise<readonly Check[]> {
  const store = openSecrets(access);
  try {
    const checks = secretForms(config).map((form) =>
      looked("secrets", async () => {
        const problem = form.problem(await store.read(secretNameIn(access.environment, config, form.secretName)));
        if (problem === undefined) return [ok("secrets", `${form.id} is complete`)];
        return [fail("secrets", problem, `Fill it in with \`tracklayer secrets set ${form.id}\`.`)];
      }),
    );
    return (await Promise.all(checks)).flat();
  } finally {
    store.close();
  }
}

/** Sends a test event to every destination that has a test mode, one after the other. */
export async function checkPlatforms(config: ResolvedConfig, options: Options): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const { id } of config.destinations) {
    checks.push(
      ...(await looked("test event", async () => {
        const trial = await tryLane(chooseLane(config, id, undefined), config, undefined, options, () => {});
        if (!("result" in trial)) return [skipped("test event", `${id} has no test mode`)];
        const { state, reason, skip } = trial.result;
        if (state === "delivered") return [ok("test event", `${id} took it`)];
        const why = reason ?? skip?.detail ?? "no reason given";
        return [fail("test event", `${id}: ${state}, ${why}`, `\`tracklayer test ${id}\` shows the exchange.`)];
      })),
    );
  }
  return checks;
}
