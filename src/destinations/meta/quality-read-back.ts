import { isSuccess, jsonObject } from "../../core/platform-answer.ts";
import {
  type PlatformScore,
  type QualityReadBack,
  readBackFailure,
  shareOfPercent,
} from "../../core/quality-read-back.ts";
import { isObject } from "../../core/safe-json.ts";
import { readAnswer } from "./answer.ts";

const FIELDS =
  "web{event_name,event_match_quality{composite_score,match_key_feedback{identifier,coverage{percentage}}}}";

/**
 * Dataset Quality API: event match quality of web events; Meta has none of others.
 * https://developers.facebook.com/docs/marketing-api/conversions-api/dataset-quality-api
 */
export const qualityReadBack: QualityReadBack<{ readonly datasetId: string; readonly apiVersion: string }> = {
  about: "event match quality, 0 to 10, of web events",
  permission:
    "a system user's token with ads_read and ads_management or business_management on the dataset; one that Events Manager made may send events only",

  request({ credentials, settings: { apiVersion, datasetId } }) {
    const query = new URLSearchParams({ dataset_id: datasetId, fields: FIELDS });
    return {
      method: "GET",
      url: `https://graph.facebook.com/${apiVersion}/dataset_quality?${query}`,
      headers: { authorization: `Bearer ${credentials.accessToken ?? "{accessToken}"}` },
      body: "",
    };
  },

  read(response) {
    const body = jsonObject(response.body);
    if (!isSuccess(response) || body === undefined || isObject(body.error)) {
      return readBackFailure(readAnswer(response, 0));
    }
    // A dataset without web events has none.
    const rows = Array.isArray(body.web) ? body.web : [];
    return { kind: "read", scores: rows.flatMap((row) => (isObject(row) ? scoreOf(row) : [])) };
  },
};

function scoreOf({
  event_match_quality: quality,
  event_name: event,
}: Readonly<Record<string, unknown>>): PlatformScore[] {
  if (typeof event !== "string" || !isObject(quality)) return [];
  const { composite_score: score, match_key_feedback: feedback } = quality;
  const rows = Array.isArray(feedback) ? feedback : [];
  const coverage = rows.flatMap((row): [string, number][] => {
    const share = isObject(row) && isObject(row.coverage) ? shareOfPercent(row.coverage.percentage) : undefined;
    return isObject(row) && typeof row.identifier === "string" && share !== undefined ? [[row.identifier, share]] : [];
  });
  const isScore = typeof score === "number" && score >= 0 && score <= 10;
  return [{ event, ...(isScore ? { score } : {}), coverage: Object.fromEntries(coverage) }];
}
