import {
  type JudgedEvent,
  type Judgement,
  type JudgeOptions,
  judgedEvent,
  type PlatformRequest,
  type SandboxPlatform,
} from "../model.ts";
import { bearerToken, hasContentType } from "../platform-request.ts";
import {
  boolean,
  checkFields,
  isObject,
  type JsonObject,
  listOf,
  matching,
  missingFields,
  object,
  oneOf,
  parseJson,
  type Rule,
  text,
} from "../rules.ts";
import {
  googleAdsFailure,
  invalid,
  type Refusal,
  received,
  refused,
  requestId,
  snakeCase,
  violation,
  wordsOf,
} from "./google-ads/answer.ts";
import { googleEventProblems, type RequestFacts } from "./google-ads/event.ts";
import type { GoogleProblem } from "./google-ads/problem.ts";

/**
 * Google's Data Manager API, `events:ingest` for Google Ads. A transaction id that the conversion action knows restates
 * its value and makes no second conversion.
 */
export const googleAds: SandboxPlatform = {
  id: "google-ads",
  hosts: ["datamanager.googleapis.com"],
  dedupWindowMs: 90 * 86_400_000,
  judge: judgeGoogleAds,
  failure: googleAdsFailure,
};

const MAX_DESTINATIONS = 10;
const MAX_EVENTS = 2_000;

const ROOT_FIELDS: Readonly<Record<string, Rule>> = {
  destinations: listOf(object),
  events: listOf(object),
  consent: object,
  validateOnly: boolean,
  encoding: oneOf("HEX", "BASE64"),
  encryptionInfo: object,
};
const DESTINATION_FIELDS: Readonly<Record<string, Rule>> = {
  reference: text,
  operatingAccount: object,
  loginAccount: object,
  linkedAccount: () => "is only for data partners",
  productDestinationId: matching(/^\d+$/, "of a conversion action's number, not its resource name"),
};
const ACCOUNT_FIELDS: Readonly<Record<string, Rule>> = {
  accountType: oneOf("GOOGLE_ADS"),
  accountId: matching(/^\d{10}$/, "of ten digits without hyphens"),
  product: () => "is deprecated: give the accountType",
};

/** Fast-fail: any problem refuses the request whole, and the answer names all of them by their place in it. */
function judgeGoogleAds(request: PlatformRequest, now: number, options: JudgeOptions): Judgement {
  const body = parseJson(request.body);
  const root: JsonObject = isObject(body) ? body : {};
  const events: readonly unknown[] = Array.isArray(root.events) ? root.events : [body];
  const destinations = Array.isArray(root.destinations) ? root.destinations.filter(isObject) : [];
  const gate = accessRefusal(request, now, options) ?? bodyRefusal(request, body);
  const facts = { encoding: root.encoding, references: destinations.map(({ reference }) => reference), now };
  const problems = gate === undefined ? events.map((event) => eventProblems(event, facts, options)) : [];
  const violations = problems.flatMap((found, row) =>
    found.filter(({ isWarning }) => isWarning !== true).map((problem) => violation(row, problem)),
  );
  const refusal = gate ?? (violations.length === 0 ? undefined : invalid(violations));
  const judged = events.map((event, row): JudgedEvent => {
    const fields: JsonObject = isObject(event) ? event : {};
    const own = (problems[row] ?? []).map(({ path, message }) => (path === "" ? message : `${path} ${message}`));
    return judgedEvent({
      name: Array.isArray(fields.destinationReferences) ? fields.destinationReferences[0] : undefined,
      id: fields.transactionId,
      problems: gate === undefined ? own : [wordsOf(gate)],
      taken: refusal === undefined,
      event,
    });
  });
  return {
    platform: "google-ads",
    target: targetOf(destinations),
    answer: refusal === undefined ? received(request, root, problems) : refused(refusal, requestId(request, "t")),
    events: judged,
    dryRun: root.validateOnly === true,
  };
}

