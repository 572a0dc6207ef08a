import {
  type Judgement,
  type JudgeOptions,
  judgedEvent,
  type PlatformAnswer,
  type PlatformRequest,
  type SandboxPlatform,
} from "../model.ts";
import { hasContentType } from "../platform-request.ts";
import {
  amount,
  anything,
  checkFields,
  count,
  isObject,
  type JsonObject,
  matching,
  missingFields,
  oneOf,
  parseJson,
  pathsOfEmails,
  problemLines,
  type Rule,
  text,
} from "../rules.ts";
import { epochMillis, withinDays } from "../time-rules.ts";

/**
 * Taboola's bulk server-to-server conversions. There is no key and no word about single actions: 204 also for those of
 * a name or click that nobody knows, while the judgement says what was wrong. Copies are dropped by order id; for how
 * long is not published, and taken for 30 days. https://developers.taboola.com/pixel/docs/bulk-submit-s2s-conversions
 */
export const taboola: SandboxPlatform = {
  id: "taboola",
  hosts: ["trc.taboola.com"],
  dedupWindowMs: 30 * 86_400_000,
  judge,
  failure: empty,
};

const PATH = /^\/(\d+)\/log\/3\/bulk-s2s-action$/;
const MAX_ACTIONS = 1000;
const CURRENCIES = "AUD BRL CAD CNY EUR GBP HKD ILS INR JPY KRW MXN NZD RUB SGD THB TRY USD ZAR".split(" ");

function judge(request: PlatformRequest, now: number, options: JudgeOptions): Judgement {
  const account = PATH.exec(request.path)?.[1];
  const body = parseJson(request.body);
  const actions: readonly unknown[] = isObject(body) && Array.isArray(body.actions) ? body.actions : [];
  const gate = refusalOf(request, body, actions, options.strict);
  const events = (actions.length === 0 ? [body] : actions).map((action) => {
    const fields: JsonObject = isObject(action) ? action : {};
    const problems = gate === undefined ? actionProblems(action, now, options) : [gate.reason];
    const { name, orderid: id } = fields;
    return judgedEvent({ name, id, problems, taken: problems.length === 0, event: action });
  });
  return { platform: "taboola", target: account ?? request.path, answer: empty(gate?.status ?? 204), events };
}

function empty(status: number): PlatformAnswer {
  return { status, headers: {}, body: "" };
}

function refusalOf(request: PlatformRequest, body: unknown, actions: readonly unknown[], strict: boolean) {
  if (!PATH.test(request.path)) return { status: 404, reason: "no such path or account" };
  if (request.method !== "POST") return { status: 405, reason: "only POST is taken" };
  if (!hasContentType(request, "application/json")) return { status: 415, reason: "the body must be JSON" };
  if (actions.length === 0 || actions.length > MAX_ACTIONS) {
    return { status: 400, reason: `actions must hold 1 to ${MAX_ACTIONS} actions` };
  }
  const isKnown = isObject(body) && (!strict || Object.keys(body).join() === "actions");
  return isKnown ? undefined : { status: 400, reason: "actions must be the only field" };
}

const clickId = matching(/^[\w.~=+/-]+$/, "a click id");
const exactText: Rule = (value) =>
  text(value) ?? (value === String(value).trim() ? undefined : "must have no white space around it");

function actionProblems(action: unknown, now: number, { strict, rejectEventIds }: JudgeOptions): string[] {
  if (!isObject(action)) return ["is not an object"];
  const fields: Readonly<Record<string, Rule>> = {
    "click-id": clickId,
    timestamp: epochMillis(now, withinDays(30)),
    name: exactText,
    revenue: amount,
    currency: oneOf(...CURRENCIES),
    quantity: count,
    orderid: text,
  };
  const isScripted = typeof action.orderid === "string" && rejectEventIds.includes(action.orderid);
  return [
    ...problemLines([
      ...missingFields(action, "", ["click-id", "timestamp", "name"]),
      ...checkFields(action, "", fields, strict ? undefined : anything),
    ]),
    // Taboola would take the account's currency, and another amount.
    ...(action.revenue !== undefined && action.currency === undefined ? ["revenue without currency"] : []),
    ...pathsOfEmails(action, "", new Set()).map((path) => `${path} must not hold an e-mail address in clear`),
    ...(isScripted ? ["is refused by script"] : []),
  ];
}
