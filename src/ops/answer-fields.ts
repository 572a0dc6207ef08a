import { z } from "zod/mini";
import { IDENTIFIERS } from "../core/destination.ts";
import { DELIVERY_STATES } from "../core/outcome.ts";

/** A list as the contract's types have it: nobody changes an answer. */
export function list<Item extends z.ZodMiniType>(item: Item) {
  return z.readonly(z.array(item));
}

/** A field that an answer may lack; it is never there with nothing in it. */
export const maybe = z.exactOptional;

/** A text, where there is one. */
export const TEXT = maybe(z.string());

/** A number, where it is known. */
export const NUMBER = maybe(z.number());

/** A page of a list, as the OpenAPI document describes it. */
export function pageOf<Item extends z.ZodMiniType>(item: Item) {
  return z.object({ items: list(item), next: TEXT });
}

/** What became of an event at one destination. */
export const STATE = z.enum(DELIVERY_STATES);

/** Identifiers by name, never their values. */
export const IDENTIFIER_LIST = z.array(z.enum(IDENTIFIERS));

/** A score of match quality with its reasons, as fields of what has one. */
export const QUALITY = {
  score: z.number(),
  present: IDENTIFIER_LIST,
  missing: IDENTIFIER_LIST,
  points: maybe(z.partialRecord(z.enum(IDENTIFIERS), z.number())),
  doubts: maybe(z.partialRecord(z.enum(IDENTIFIERS), z.object({ factor: z.number(), reason: z.string() }))),
  version: NUMBER,
};

/** A failure told in three parts. */
export const EXPLANATION = z.object({ said: z.string(), means: z.string(), todo: z.string(), docs: TEXT });
