import { z } from "zod";
import { UNKNOWN_PLACE } from "../core/event-places.ts";

const REGION_NAMES = new Intl.DisplayNames("en", { type: "region", fallback: "none" });

/** Two-letter codes that people write and events never carry: the standard knows neither as a country. */
const NOT_COUNTRIES = ["EU", "UK"];

function isCountry(code: string): boolean {
  return /^[A-Z]{2}$/.test(code) && !NOT_COUNTRIES.includes(code) && REGION_NAMES.of(code) !== undefined;
}

function isRegion(code: string): boolean {
  return /^[A-Z]{2}-[A-Z0-9]{1,3}$/.test(code) && isCountry(code.slice(0, 2));
}

const COUNTRY_RULE = "must be an ISO 3166-1 alpha-2 code in upper case (the United Kingdom is GB)";

/** A country as events carry it. */
export const COUNTRY = z.string("must be a text").refine(isCountry, COUNTRY_RULE);

/** A place that a rule of consent is for. */
export const RULE_PLACE = z
  .string("must be a text")
  .refine(
    (code) => ["EEA", UNKNOWN_PLACE, "*"].includes(code) || isCountry(code) || isRegion(code),
    `${COUNTRY_RULE}, one of its regions by ISO 3166-2, such as US-CA, "EEA", "unknown" or "*"`,
  );
