import { postalCode } from "../../core/address.ts";
import { advertisingIdAsWritten } from "../../core/advertising-id.ts";
import type { CanonicalEvent } from "../../core/event.ts";
import { hashVariant, hashWith } from "../../core/hashing.ts";
import { idInClear } from "../../core/id-in-clear.ts";
import { ownClickId } from "../../core/own-ids.ts";
import { holdsContact } from "../../core/page-url.ts";
import { perEvent } from "../../core/per-event.ts";
import { foldedAlphanumeric } from "../../core/person-name.ts";
import { regionCode } from "../../core/regions.ts";

/** What Amazon matches on. The ids come in clear, all else as SHA-256. */
export type MatchKeyType =
  | "EMAIL"
  | "PHONE"
  | "FIRST_NAME"
  | "LAST_NAME"
  | "ADDRESS"
  | "CITY"
  | "STATE"
  | "POSTAL"
  | "MAID"
  | "MATCH_ID";

/** One key. Amazon takes exactly one value in the list. */
export interface MatchKey {
  readonly type: MatchKeyType;
  readonly values: readonly [string];
}

/**
 * Everything that Amazon matches on, as far as the event or the identity graph knows it. The ids of data vendors
 * (RampID and its like) are known to nobody here.
 * Source: https://advertising.amazon.com/API/docs/en-us/guides/events/events
 */
export const matchKeysOf: (event: CanonicalEvent) => readonly MatchKey[] = perEvent((event) => {
  const { user } = event;
  return [
    key("EMAIL", hashVariant(event, "email_amazon")),
    key("PHONE", hashVariant(event, "phone_digits")),
    key("FIRST_NAME", hashWith(foldedAlphanumeric, user.first_name)),
    key("LAST_NAME", hashWith(foldedAlphanumeric, user.last_name)),
    key("ADDRESS", hashWith(foldedAlphanumeric, user.street)),
    key("CITY", hashWith(foldedAlphanumeric, user.city)),
    key(
      "STATE",
      hashWith((region) => foldedAlphanumeric(regionCode(region, user.country)), user.region),
    ),
    key(
      "POSTAL",
      hashWith((code) => postalCode(code, user.country), user.postal_code),
    ),
    key("MAID", advertisingIdAsWritten(event)),
    key("MATCH_ID", matchId(event)),
  ].flat();
});

function key(type: MatchKeyType, value: string | undefined): MatchKey[] {
  return value === undefined ? [] : [{ type, values: [value] }];
}

/** The advertiser's own id of the person. Amazon joins it with the `MATCH_ID` that its tag was given. */
function matchId({ user, known }: CanonicalEvent): string | undefined {
  const id = (user.user_id ?? known?.user_id)?.trim();
  return id ? idInClear(id) : undefined;
}

/** Tokens hold neither of the two signs that part them from their time and from each other. */
const TOKEN = /^[\w~+/=%:-]{1,500}$/;

/** The token of the ad that led here, with the ms of the click, as Amazon's tag writes it into its cookie. */
export function adToken(event: CanonicalEvent): string | undefined {
  const click = ownClickId(event, "aref");
  return click !== undefined && TOKEN.test(click.value) && !holdsContact(click.value)
    ? `${click.value}.${click.seen_at}`
    : undefined;
}
