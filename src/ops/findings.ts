import { z } from "zod/mini";
import { maskAll } from "../core/masking.ts";
import { present } from "../core/present.ts";
import { NUMBER, pageOf } from "./answer-fields.ts";
import type { FindingRow } from "./contract/findings.ts";
import type { Page } from "./contract/page.ts";
import { newestOfDays } from "./day-pages.ts";
import { type EventPorts, spanOf } from "./event-filter.ts";
import { defineRoute } from "./route.ts";

/** Of the route of findings. */
export type FindingPorts = Pick<EventPorts, "lookups" | "clock">;

const FINDING_PAGE: z.ZodMiniType<Page<FindingRow>> = pageOf(
  z.object({
    detector: z.string(),
    subject: z.string(),
    window: z.object({ start: z.number(), end: z.number() }),
    severity: z.enum(["warning", "critical"]),
    observed: z.number(),
    expected: z.object({ low: z.number(), high: z.number() }),
    basis: z.number(),
    sentence: z.string(),
    began_at: z.number(),
    ended_at: NUMBER,
    found_at: z.number(),
  }),
);

/** `GET /findings`. */
export const listFindings = defineRoute({
  method: "GET",
  path: "/findings",
  permission: "read",
  summary:
    "Anomalies that the detectors found, in sentences; what lasts is one, without `ended_at`, by when it was seen last",
  input: z.object({
    /** Back from now. */
    days: z._default(z.int().check(z.minimum(1), z.maximum(400)), 7),
    limit: z._default(z.int().check(z.minimum(1), z.maximum(200)), 100),
    cursor: z.optional(z.string()),
  }),
  answer: FINDING_PAGE,
  async run({ days, limit, cursor }, ports: FindingPorts): Promise<Page<FindingRow>> {
    const span = { ...spanOf({}, ports, days), limit, cursor };
    const page = await newestOfDays(span, ports.lookups.listFindings, ({ window }) => window.end);
    return { items: maskAll([...page.items]), ...present({ next: page.next }) };
  },
});
