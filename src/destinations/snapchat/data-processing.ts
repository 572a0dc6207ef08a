import { jurisdictionOf, limitsDataUse } from "../../core/data-use.ts";
import type { CanonicalEvent } from "../../core/event.ts";

/** Words for "limit what you do with this event"; Snapchat's guide and its own library use one each. */
export const DATA_PROCESSING_OPTIONS = ["LMU", "LDU"] as const;
export type DataProcessingOption = (typeof DATA_PROCESSING_OPTIONS)[number];

/** Snapchat's fields for limited use of data; the place is left out where it has no known number. */
export interface DataProcessing {
  data_processing_options: DataProcessingOption[];
  data_processing_options_country?: number;
  data_processing_options_state?: number;
}

/** The numbers of California, the only place whose numbers are known. */
const CALIFORNIA = { data_processing_options_country: 1, data_processing_options_state: 1000 } as const;

/** The fields that ask Snapchat to limit its use of this event; nothing when consent does not ask for it. */
export function dataProcessing(event: CanonicalEvent, option: DataProcessingOption): DataProcessing | undefined {
  if (!limitsDataUse(event)) return undefined;
  const { country, region } = jurisdictionOf(event);
  const place = country === "US" && region === "CA" ? CALIFORNIA : undefined;
  return { data_processing_options: [option], ...place };
}
