import type { Command } from "commander";
import type { Identifier } from "../../../src/core/destination.ts";
import type { QualityView } from "../../../src/ops/contract/quality.ts";
import { action, type Cli, type CommonOptions, openOps, print, type Screen } from "../cli.ts";
import { EXIT } from "../cli-error.ts";
import { wholeNumber } from "../option-values.ts";
import { platformLines } from "../platform-scores-text.ts";
import { reportLines } from "../quality-report-text.ts";
import { readable, shownShare, shownTime, tableLines } from "../shown-text.ts";

interface Options extends CommonOptions {
  readonly window?: number;
  readonly event?: string;
  readonly days?: number;
  readonly source?: string;
  readonly name?: string;
  readonly destination?: string;
}

/** Adds `quality`. */
export function addQuality(program: Command, cli: Cli): void {
  program
    .command("quality")
    .description("match quality by destination, and how many events carry which identifier")
    .option("--window <minutes>", "over the last minutes (default: a day)", wholeNumber(5, 20_160))
    .option("--days <n>", "with a report of whole hours by source, event and destination", wholeNumber(1, 30))
    .option("--source <id>", "of the report, only this source")
    .option("--name <event name>", "of the report, only these events")
    .option("--destination <lane>", "of the report, only this destination")
    .option("--event <event id>", "also of this event: what each destination got, and what was missing")
    .action(
      action(cli, async (options: Options) => {
        const { days, destination, event: event_id, name, source, window } = options;
        const asked = { window, event_id, days, source, name, destination };
        const view = await openOps(cli, options).get<QualityView>("quality", asked);
        const isMissing = event_id !== undefined && view.events.length === 0;
        print(cli, options, view, (answer, screen) => [
          ...qualityLines(answer, screen),
          ...(isMissing ? ["", `Nothing is stored about ${event_id}.`] : []),
        ]);
        return EXIT.ok;
      }),
    );
}

function qualityLines({ window, destinations, presence, events, report }: QualityView, screen: Screen): string[] {
  const { paint } = screen;
  const rows = destinations.map(({ lane, score, events: sent }) => [lane, shownScore(score), String(sent)]);
  const shares = Object.entries(presence).map(([identifier, share]) => [identifier, shownShare(share)]);
  return [
    paint("dim", `${shownTime(window.from)} to ${shownTime(window.to)}`),
    ...(rows.length === 0 ? ["Nothing was measured."] : tableLines(["LANE", "SCORE OF 10", "EVENTS"], rows, screen)),
    ...platformLines(destinations, report, screen),
    ...(shares.length === 0 ? [] : ["", ...tableLines(["IDENTIFIER", "CARRIED BY"], shares, screen)]),
    ...(report === undefined ? [] : ["", ...reportLines(report, screen)]),
    ...events.flatMap(({ name, event_id, destinations: lanes }) => [
      "",
      paint("strong", `${name}  ${event_id}`),
      ...lanes.flatMap(({ lane, score, present, missing, points, doubts = {} }) => {
        const valued = (it: Identifier) => (points?.[it] === undefined ? it : `${it} ${points[it].toFixed(1)}`);
        const parts = [
          `sends ${present.map(valued).join(", ") || "nothing"}`,
          ...(missing.length === 0 ? [] : [`misses ${missing.map(valued).join(", ")}`]),
        ];
        const reasons = Object.entries(doubts).map(([it, { factor, reason }]) => {
          return `    ${it} counts by ${Math.round(factor * 100)} %: ${readable(reason)}`;
        });
        return [`  ${lane}  ${shownScore(score)}  ${parts.join("; ")}`, ...reasons];
      }),
    ]),
  ];
}

function shownScore(score: number | undefined): string {
  return score === undefined ? "not measured" : score.toFixed(1);
}
