import { type ConfigProblem, showValue } from "./config-error.ts";
import type { ParsedConfig } from "./config-schema.ts";
import type { ResolvedSource } from "./resolved-config.ts";
import { checkId } from "./schema-problems.ts";

/** Checks what depends on the kind of a source, and fills in its scopes and the name of its key. */
export function resolveSources(config: ParsedConfig, problems: ConfigProblem[]): ResolvedSource[] {
  if (Object.keys(config.sources).length === 0) {
    problems.push({ field: "sources", rule: "must hold at least one source", got: "none" });
  }
  return Object.entries(config.sources).map(([id, source]) => {
    const field = `sources.${id}`;
    checkId(field, id, problems);
    const got = showValue(`${field}.origins`, source.origins);
    if (source.kind === "browser" && source.origins.length === 0) {
      problems.push({ field: `${field}.origins`, rule: "must list at least one origin for a browser source", got });
    }
    if (source.kind !== "browser" && source.origins.length > 0) {
      problems.push({ field: `${field}.origins`, rule: "must be absent: only browsers have origins", got });
    }
    return {
      id,
      kind: source.kind,
      allowedOrigins: [...new Set(source.origins)],
      dedupScope: source.dedupScope ?? id,
      ...identityScopes(config, source, id),
      keySecretName: source.keySecret ?? `tracklayer/${config.environment}/source/${id}`,
      ...(source.rateLimit === undefined ? {} : { rateLimit: source.rateLimit }),
      purchaseEventId: source.purchaseEventId,
      valueFrom: source.valueFrom,
    };
  });
}

/** Only what differs from the defaults: it travels with every event. */
function identityScopes(
  { identity }: ParsedConfig,
  { dedupScope, identityScope }: ParsedConfig["sources"][string],
  id: string,
): Pick<ResolvedSource, "identityScope" | "contactScope"> {
  const dedup = dedupScope ?? id;
  const scope = identityScope ?? dedup;
  return {
    ...(scope === dedup ? {} : { identityScope: scope }),
    ...(identity.sharedAcross === "scope" ? { contactScope: scope } : {}),
  };
}
