import type { KeptScore } from "../../src/core/quality-read-back.ts";
import type { QualityView } from "../../src/ops/contract/quality.ts";
import type { Screen } from "./cli.ts";
import { readable, shownShare, shownTime, tableLines } from "./shown-text.ts";

/** What platforms say of match quality themselves, beside ours where the report has it. */
export function platformLines(
  destinations: QualityView["destinations"],
  report: QualityView["report"],
  screen: Screen,
): string[] {
  const asked = destinations.flatMap(({ lane, platform }) => (platform === undefined ? [] : [{ lane, ...platform }]));
  if (asked.length === 0) return [];
  const rows = asked.flatMap(({ lane, last }) =>
    (last?.scores ?? []).map((score) => [
      readable(lane),
      readable(score.names?.join(", ") ?? score.event ?? "all"),
      oursOf(lane, score, report),
      score.score?.toFixed(1) ?? readable(score.rating ?? ""),
      shownTime(last?.read_at ?? 0),
      coverageOf(score),
    ]),
  );
  const heads = ["LANE", "EVENT", "OURS", "THEIRS", "READ", "CARRIED BY, AS THEY SAY"];
  return [
    "",
    screen.paint("strong", "What platforms say themselves"),
    ...(rows.length === 0 ? [] : tableLines(heads, rows, screen)),
    ...asked.flatMap(({ lane, last }) => (last === undefined ? [] : [`  ${lane}: ${readable(last.about)}`])),
    ...asked.flatMap(({ lane, problem, tried_at }) =>
      problem === undefined ? [] : [`  ${lane} was asked ${shownTime(tried_at)} and did not say: ${readable(problem)}`],
    ),
  ];
}

/** Of the events that the lane sends under the platform's name, over all sources. */
function oursOf(lane: string, { names = [] }: KeptScore, report: QualityView["report"]): string {
  const rows = report?.rows.filter((row) => row.lane === lane && names.some((name) => name === row.event)) ?? [];
  const events = rows.reduce((sum, row) => sum + row.events, 0);
  return events === 0 ? "" : (rows.reduce((sum, row) => sum + row.score * row.events, 0) / events).toFixed(1);
}

function coverageOf({ coverage }: KeptScore): string {
  return Object.entries(coverage)
    .map(([identifier, share]) => `${readable(identifier)} ${shownShare(share)}`)
    .join(", ");
}
