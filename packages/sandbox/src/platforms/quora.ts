import {
  type Judgement,
  type JudgeOptions,
  jsonAnswer,
  judgedEvent,
  type PlatformAnswer,
  type PlatformRequest,
  type SandboxPlatform,
} from "../model.ts";
import { bearerToken, hasContentType } from "../platform-request.ts";
import {
  anything,
  checkFields,
  country,
  email,
  isObject,
  type JsonObject,
  matching,
  missingFields,
  number,
  object,
  oneOf,
  type Problem,
  parseJson,
  pathsOfEmails,
  phoneE164,
  problemLines,
  publicIp,
  type Rule,
  text,
  uuid,
  webUrl,
} from "../rules.ts";
import { epochMicros, withinDays } from "../time-rules.ts";

/**
 * Quora Conversion API. Answers 200 with a row for each event, the refused ones too. Copies go by `event_id`; for how
 * long, and how old an event may be, is not published: 90 days are as long as a click counts. Quora publishes no error
 * codes: those given here are made up.
 * https://quoraadsupport.zendesk.com/hc/en-us/articles/23065751885069-Conversion-API-Overview
 */
export const quora: SandboxPlatform = {
  id: "quora",
  hosts: ["api.quora.com"],
  dedupWindowMs: 90 * 86_400_000,
  judge,
  failure: (status) => refusal({ status, message: "scripted failure" }),
};

const CATEGORIES = `Generic AppInstall Purchase GenerateLead CompleteRegistration AddPaymentInfo AddToCart AddToWishlist
  InitiateCheckout Search ViewContent`.split(/\s+/);
const MOST_EVENTS = 1000;

const positive: Rule = (value) =>
  Number.isSafeInteger(value) && Number(value) > 0 ? undefined : "must be a number above 0, not text";

const USER_FIELDS: Readonly<Record<string, Rule>> = {
  email,
  name: text,
  phone_number: phoneE164,
  date_of_birth: matching(/^\d{4}-\d{2}-\d{2}$/, "YYYY-MM-DD"),
  ip: publicIp,
  country,
  region: text,
  city: text,
  postal_code: text,
};

const DEVICE_FIELDS: Readonly<Record<string, Rule>> = {
  user_agent: text,
  mobile_device_id: uuid,
  language: matching(/^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*$/, "a locale"),
  referer: webUrl,
};

function conversionFields(now: number): Readonly<Record<string, Rule>> {
  return {
    event_name: oneOf(...CATEGORIES),
    timestamp: epochMicros(now, withinDays(90)),
    click_id: matching(/^\S+$/, "a click id without white space"),
    value: number,
    event_id: text,
  };
}

/** The id is the pixel's, the address itself is one, and crawlers name their owner in a user agent. */
const MAY_HOLD_EMAILS: ReadonlySet<string> = new Set(["conversion.event_id", "user.email", "device.user_agent"]);

interface Gate {
  readonly status: number;
  readonly message: string;
}

function judge(request: PlatformRequest, now: number, options: JudgeOptions): Judgement {
  const body = parseJson(request.body);
  const root: JsonObject = isObject(body) ? body : {};
  const found: readonly unknown[] = Array.isArray(root.data) ? root.data : [];
  const gate = addressRefusal(request) ?? tokenRefusal(request) ?? rootRefusal(root, found, options.strict);
  const rows = found.map((item) => (gate === undefined ? itemProblems(item, now, options) : []));
  const events = (found.length === 0 ? [body] : found).map((event, index) => {
    const { event_name: name, event_id: id } = isObject(event) && isObject(event.conversion) ? event.conversion : {};
    const problems = gate === undefined ? problemLines(rows[index] ?? []) : [gate.message];
    return judgedEvent({ name, id, problems, taken: problems.length === 0, event });
  });
  const answer = gate === undefined ? rowsAnswer(rows) : refusal(gate);
  return { platform: "quora", target: String(root.account_id ?? "(no account)"), answer, events };
}

function rowsAnswer(rows: readonly (readonly Problem[])[]): PlatformAnswer {
  return jsonAnswer(200, {
    events_received: rows.length,
    events_errored: rows.filter((problems) => problems.length > 0).length,
    events: rows.map((problems, index) => {
      const message = problemLines(problems).join("; ");
      return problems.length === 0
        ? { status: "OK", index }
        : { status: "ERROR", index, error_code: "INVALID_EVENT", error_message: message };
    }),
  });
}

function refusal({ status, message }: Gate): PlatformAnswer {
  return jsonAnswer(status, { error: { code: String(status), message } });
}

function addressRefusal(request: PlatformRequest): Gate | undefined {
  if (request.path !== "/ads/v0/conversions") return { status: 404, message: `no such path: ${request.path}` };
  if (request.method !== "POST") return { status: 405, message: "only POST is taken" };
  return hasContentType(request, "application/json") ? undefined : { status: 415, message: "the body must be JSON" };
}

function tokenRefusal(request: PlatformRequest): Gate | undefined {
  const token = bearerToken(request);
  if (token === undefined || token.startsWith("INVALID")) return { status: 401, message: "the token is not valid" };
  return token.startsWith("NOPERM") ? { status: 403, message: "the token is not of this account" } : undefined;
}

function rootRefusal(root: JsonObject, items: readonly unknown[], strict: boolean): Gate | undefined {
  const fields = { account_id: positive, data: anything };
  const [first] = [
    ...missingFields(root, "", ["account_id", "data"]),
    ...checkFields(root, "", fields, strict ? undefined : anything),
  ];
  if (first !== undefined) return { status: 400, message: `${first.path} ${first.message}` };
  return items.length >= 1 && items.length <= MOST_EVENTS
    ? undefined
    : { status: 400, message: `data must hold 1 to ${MOST_EVENTS} events` };
}

function itemProblems(item: unknown, now: number, { strict, rejectEventIds }: JudgeOptions): Problem[] {
  if (!isObject(item)) return [{ path: "", message: "must be an object", kind: "value" }];
  const unknown = strict ? undefined : anything;
  const { user, device, conversion } = item;
  const parts: readonly [string, unknown, Readonly<Record<string, Rule>>][] = [
    ["user", user, USER_FIELDS],
    ["device", device, DEVICE_FIELDS],
    ["conversion", conversion, conversionFields(now)],
  ];
  const id = isObject(conversion) ? conversion.event_id : undefined;
  const isScripted = typeof id === "string" && rejectEventIds.includes(id);
  return [
    ...missingFields(item, "", ["user", "conversion"]),
    ...checkFields(item, "", { user: object, device: object, conversion: object }, unknown),
    ...parts.flatMap(([name, part, fields]) => (isObject(part) ? checkFields(part, name, fields, unknown) : [])),
    ...(isObject(conversion) ? missingFields(conversion, "conversion", ["event_name", "timestamp"]) : []),
    ...pathsOfEmails(item, "", MAY_HOLD_EMAILS).map(
      (path): Problem => ({ path, message: "must not hold an e-mail address in clear", kind: "value" }),
    ),
    ...(isScripted ? [{ path: "conversion.event_id", message: "is refused by script", kind: "value" as const }] : []),
  ];
}
