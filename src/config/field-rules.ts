import { z } from "zod";
import { EVENT_NAMES } from "../core/event.ts";

/** Longest names that still fit `tracklayer-<environment>-deliver-<lane>` into the 64 characters of a function name. */
const ENVIRONMENT_LENGTH = 16;
const ID_LENGTH = 24;

function label(length: number) {
  return z
    .string("must be a text")
    .regex(
      /^[a-z]([a-z0-9-]*[a-z0-9])?$/,
      "must be lower-case letters, digits and inner hyphens, starting with a letter",
    )
    .max(length, `must be at most ${length} characters`);
}

/** Rule for ids of sources and lanes. */
export const ID = label(ID_LENGTH);

/** Rule for the name of an installation. */
export const ENVIRONMENT = label(ENVIRONMENT_LENGTH);

/** Rule for names of secrets; Secrets Manager would take 512 characters. */
export const SECRET_NAME = z
  .string("must be a text")
  .regex(/^[A-Za-z0-9/_+=.@-]{1,200}$/, "must be a Secrets Manager name: letters, digits and /_+=.@-, at most 200");

/** One of the canonical names. */
export const EVENT_NAME = z.enum(EVENT_NAMES, "must be a canonical event name");

/** Yes or no. */
export const FLAG = z.boolean("must be true or false");

/** A whole number within bounds, both of them allowed; what it says is the same whatever is wrong. */
export function whole(min: number, max: number) {
  const rule = `must be a whole number from ${min} to ${max}`;
  return z.int(rule).min(min, rule).max(max, rule);
}
