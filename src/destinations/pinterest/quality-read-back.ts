import { isSuccess } from "../../core/platform-answer.ts";
import {
  type PlatformScore,
  type QualityReadBack,
  readBackFailure,
  shareOfPercent,
} from "../../core/quality-read-back.ts";
import { isObject, parseJson } from "../../core/safe-json.ts";
import { readAnswer } from "./answer.ts";

const RATINGS: readonly unknown[] = ["NEEDS_IMPROVEMENT", "FAIR", "GOOD"];

/**
 * Event quality score: a word for all events of the ad account, and per event which share of them had each component.
 * https://developers.pinterest.com/docs/track-conversions/get-event-quality-score/
 */
export const qualityReadBack: QualityReadBack<{ readonly adAccountId: string }> = {
  about: "event quality score of web events from the Conversions API, over a day",
  permission: "a token with the scope ads:read",

  request({ credentials, settings: { adAccountId } }) {
    const query = new URLSearchParams({
      lookback_period: "1d",
      source_platform: "WEB",
      ingestion_source: "CONVERSIONS_API",
    });
    return {
      method: "GET",
      url: `https://api.pinterest.com/v5/ad_accounts/${adAccountId}/conversion_eqs?${query}`,
      headers: { authorization: `Bearer ${credentials.accessToken ?? "{accessToken}"}` },
      body: "",
    };
  },

  read(response) {
    const parsed = parseJson(response.body);
    if (isSuccess(response) && parsed.ok && Array.isArray(parsed.value)) {
      return { kind: "read", scores: parsed.value.flatMap((row) => (isObject(row) ? scoresOf(row) : [])) };
    }
    const [outcome] = readAnswer(response, 1);
    return readBackFailure(outcome ?? { kind: "retry", reason: `HTTP ${response.status}` });
  },
};

function scoresOf(row: Readonly<Record<string, unknown>>): PlatformScore[] {
  const { overall_status: rating, quality_components: components } = row;
  const byEvent = new Map<string, Record<string, number>>();
  for (const [component, events] of Object.entries(isObject(components) ? components : {})) {
    for (const [event, details] of Object.entries(isObject(events) ? events : {})) {
      const share = isObject(details) ? shareOfPercent(details.coverage) : undefined;
      if (share !== undefined) byEvent.set(event, { ...byEvent.get(event), [component]: share });
    }
  }
  const overall = RATINGS.includes(rating) ? [{ rating: String(rating), coverage: {} }] : [];
  return [...overall, ...[...byEvent].map(([event, coverage]) => ({ event, coverage }))];
}
