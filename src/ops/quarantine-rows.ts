import { z } from "zod/mini";
import type { QuarantinedEvent } from "../core/delivery-record.ts";
import { maskAll } from "../core/masking.ts";
import { parseJson } from "../core/safe-json.ts";
import { list, TEXT } from "./answer-fields.ts";
import type { QuarantineRow } from "./contract/quarantine.ts";

/** A refused event, for the OpenAPI document. */
export const QUARANTINE_ROW = z.object({
  dedup_scope: z.string(),
  event_id: z.string(),
  event_name: z.string(),
  source: z.string(),
  received_at: z.number(),
  reasons: list(z.object({ field: z.string(), rule: z.string(), got: z.string() })),
  raw: TEXT,
  not_resubmittable: TEXT,
});

/** A refused event as it is shown; what the sender gave is there with personal data only. */
export function quarantineRow(entry: QuarantinedEvent, personal: boolean): QuarantineRow {
  const { dedup_scope, event_id, event_name, source, received_at, reasons, raw } = entry;
  const reason = notResubmittable(entry);
  const row: QuarantineRow = {
    dedup_scope,
    event_id,
    event_name,
    source,
    received_at,
    reasons: reasons.map(({ field, rule, got }) => ({ field, rule, got })),
    ...(reason === undefined ? {} : { not_resubmittable: reason }),
  };
  return personal ? { ...row, raw } : maskAll(row);
}

/** Why the entry cannot be read again, whatever is mended. */
export function notResubmittable({ raw, origin }: QuarantinedEvent): string | undefined {
  if (origin === undefined) return "it was kept by a version that did not say how events came in";
  return parseJson(raw).ok ? undefined : "only its first 32 KB are kept";
}
