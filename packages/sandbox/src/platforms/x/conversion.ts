import {
  allOf,
  amount,
  anything,
  checkFields,
  count,
  currency,
  isObject,
  matching,
  missingFields,
  opaqueId,
  type Problem,
  pathsOfEmails,
  publicIp,
  type Rule,
  sha256,
  text,
} from "../../rules.ts";
import { isoTime, withinDays } from "../../time-rules.ts";

/** X publishes no limit; peers keep to this one. */
const MAX_DAYS = 7;

const IDENTIFIER_FIELDS: Readonly<Record<string, Rule>> = {
  twclid: matching(/^[\w-]+$/, "of a twclid"),
  hashed_email: sha256,
  hashed_phone_number: sha256,
  ip_address: allOf(publicIp, matching(/^\d+\.\d+\.\d+\.\d+$/, "of four numbers with dots between")),
  user_agent: text,
};

const CONTENT_FIELDS: Readonly<Record<string, Rule>> = {
  content_id: opaqueId,
  content_name: text,
  content_type: text,
  content_price: amount,
  num_items: allOf(count, (value) => (value === 0 ? "must be at least 1" : undefined)),
  content_group_id: opaqueId,
};

/** Decimals are written out: `20.00`. */
const value: Rule = matching(/^\d+\.\d{2,3}$/, "of an amount with its decimals, such as 20.00");

/** Texts in which an address is the browser's own name, and no person's. */
const EXEMPT = new Set(["identifiers", "conversion_id"]);

/** Everything that is wrong with one conversion, paths from its own root. */
export function xConversionProblems(
  conversion: unknown,
  now: number,
  { pixel, strict }: { pixel: string; strict: boolean },
): Problem[] {
  if (!isObject(conversion)) return [{ path: "conversions", message: "is not an object", kind: "value" }];
  const unknown = strict ? undefined : anything;
  const fields: Readonly<Record<string, Rule>> = {
    conversion_time: isoTime(now, withinDays(MAX_DAYS)),
    event_id: eventId(pixel),
    conversion_id: text,
    identifiers: anything,
    value,
    price_currency: currency,
    number_items: count,
    description: text,
    search_string: text,
    contents: anything,
  };
  return [
    ...missingFields(conversion, "", ["conversion_time", "event_id", "identifiers"]),
    ...checkFields(conversion, "", fields, unknown),
    ...currencyProblems(conversion.value, conversion.price_currency),
    ...identifierProblems(conversion.identifiers, unknown),
    ...listProblems(conversion.contents, "contents", CONTENT_FIELDS, unknown),
    ...pathsOfEmails(conversion, "", EXEMPT).map((path) => ({
      path,
      message: "must not hold an e-mail address",
      kind: "value" as const,
    })),
  ];
}

/** The bare id of an event, or with that of its pixel in front. */
function eventId(pixel: string): Rule {
  return (given) => {
    const found = typeof given === "string" ? /^(?:tw-([a-z0-9]+)-)?[a-z0-9]+$/.exec(given) : null;
    if (found === null) return "must be the id of a single event tag";
    return found[1] === undefined || found[1] === pixel ? undefined : "is not an event tag of this pixel";
  };
}

// X would take a value without a currency for dollars: nobody means that by leaving it out.
function currencyProblems(given: unknown, currencyCode: unknown): Problem[] {
  return given !== undefined && currencyCode === undefined
    ? [{ path: "price_currency", message: "is required beside value", kind: "missing" }]
    : [];
}

function identifierProblems(identifiers: unknown, unknown: Rule | undefined): Problem[] {
  if (identifiers === undefined) return [];
  const problems = listProblems(identifiers, "identifiers", IDENTIFIER_FIELDS, unknown);
  if (!Array.isArray(identifiers)) return problems;
  const lonely = identifiers.flatMap((identifier, index): Problem[] => {
    const names = isObject(identifier) ? Object.keys(identifier) : [];
    const isLonely = names.length === 1 && (names[0] === "ip_address" || names[0] === "user_agent");
    const path = `identifiers[${index}].${names[0]}`;
    return isLonely ? [{ path, message: "needs another identifier in the same object", kind: "value" }] : [];
  });
  return [...problems, ...lonely];
}

function listProblems(
  list: unknown,
  path: string,
  fields: Readonly<Record<string, Rule>>,
  unknown: Rule | undefined,
): Problem[] {
  if (list === undefined) return [];
  if (!Array.isArray(list) || list.length === 0) return [{ path, message: "must be a non-empty array", kind: "value" }];
  return list.flatMap((entry, index): Problem[] => {
    const at = `${path}[${index}]`;
    if (!isObject(entry) || Object.keys(entry).length === 0) {
      return [{ path: at, message: "must be an object with fields", kind: "value" }];
    }
    return checkFields(entry, at, fields, unknown);
  });
}
