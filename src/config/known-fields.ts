import { CONSENT_PURPOSES } from "../core/consent.ts";
import { EVENT_NAMES } from "../core/event.ts";
import { ARCHIVE, CONFIG, MERGE } from "./config-schema.ts";
import { CONSENT, CONSENT_RULE, GEO_HEADERS, LANE_CONSENT_RULE, OVERRIDE } from "./consent-schema.ts";
import { LANE } from "./lane-schema.ts";
import { SOURCE } from "./source-schema.ts";

/** Field names known at a place of the configuration, for suggestions. */
export function knownFields(path: readonly PropertyKey[]): readonly string[] {
  const [first, , third] = path;
  if (path.length === 0) return Object.keys(CONFIG.shape);
  if (path.at(-1) === "whenDenied" || path.at(-1) === "purposes") return CONSENT_PURPOSES;
  if (first === "sources" && third === undefined) return Object.keys(SOURCE.shape);
  if (first === "destinations" && third === undefined) return Object.keys(LANE.shape);
  if (first === "destinations" && third === "consentRules") return Object.keys(LANE_CONSENT_RULE.shape);
  if (first === "destinations") return path.length === 3 ? EVENT_NAMES : ["name", "onlyIf", "value"];
  if (first === "consent" && path.length === 1) return Object.keys(CONSENT.shape);
  if (path[1] === "geoHeaders") return Object.keys(GEO_HEADERS.shape);
  if (first === "consent") return Object.keys(path[1] === "overrides" ? OVERRIDE.shape : CONSENT_RULE.shape);
  if (first === "archive") return Object.keys(ARCHIVE.shape);
  if (first === "merge") return Object.keys(MERGE.shape);
  const group = {
    alarms: CONFIG.shape.alarms,
    delivery: CONFIG.shape.delivery,
    retention: CONFIG.shape.retention,
    identity: CONFIG.shape.identity,
    logs: CONFIG.shape.logs,
    ingest: CONFIG.shape.ingest,
    sensitiveData: CONFIG.shape.sensitiveData,
  }[String(first)];
  return group === undefined ? [] : Object.keys(group.unwrap().shape);
}
