import { segmentConsent } from "./sdk-consent.ts";
import type { SdkDialect } from "./sdk-event.ts";

/** The Segment spec as Segment's own SDKs and HTTP API users speak it. */
export const segment: SdkDialect = { id: "segment", externalIds: "externalIds", consent: segmentConsent };
