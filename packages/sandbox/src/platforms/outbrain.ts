import {
  type Judgement,
  type JudgeOptions,
  judgedEvent,
  type PlatformAnswer,
  type PlatformRequest,
  type SandboxPlatform,
} from "../model.ts";
import { parameters } from "../platform-request.ts";
import {
  allOf,
  anything,
  checkFields,
  currency,
  decimalText,
  matching,
  missingFields,
  pathsOfEmails,
  problemLines,
  type Rule,
  text,
} from "../rules.ts";
import { isoTime, withinDays } from "../time-rules.ts";

/**
 * Outbrain's server-to-server conversions: one GET each, no key, no feedback. It answers 200 to clicks and names that
 * nobody knows, too, while the judgement says what was wrong; no dropping of copies is documented.
 * https://www.outbrain.com/help/advertisers/server2server-integrations/
 */
export const outbrain: SandboxPlatform = {
  id: "outbrain",
  hosts: ["tr.outbrain.com"],
  dedupWindowMs: 0,
  judge,
  failure: empty,
};

const clickId = matching(/^[\w.~=+/-]+$/, "a click id");
const exactText: Rule = (value) =>
  text(value) ?? (value === String(value).trim() ? undefined : "must have no white space around it");

function judge(request: PlatformRequest, now: number, options: JudgeOptions): Judgement {
  const { fields, repeated } = parameters(request.query);
  const gate = refusalOf(request);
  const found = [...repeated.map((name) => `${name} is given twice`), ...fieldProblems(fields, now, options)];
  const problems = gate === undefined ? found : [gate.reason];
  return {
    platform: "outbrain",
    target: "unifiedPixel",
    answer: empty(gate?.status ?? 200),
    events: [
      judgedEvent({
        name: fields.name,
        id: fields.orderId,
        dedupKey: null,
        problems,
        taken: problems.length === 0,
        event: fields,
      }),
    ],
  };
}

function empty(status: number): PlatformAnswer {
  return { status, headers: {}, body: "" };
}

function refusalOf({ path, method, body }: PlatformRequest): { status: number; reason: string } | undefined {
  if (path !== "/unifiedPixel") return { status: 404, reason: "no such path" };
  if (method !== "GET") return { status: 405, reason: "only GET is taken" };
  return body === "" ? undefined : { status: 400, reason: "a GET has no body" };
}

function fieldProblems(
  fields: Readonly<Record<string, string>>,
  now: number,
  { strict, rejectEventIds }: JudgeOptions,
): string[] {
  const rules: Readonly<Record<string, Rule>> = {
    ob_click_id: clickId,
    name: exactText,
    orderId: text,
    orderValue: decimalText(6),
    currency,
    timestamp: allOf(matching(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/, "yyyy-MM-dd HH:mm:ss"), (value) =>
      isoTime(now, withinDays(30))(`${String(value).replace(" ", "T")}Z`),
    ),
  };
  const { orderId = "", orderValue, currency: code } = fields;
  return [
    ...problemLines([
      ...missingFields(fields, "", ["ob_click_id", "name"]),
      ...checkFields(fields, "", rules, strict ? undefined : anything),
    ]),
    ...(orderValue !== undefined && code === undefined ? ["orderValue without currency"] : []),
    ...pathsOfEmails(fields, "", new Set()).map((path) => `${path} must not hold an e-mail address in clear`),
    ...(rejectEventIds.includes(orderId) ? ["is refused by script"] : []),
  ];
}
