import { z } from "zod/mini";
import type { QuarantinedEvent } from "../core/delivery-record.ts";
import { present } from "../core/present.ts";
import { pageOf } from "./answer-fields.ts";
import type { Page } from "./contract/page.ts";
import type { QuarantineRow } from "./contract/quarantine.ts";
import { newestOfDays } from "./day-pages.ts";
import { type EventPorts, NAME, spanOf } from "./event-filter.ts";
import { QUARANTINE_ROW, quarantineRow } from "./quarantine-rows.ts";
import { defineRoute } from "./route.ts";

/** Of the route of quarantine. */
export type QuarantinePorts = Pick<EventPorts, "lookups" | "config" | "clock">;

const QUARANTINE_PAGE: z.ZodMiniType<Page<QuarantineRow>> = pageOf(QUARANTINE_ROW);

/** `GET /quarantine`. */
export const listQuarantine = defineRoute({
  method: "GET",
  path: "/quarantine",
  permission: "read",
  summary: "Refused events with the reasons, newest first; with `personal` also what was sent",
  input: z.object({
    source: z.optional(NAME),
    /** Of which one of the reasons speaks, with all that is in it: `user` finds `user.email`. */
    field: z.optional(z.string().check(z.maxLength(200))),
    /** Epoch ms of when it came; `to` is exclusive. */
    from: z.optional(z.int().check(z.nonnegative())),
    to: z.optional(z.int().check(z.nonnegative())),
    limit: z._default(z.int().check(z.minimum(1), z.maximum(100)), 50),
    cursor: z.optional(z.string()),
  }),
  answer: QUARANTINE_PAGE,
  personal: ({ source, from, to }) => ({
    action: "quarantine.read_personal",
    target: "quarantine",
    details: present({ source, from, to }),
  }),
  async run(input, ports: QuarantinePorts, { personal }): Promise<Page<QuarantineRow>> {
    const { source, field, limit, cursor } = input;
    const span = { ...spanOf(input, ports, ports.config.retention.quarantineDays), limit, cursor };
    const page = await newestOfDays(span, ports.lookups.listQuarantined, receivedAt);
    const rows = page.items.filter((entry) => isOf(entry, source) && speaksOf(entry, field));
    return { items: rows.map((entry) => quarantineRow(entry, personal)), ...present({ next: page.next }) };
  },
});

/** When a quarantined event came: by what it is listed. */
export function receivedAt({ received_at }: QuarantinedEvent): number {
  return received_at;
}

/** Whether it came from this source, or none is asked for. */
export function isOf(entry: QuarantinedEvent, source: string | undefined): boolean {
  return source === undefined || entry.source === source;
}

function speaksOf({ reasons }: QuarantinedEvent, field: string | undefined): boolean {
  if (field === undefined) return true;
  return reasons.some((reason) => reason.field === field || /^[.[]/.test(afterPrefix(reason.field, field)));
}

function afterPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : "";
}
