import { CAMPAIGN_FIELDS, type CampaignTouch } from "./campaign.ts";
import type { CanonicalEvent } from "./event.ts";

/** Words for the parts of a touch; `campaign` is what advertisers call its name. */
const PARTS = [...CAMPAIGN_FIELDS.map((field) => (field === "name" ? "campaign" : field)), "click", "page", "time"];

/** Names under which tools that keep flat fields get the touches: `first_touch_source`, `last_touch_campaign` and so on. */
export const TOUCH_NAMES = ["first_touch", "last_touch"].flatMap((touch) => PARTS.map((part) => `${touch}_${part}`));

/** The campaigns that led the person here, as flat texts; times as ISO 8601. Empty when none is known. */
export function touchTexts({ known }: Pick<CanonicalEvent, "known">): Record<string, string> {
  const { first, last } = known?.campaigns ?? {};
  return { ...textsOf("first_touch", first), ...textsOf("last_touch", last) };
}

function textsOf(prefix: string, touch: CampaignTouch | undefined): Record<string, string> {
  if (touch === undefined) return {};
  const { at, name, ...others } = touch;
  const texts = { ...others, ...(name === undefined ? {} : { campaign: name }), time: new Date(at).toISOString() };
  return Object.fromEntries(Object.entries(texts).map(([part, text]) => [`${prefix}_${part}`, text]));
}
