import { z } from "zod";
import { BLOCKABLE_FIELD } from "../core/sensitive-data.ts";

/** A field that may be taken from an event. */
export const BLOCKABLE = z
  .string("must be a text")
  .regex(
    BLOCKABLE_FIELD,
    "must be a field that an event can do without: page.url, page.referrer, page.title, search_term, coupon, " +
      "payment_type, method, items.<text>, user.<name, place, birth date or gender>, properties.<path>",
  );

const WORD = z.string("must be a text").regex(/[\p{L}\p{N}]/u, "must hold a letter or a digit");

/** What is taken out of events beside what always is. */
export const SENSITIVE_DATA = z.strictObject({
  healthTerms: z
    .enum(["off", "drop_field", "drop_event"], 'must be "off", "drop_field" or "drop_event"')
    .default("off"),
  moreHealthTerms: z.array(WORD, "must be a list of words").default([]),
  blockedFields: z.array(BLOCKABLE, "must be a list of fields").default([]),
  searchTerms: z.enum(["keep", "drop"], 'must be "keep" or "drop"').default("keep"),
});
