import type { QualityRow } from "../../src/core/quality-rollup.ts";
import type { QualityView } from "../../src/ops/contract/quality.ts";
import type { Screen } from "./cli.ts";
import { readable, shownShare, tableLines } from "./shown-text.ts";

/** Pieces of advice shown: more would hide the first. */
const MOST_ADVICE = 10;

/** Least gain that is worth a form or a tag, in points. */
const LEAST_GAIN = 0.1;

/** The rows of the report, and what would raise the scores of most events by most. */
export function reportLines(report: NonNullable<QualityView["report"]>, screen: Screen): string[] {
  if (!report.available) return ["No report: it is added up from the archive, which the configuration turns off."];
  const { hours, rows, version } = report;
  if (rows.length === 0) {
    return [
      `No report: none of the ${hours} whole hours that were read has such events. This hour is read when it is over.`,
    ];
  }
  const cells = rows.map(({ event, events, lane, score, source }) => {
    return [lane, source, event, String(events), score.toFixed(1)].map(readable);
  });
  const advice = rows.flatMap(adviceOf).sort((a, b) => b.worth - a.worth);
  return [
    screen.paint("dim", `${hours} whole hours that were read from the archive; rules of version ${version}`),
    ...tableLines(["LANE", "SOURCE", "EVENT", "EVENTS", "SCORE OF 10"], cells, screen),
    ...(advice.length === 0 ? [] : ["", screen.paint("strong", "What would raise scores")]),
    ...advice.slice(0, MOST_ADVICE).map(({ sentence }) => `  ${sentence}`),
  ];
}

function adviceOf({ event, events, identifiers, lane, score, source }: QualityRow) {
  return identifiers.flatMap(({ identifier, score_with: raised = 0, share }) => {
    if (raised - score < LEAST_GAIN) return [];
    const what = `${identifier} on ${shownShare(share)} of ${readable(event)} from ${readable(source)}`;
    const change = `${readable(lane)} goes from ${score.toFixed(1)} to ${raised.toFixed(1)}`;
    return [{ worth: (raised - score) * events, sentence: `${what}; with it on all, ${change}` }];
  });
}
