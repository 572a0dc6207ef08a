import type { ClickId } from "./click-ids.ts";
import { DAY_MS } from "./durations.ts";

/**
 * Days from when a click was first seen until its platform no longer attributes to it; where they come from is said in
 * `click-ids.ts`. Apart from it, because delivery asks only this and its bundles stay small.
 */
export const CLICK_LIFETIME_DAYS = {
  fbclid: 90,
  gclid: 90,
  gbraid: 90,
  wbraid: 90,
  ttclid: 28,
  epik: 60,
  ScCid: 28,
  rdt_cid: 28,
  msclkid: 90,
  li_fat_id: 30,
  twclid: 30,
  awc: 365,
  tblci: 30,
  ob_click_id: 30,
  oppref: 30,
  qclid: 90,
  ndclid: 30,
  _kx: 30,
  aref: 30,
} as const;

/**
 * Whether a click first seen at `seenAt` may have led to something at `at`: not one after the fact, and not one past the
 * time for which its platform attributes to it.
 */
export function isLiveClick(name: ClickId, seenAt: number, at: number): boolean {
  const age = at - seenAt;
  return age >= 0 && age <= CLICK_LIFETIME_DAYS[name] * DAY_MS;
}
