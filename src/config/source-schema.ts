import { z } from "zod";
import { ID, SECRET_NAME, whole } from "./field-rules.ts";

/** True for `https://host[:port]`, and for `http://` on this machine only; nothing after the port, no wildcard. */
function isExactOrigin(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  // `URL.origin` lower-cases the host, drops default ports and the path: only an exact origin survives the round trip.
  if (url.origin !== value || value.includes("*")) return false;
  const local = url.hostname === "localhost" || url.hostname === "127.0.0.1";
  return url.protocol === "https:" || (url.protocol === "http:" && local);
}

const ORIGIN = z
  .string("must be a text")
  .refine(isExactOrigin, "must be an exact origin, https://host[:port] (http only for localhost), without path or *");

/** One sender of events; who may have origins depends on its kind, and is checked where sources are resolved. */
export const SOURCE = z.strictObject({
  kind: z.enum(["browser", "app", "server"], 'must be "browser", "app" or "server"'),
  origins: z.array(ORIGIN, "must be a list of origins").default([]),
  dedupScope: ID.optional(),
  identityScope: ID.optional(),
  keySecret: SECRET_NAME.optional(),
  /** Absent: none. */
  rateLimit: whole(1, 10_000).optional(),
  purchaseEventId: z.enum(["message_id", "order_id"], 'must be "message_id" or "order_id"').default("order_id"),
  valueFrom: z
    .array(z.enum(["revenue", "total", "value"], "must be revenue, total or value"))
    .min(1, "must name at least one amount")
    .default(["revenue", "total", "value"]),
});
