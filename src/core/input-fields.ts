import * as z from "zod/mini";
import { parseTime } from "./clock-skew.ts";
import { isNegative, parseMoney } from "./money.ts";
import { MAX_TEXT } from "./safe-json.ts";

// The kinds of fields of the event contract. Every rule is spelled for the person who reads it in an answer.

/** Text of at most so many characters. */
export const text = (max: number = MAX_TEXT) => z.string().check(z.maxLength(max));

/** An id as text, which JSON may hold as a whole number. */
export const idText = (max: number) =>
  z.pipe(
    read(z.union([z.string(), z.number()]), "text, or a whole number below 2^53", wholeText),
    z.string().check(z.minLength(1), z.maxLength(max)),
  );

/** An amount of money, canonical. */
export const amount = () =>
  read(z.union([z.number(), z.string()]), "a decimal number below 10^15 with a point, such as 149.85", parseMoney);

/** An amount that may not be below zero. */
export const positiveAmount = () =>
  z.pipe(amount(), z.string().check(z.refine((value) => !isNegative(value), "zero or more")));

/** A moment, as epoch ms. */
export const time = () =>
  read(z.union([z.string(), z.number()]), "ISO 8601 text, epoch seconds or epoch milliseconds", parseTime);

/** A digest made by the sender. */
export const sha256 = () =>
  read(z.string(), "64 hexadecimal digits", (value) => matched(value.toLowerCase(), /^[0-9a-f]{64}$/));

/** A number that SDKs give as text or number, kept as text. */
export const numberText = (max: number) =>
  z.pipe(
    read(z.union([z.string(), z.number()]), "text or a number", (value) => String(value).trim()),
    text(max),
  );

/** A schema that takes what `base` takes and turns it into something; undefined breaks the rule. */
export function read<Base extends z.ZodMiniType, Output>(
  base: Base,
  rule: string,
  convert: (value: z.output<Base>) => Output | undefined,
) {
  return z.pipe(
    base,
    z.transform((value: z.output<Base>, context): Output => {
      const output = convert(value);
      if (output !== undefined) return output;
      context.issues.push({ code: "custom", input: value, message: rule });
      return z.NEVER;
    }),
  );
}

/** The text when the pattern fits it. */
export function matched(value: string, pattern: RegExp): string | undefined {
  return pattern.test(value) ? value : undefined;
}

function wholeText(value: string | number): string | undefined {
  if (typeof value === "string") return value.trim();
  // A longer number has already lost digits in JSON, and a wrong id is worse than none.
  return Number.isSafeInteger(value) ? String(value) : undefined;
}
