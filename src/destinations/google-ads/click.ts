import type { ClickId } from "../../core/click-ids.ts";
import type { CanonicalEvent } from "../../core/event.ts";
import { ownClickId } from "../../core/own-ids.ts";

/** The one click id that a conversion carries, under Google's name. */
export type GoogleClick = { readonly name: "gclid" | "gbraid" | "wbraid"; readonly value: string };

/** gbraid comes from clicks that led into an app, wbraid from those that led to a page. */
const ON_THE_WEB = ["gclid", "wbraid", "gbraid"] as const;
const IN_AN_APP = ["gclid", "gbraid", "wbraid"] as const;

/** URL-safe, as Google makes them; what a sender calls a click id may be anything. Case counts. */
const WELL_FORMED = /^[\w.~-]{1,512}$/;

/**
 * The click that Google should attribute to: a gclid where there is one, else a braid, and never two, since gbraid with
 * wbraid fails the whole request. What the event brought itself goes before what is remembered of the person.
 * Source: https://developers.google.com/google-ads/api/docs/conversions/upload-offline
 */
export function googleClick(event: CanonicalEvent): GoogleClick | undefined {
  const names = event.action_source === "app" ? IN_AN_APP : ON_THE_WEB;
  const own = names.find((name) => isWellFormed(event.click_ids?.[name]?.value));
  const name = own ?? names.find((candidate) => isWellFormed(clickValue(event, candidate)));
  const value = name === undefined ? undefined : clickValue(event, name);
  return name === undefined || value === undefined ? undefined : { name, value };
}

function clickValue(event: CanonicalEvent, name: ClickId): string | undefined {
  return ownClickId(event, name)?.value;
}

function isWellFormed(value: string | undefined): boolean {
  return value !== undefined && WELL_FORMED.test(value);
}
