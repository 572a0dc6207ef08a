import { CAMPAIGN_FIELDS, type CampaignTouch } from "../core/campaign.ts";
import type { CampaignTouches } from "../core/campaign-touches.ts";

/** A touch without its names: time, campaign fields in their order, click, page; `0` stands for what is not there. */
type PackedTouch = readonly (string | number)[];

/**
 * Touches as a person's item has them. A last touch that is the first one, as most people's is, is left out; `0` stands
 * for one that is missing, as after a split.
 */
export type PackedTouches = Readonly<Record<string, PackedTouch | 0>>;

/** Packs the touches of a person, since the item is paid for by the kilobyte; undefined when there are none. */
export function packTouches(touches: CampaignTouches): PackedTouches | undefined {
  const packed: Record<string, PackedTouch | 0> = {};
  for (const [key, touch] of Object.entries(touches)) {
    const last = LAST + key.slice(FIRST.length);
    if (key.startsWith(FIRST) && touches[last] === undefined) packed[last] = 0;
    if (!(key.startsWith(LAST) && isSame(touches[FIRST + key.slice(LAST.length)], touch))) packed[key] = pack(touch);
  }
  return Object.keys(packed).length === 0 ? undefined : packed;
}

/** The touches that `packTouches` packed. */
export function unpackTouches(packed: PackedTouches = {}): CampaignTouches {
  const touches: Record<string, CampaignTouch> = {};
  for (const [key, touch] of Object.entries(packed)) {
    if (touch === 0) continue;
    touches[key] = unpack(touch);
    const last = LAST + key.slice(FIRST.length);
    if (key.startsWith(FIRST) && packed[last] === undefined) touches[last] = unpack(touch);
  }
  return touches;
}

const FIRST = "first#";
const LAST = "last#";

function isSame(first: CampaignTouch | undefined, last: CampaignTouch): boolean {
  return first !== undefined && JSON.stringify(pack(first)) === JSON.stringify(pack(last));
}

function pack({ at, click, page, ...campaign }: CampaignTouch): PackedTouch {
  const all = [at, ...CAMPAIGN_FIELDS.map((field) => campaign[field] ?? 0), click ?? 0, page ?? 0];
  return all.slice(0, all.findLastIndex((value) => value !== 0) + 1);
}

function unpack([at, ...texts]: PackedTouch): CampaignTouch {
  const named = [...CAMPAIGN_FIELDS, "click", "page"].flatMap((name, index) =>
    typeof texts[index] === "string" ? [[name, texts[index]]] : [],
  );
  return { ...Object.fromEntries(named), at: Number(at) };
}