function eventProblems(event: unknown, facts: RequestFacts, { rejectEventIds }: JudgeOptions): GoogleProblem[] {
  const id = isObject(event) ? event.transactionId : undefined;
  const isScripted = typeof id === "string" && rejectEventIds.includes(id);
  const scripted = isScripted ? [{ path: "", message: "is refused by script", reason: "INVALID_EVENT" }] : [];
  return [...googleEventProblems(event, facts), ...scripted];
}

function accessRefusal(request: PlatformRequest, now: number, { isLiveToken }: JudgeOptions): Refusal | undefined {
  if (request.path !== "/v1/events:ingest" || request.method !== "POST") {
    return { status: 404, message: "Requested entity was not found." };
  }
  const token = bearerToken(request);
  if (token === undefined || !isLiveToken(token, now)) {
    return {
      status: 401,
      message: "Request had invalid authentication credentials. Expected OAuth 2 access token.",
      reason: token === undefined ? "CREDENTIALS_MISSING" : "ACCESS_TOKEN_TYPE_UNSUPPORTED",
    };
  }
  return undefined;
}

function bodyRefusal(request: PlatformRequest, body: unknown): Refusal | undefined {
  if (!hasContentType(request, "application/json") || !isObject(body)) {
    return { status: 400, message: "Invalid JSON payload received." };
  }
  const problems = [
    ...missingFields(body, "", ["destinations", "events"]),
    ...checkFields(body, "", ROOT_FIELDS),
    ...listProblems(body),
    ...destinationProblems(body.destinations),
  ];
  return problems.length === 0
    ? undefined
    : invalid(
        problems.map(({ path, message }) => ({
          field: snakeCase(path),
          description: `${path} ${message}`,
          reason: path.startsWith("destinations") ? "INVALID_DESTINATION" : "INVALID_ARGUMENT",
        })),
      );
}

interface Found {
  readonly path: string;
  readonly message: string;
}

function listProblems(body: JsonObject): Found[] {
  const found: Found[] = [];
  const limits: readonly (readonly [string, number])[] = [
    ["destinations", MAX_DESTINATIONS],
    ["events", MAX_EVENTS],
  ];
  for (const [path, most] of limits) {
    const list = body[path];
    if (Array.isArray(list) && (list.length === 0 || list.length > most)) {
      found.push({ path, message: `must hold 1 to ${most}` });
    }
  }
  const events: readonly unknown[] = Array.isArray(body.events) ? body.events : [];
  const hasUserData = events.some((event) => isObject(event) && event.userData !== undefined);
  if (hasUserData && body.encoding === undefined)
    found.push({ path: "encoding", message: "is required with userData" });
  return found;
}

function destinationProblems(destinations: unknown): Found[] {
  const list: readonly unknown[] = Array.isArray(destinations) ? destinations : [];
  const references = list.map((destination) => (isObject(destination) ? destination.reference : undefined));
  return list.flatMap((destination, index) => {
    if (!isObject(destination)) return [];
    const path = `destinations[${index}]`;
    const isDouble = references.indexOf(destination.reference) !== index;
    return [
      ...missingFields(destination, path, ["operatingAccount", "productDestinationId"]),
      ...checkFields(destination, path, DESTINATION_FIELDS),
      ...accountProblems(destination.operatingAccount, `${path}.operatingAccount`),
      ...accountProblems(destination.loginAccount, `${path}.loginAccount`),
      ...(isDouble ? [{ path: `${path}.reference`, message: "is the reference of another destination" }] : []),
    ];
  });
}

function accountProblems(account: unknown, path: string): Found[] {
  if (!isObject(account)) return [];
  return [...missingFields(account, path, ["accountType", "accountId"]), ...checkFields(account, path, ACCOUNT_FIELDS)];
}

/** A conversion action of an account: transaction ids of two of them never meet. */
function targetOf(destinations: readonly JsonObject[]): string {
  const targets = destinations.map(({ operatingAccount: account, productDestinationId: action }) => {
    return `${isObject(account) ? String(account.accountId) : "?"}/${String(action)}`;
  });
  return targets.join("+") || "?";
}
