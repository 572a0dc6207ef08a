import type { ClickId } from "../../core/click-ids.ts";
import type { CanonicalEvent } from "../../core/event.ts";
import { ownClickId } from "../../core/own-ids.ts";
import { holdsContact } from "../../core/page-url.ts";
import { plainText } from "./plain-text.ts";
import type { AwinSettings } from "./settings.ts";

/** By what Awin finds the publisher, and whose sale it is. At least one of the first two is there. */
export interface Attribution {
  readonly awc?: string;
  readonly voucher?: string;
  readonly channel: string;
}

const AWC = /^[\w,.-]{1,500}$/;
const CHANNEL = /^[A-Za-z]{1,50}$/;
const LONGEST_VOUCHER = 100;

/**
 * The channel that a click belongs to, in Awin's words, for ids that only paid clicks have. Facebook and X put theirs
 * on every link, and Klaviyo's comes from a mail: those take nothing from a publisher. Source:
 * https://help.awin.com/developers/docs/channel-parameter
 */
const PAID_CLICKS: readonly (readonly [ClickId, string])[] = [
  ["gclid", "ppcgeneric"],
  ["gbraid", "ppcgeneric"],
  ["wbraid", "ppcgeneric"],
  ["msclkid", "ppcgeneric"],
  ["ttclid", "social"],
  ["ScCid", "social"],
  ["epik", "social"],
  ["rdt_cid", "social"],
  ["li_fat_id", "social"],
  ["qclid", "social"],
  ["ndclid", "social"],
  ["tblci", "display"],
  ["ob_click_id", "display"],
  ["aref", "display"],
  ["oppref", "other"],
];

/** What Awin attributes the event by; undefined when there is nothing. */
export function attributionOf(event: CanonicalEvent, settings: AwinSettings): Attribution | undefined {
  const click = ownClickId(event, "awc");
  const awc = click !== undefined && AWC.test(click.value) ? click.value : undefined;
  const voucher = voucherOf(event);
  if (awc === undefined && (voucher === undefined || !settings.voucherWithoutClick)) return undefined;
  return {
    ...(awc === undefined ? {} : { awc }),
    ...(voucher === undefined ? {} : { voucher }),
    channel:
      namedChannel(event, settings) ?? channelByRule(event, awc === undefined ? undefined : click?.seen_at, settings),
  };
}

function voucherOf({ coupon }: CanonicalEvent): string | undefined {
  const code = coupon === undefined || holdsContact(coupon) ? "" : plainText(coupon);
  return code === "" || code.length > LONGEST_VOUCHER ? undefined : code;
}

function namedChannel({ properties }: CanonicalEvent, { channelProperty }: AwinSettings): string | undefined {
  const channel = channelProperty === undefined ? undefined : properties?.[channelProperty];
  return typeof channel === "string" && CHANNEL.test(channel.trim()) ? channel.trim() : undefined;
}

/** Of clicks at one time, such as two ids in one address, Awin's own counts. */
function channelByRule(event: CanonicalEvent, clickedAt: number | undefined, { channel }: AwinSettings): string {
  if (channel === "aw" || clickedAt === undefined) return "aw";
  let last: readonly [string, number] = ["aw", clickedAt];
  for (const [name, theirs] of PAID_CLICKS) {
    const seenAt = ownClickId(event, name)?.seen_at;
    if (seenAt !== undefined && seenAt > last[1]) last = [theirs, seenAt];
  }
  return last[0];
}
