import type { CampaignTouches } from "../core/campaign-touches.ts";
import { CAMPAIGN_FIELDS, type CampaignTouch } from "../core/event.ts";

/** A touch without its names: time, campaign fields in their order, click, page; `0` stands for what is not there. */
type PackedTouch = readonly (string | number)[];

/** Touches as a person's item has them. A last touch that is the first one, as most people's is, is left out. */
export type PackedTouches = Readonly<Record<string, PackedTouch>>;

/** Packs the touches of a person, since the item is paid for by the kilobyte; undefined when there are none. */
export function packTouches(touches: CampaignTouches): PackedTouches | undefined {
  const packed = Object.entries(touches).map(([key, touch]) => [key, pack(touch)] as const);
  const texts = new Map(packed.map(([key, touch]) => [key, JSON.stringify(touch)]));
  const kept = packed.filter(([key]) => !key.startsWith(LAST) || texts.get(firstOf(key)) !== texts.get(key));
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

/** The touches that `packTouches` packed. */
export function unpackTouches(packed: PackedTouches = {}): CampaignTouches {
  const touches: Record<string, CampaignTouch> = {};
  for (const [key, touch] of Object.entries(packed)) {
    touches[key] = unpack(touch);
    const last = LAST + key.slice(FIRST.length);
    if (key.startsWith(FIRST) && packed[last] === undefined) touches[last] = unpack(touch);
  }
  return touches;
}

const FIRST = "first#";
const LAST = "last#";

function firstOf(last: string): string {
  return FIRST + last.slice(LAST.length);
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
