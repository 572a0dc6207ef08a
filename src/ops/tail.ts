import { z } from "zod/mini";
import { DAY_MS, MINUTE_MS } from "../core/durations.ts";
import { isObject, parseJson } from "../core/safe-json.ts";
import type { Clock } from "../pipeline/ports.ts";
import { list } from "./answer-fields.ts";
import type { TailLine } from "./contract/tail.ts";
import { defineRoute, OpsRefusal } from "./route.ts";

/** Lines as the functions wrote them. */
export interface LogPage {
  readonly lines: readonly { readonly at: number; readonly text: string }[];
  /** There are more between the same times. */
  readonly token?: string;
}

/** The functions' log, seen from people. Throws when it does not answer. */
export interface LogReader {
  /** From `from` (inclusive) to `to` (exclusive), epoch ms, in order. */
  read(from: number, to: number, token: string | undefined): Promise<LogPage>;
}

/** Of the route of the log. */
export interface TailPorts {
  readonly functionLogs: LogReader;
  readonly clock: Pick<Clock, "now">;
}

/**
 * A line is shown once it is so old, ms: lines of several functions arrive out of order, and what came after its
 * time was passed would never be shown.
 */
const SETTLED_MS = 3_000;

/** Pages of the log that one request reads: most lines are metrics, and a page of nothing is no end. */
const MOST_PAGES = 4;

/** How far back a request without `after` begins, ms. */
const FIRST_LOOK_MS = MINUTE_MS;

/** CloudWatch reads all that lies between, for everybody's share of its requests: for older lines there is its console, ms. */
const FURTHEST_BACK_MS = DAY_MS;

/** Fields that may be shown. The log holds no personal data; a field that is new there is not shown before somebody looked. */
const SHOWN = new Set(
  (
    "step event_id event_name lane detail outcome reason events event_ids messages returned source code error task " +
    "detector subject severity sentence observed request_id number action delivered retry rejected unauthorized " +
    "skipped expired failures_this_minute message_id state cause replay job"
  ).split(" "),
);

const LEVELS = ["info", "warn", "error"] as const;

/** `GET /tail`. */
export const tail = defineRoute({
  method: "GET",
  path: "/tail",
  permission: "read",
  summary: "What the functions log: give `next` back as `after` to follow",
  input: z.object({
    after: z.optional(z.string().check(z.maxLength(4_000))),
    lane: z.optional(z.string().check(z.maxLength(64))),
    level: z.optional(z.enum(LEVELS)),
  }),
  answer: z.object({
    items: list(
      z.object({
        at: z.number(),
        service: z.string(),
        level: z.string(),
        message: z.string(),
        fields: z.readonly(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))),
      }),
    ),
    next: z.string(),
  }),
  async run(
    { after, lane, level = "info" },
    { functionLogs, clock }: TailPorts,
  ): Promise<{ items: readonly TailLine[]; next: string }> {
    const now = clock.now();
    let at: Place = after === undefined ? { from: now - FIRST_LOOK_MS } : readAfter(after, now);
    const items: TailLine[] = [];
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const [to, before] = "token" in at ? [at.to, at.token] : [now - SETTLED_MS, undefined];
      if (to <= at.from) break;
      const { lines, token } = await functionLogs.read(at.from, to, before);
      items.push(...lines.flatMap((line) => readLine(line, lane, LEVELS.indexOf(level))));
      at = token === undefined ? { from: to } : { from: at.from, to, token };
      if (token === undefined) break;
    }
    return {
      items: items.sort((a, b) => a.at - b.at),
      next: "token" in at ? JSON.stringify(at) : String(at.from),
    };
  },
});

const PLACE = z.strictObject({
  from: z.int().check(z.nonnegative()),
  to: z.int().check(z.nonnegative()),
  token: z.string().check(z.maxLength(3_000)),
});
type Place = { readonly from: number } | z.infer<typeof PLACE>;

/** Epoch ms, or where a page stopped in the middle of its time. No further back than `FURTHEST_BACK_MS`. */
function readAfter(after: string, now: number): Place {
  const oldest = now - FURTHEST_BACK_MS;
  if (/^\d{1,15}$/.test(after)) return { from: Math.max(oldest, Math.min(Number(after), now)) };
  const parsed = parseJson(after);
  const place = PLACE.safeParse(parsed.ok ? parsed.value : undefined);
  // A token belongs to its times, so these cannot be moved to where they would be allowed.
  if (place.success && place.data.from >= oldest - FIRST_LOOK_MS && place.data.to <= now) return place.data;
  throw new OpsRefusal(400, "invalid_field", "after must be epoch milliseconds, or the `next` of an answer");
}

function readLine({ at, text }: LogPage["lines"][number], lane: string | undefined, least: number): TailLine[] {
  const parsed = parseJson(text);
  if (!parsed.ok || !isObject(parsed.value)) return [];
  const { message, service, level, ...rest } = parsed.value;
  // Metrics are lines as well, without a message.
  if (typeof message !== "string" || "_aws" in rest) return [];
  const name = typeof level === "string" ? level.toLowerCase() : "info";
  if ((LEVELS as readonly string[]).indexOf(name) < least) return [];
  if (lane !== undefined && rest.lane !== lane) return [];
  const fields = Object.entries(rest).flatMap(([field, value]): [string, string | number | boolean][] =>
    SHOWN.has(field) && (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
      ? [[field, value]]
      : [],
  );
  const shown = { service: typeof service === "string" ? service : "unknown", level: name, message };
  return [{ at, ...shown, fields: Object.fromEntries(fields) }];
}
