import { z } from "zod/mini";
import { type AuditMark, checkAudit } from "../core/audit.ts";
import type { AuditEntry } from "../core/audit-entry.ts";
import { pageOf } from "./answer-fields.ts";
import type { AuditLog } from "./audit-log.ts";
import type { AuditVerdict } from "./contract/audit.ts";
import type { Page } from "./contract/page.ts";
import { defineRoute, OpsRefusal } from "./route.ts";

/** Of the routes of the audit log. */
export interface AuditPorts {
  readonly audit: Pick<AuditLog, "read" | "head">;
}

/** Entries of one read while the log is checked. */
const READ = 1_000;

const ENTRY = z.object({
  number: z.number(),
  at: z.number(),
  actor: z.string(),
  action: z.string(),
  target: z.string(),
  details: z.readonly(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))),
  previous: z.string(),
  digest: z.string(),
});

/** `GET /audit`. */
export const listAudit = defineRoute({
  method: "GET",
  path: "/audit",
  permission: "read",
  summary: "Who did what over the ops API, newest first",
  input: z.object({
    limit: z.optional(z.number().check(z.int(), z.minimum(1), z.maximum(500))),
    cursor: z.optional(z.string().check(z.regex(/^[1-9]\d{0,11}$/, "must be the `next` of an answer"))),
  }),
  answer: pageOf(ENTRY),
  async run({ limit = 50, cursor }, { audit }: AuditPorts): Promise<Page<AuditEntry>> {
    // Numbers have no gaps: a page backwards is a stretch of them.
    const newest = cursor === undefined ? await lastNumber(audit) : Number(cursor);
    const oldest = Math.max(1, newest - limit + 1);
    const entries = newest < 1 ? [] : await audit.read(oldest, newest - oldest + 1);
    const items = entries.filter(({ number }) => number <= newest).reverse();
    return { items, ...(oldest > 1 ? { next: String(oldest - 1) } : {}) };
  },
});

/** `GET /audit/verify`. */
export const verifyAudit = defineRoute({
  method: "GET",
  path: "/audit/verify",
  permission: "read",
  summary: "Whether a line of the audit log was changed, removed, moved or put in between",
  input: z.object({
    number: z.optional(z.number().check(z.int(), z.minimum(1))),
    digest: z.optional(z.string().check(z.regex(/^[0-9a-f]{64}$/, "must be 64 hex digits"))),
  }),
  answer: z.union([
    z.object({ intact: z.literal(true), entries: z.number(), last: z.exactOptional(ENTRY) }),
    z.object({ intact: z.literal(false), broken_at: z.number(), problem: z.string() }),
  ]),
  async run({ number, digest }, { audit }: AuditPorts): Promise<AuditVerdict> {
    if ((number === undefined) !== (digest === undefined)) {
      throw new OpsRefusal(400, "invalid_field", "number and digest are given together: an entry that you noted");
    }
    const noted = number === undefined || digest === undefined ? [] : [{ number, digest }];
    const head = await audit.head();
    const verdict = await check(audit, head === undefined ? noted : [head, ...noted]);
    return "problem" in verdict ? { intact: false, ...verdict } : { intact: true, ...verdict };
  },
});

async function check({ read }: AuditPorts["audit"], marks: readonly AuditMark[]) {
  const chain = checkAudit(marks);
  for (let from = 1; ; ) {
    const entries = await read(from, READ);
    const isWhole = entries.every((entry) => chain.add(entry));
    if (!isWhole || entries.length === 0) return chain.end();
    from = (entries.at(-1)?.number ?? from) + 1;
  }
}

/** Of the entries or of the head, whichever goes further: one may have been cut, the other may be an entry behind. */
async function lastNumber(audit: AuditPorts["audit"]): Promise<number> {
  const noted = (await audit.head())?.number ?? 0;
  const more = await audit.read(noted + 1, READ);
  return more.at(-1)?.number ?? noted;
}
