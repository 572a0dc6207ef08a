import type { Command } from "commander";
import type { EventPage, EventRow } from "../../../src/ops/contract/events.ts";
import { action, type Cli, type CommonOptions, openOps, print, type Screen } from "../cli.ts";
import { EXIT } from "../cli-error.ts";
import { momentBefore, wholeNumber } from "../option-values.ts";
import { readPages } from "../pages.ts";
import { shownDuration, shownTime, tableLines } from "../shown-text.ts";
import { paintState } from "../state-tone.ts";

interface Options extends CommonOptions {
  readonly id?: string;
  readonly person?: string;
  readonly order?: string;
  readonly source?: string;
  readonly name?: string;
  readonly destination?: string;
  readonly outcome?: string;
  readonly from?: number;
  readonly to?: number;
  readonly limit: number;
  readonly cursor?: string;
  readonly personal?: boolean;
}

/** Narrower, a table would break the ids, which people copy into `trace`. */
const LEAST_FOR_TABLE = 140;

/** Adds `events`. */
export function addEvents(program: Command, cli: Cli): void {
  const moment = momentBefore(cli.terminal.now);
  program
    .command("events")
    .description("list events, newest first")
    .option("--id <event id>", "with this id")
    .option("--person <identifier>", "of a person: e-mail, phone, user id, anonymous id or person id")
    .option("--order <order id>", "of this order")
    .option("--source <id>", "from this source")
    .option("--name <name>", "of this name, such as purchase or custom:<own name>")
    .option("--destination <lane>", "decided for this destination")
    .option("--outcome <state>", "in this state at that destination, such as rejected or pending")
    .option("--from <time>", "archived since: 90m, 24h or 7d ago, or a time", moment)
    .option("--to <time>", "archived before", moment)
    .option("--limit <n>", "at most so many", wholeNumber(1, 10_000), 50)
    .option("--cursor <cursor>", "go on where an answer with `next` stopped")
    .option("--personal", "with personal data in clear; needs the permission and is audited")
    .action(action(cli, (options: Options) => listEvents(cli, options)));
}

async function listEvents(cli: Cli, options: Options) {
  const ops = openOps(cli, options);
  const { id, order, limit, cursor: start, ...filters } = options;
  const read = (cursor: string | undefined, left: number) =>
    ops.get<EventPage>("events", {
      event_id: id,
      order_id: order,
      person: filters.person,
      source: filters.source,
      name: filters.name,
      destination: filters.destination,
      outcome: filters.outcome,
      from: filters.from,
      to: filters.to,
      personal: filters.personal,
      limit: Math.min(left, 200),
      cursor,
    });
  const onPage = ({ searched_to }: EventPage, found: number) => {
    const where = searched_to === undefined ? "" : `, searched back to ${shownTime(searched_to)}`;
    cli.terminal.progress(`${found} found${where}`);
  };
  print(cli, options, await readPages<EventRow, EventPage>(limit, read, onPage, start), eventLines);
  return EXIT.ok;
}

function eventLines({ items, next, archive_lag_seconds: lag }: EventPage, screen: Screen): string[] {
  const late =
    lag === undefined || lag === 0
      ? []
      : ["", `What came in the last ${shownDuration(lag * 1000)} may be missing; --id and --order find it at once.`];
  if (items.length === 0) return ["No event fits.", ...late];
  return [
    ...(screen.columns !== undefined && screen.columns < LEAST_FOR_TABLE
      ? items.flatMap((row) => stackedLines(row, screen))
      : tableLines(
          ["RECEIVED", "NAME", "EVENT ID", "SOURCE", "VALUE", "DESTINATIONS"],
          items.map((row) => eventCells(row, screen)),
          screen,
        )),
    ...(next === undefined ? [] : ["", `There are more: --cursor ${next}`]),
    ...late,
  ];
}

function eventCells(row: EventRow, screen: Screen): string[] {
  const { currency = "", event_id, name, received_at, source, value } = row;
  const money = value === undefined ? "" : `${value} ${currency}`.trimEnd();
  return [shownTime(received_at), name, event_id, source, money, shownStates(row, screen)];
}

function stackedLines(row: EventRow, screen: Screen): string[] {
  const [received = "", name = "", id = "", ...rest] = eventCells(row, screen);
  const head = `${screen.paint("dim", received)}  ${name}  ${screen.paint("strong", id)}`;
  return [head, `  ${rest.filter((cell) => cell !== "").join("  ")}`];
}

function shownStates({ destinations, quarantined }: EventRow, { paint }: Screen): string {
  if (quarantined === true) return paint("bad", "quarantined");
  return destinations.map(({ lane, state }) => `${lane} ${paintState(paint, state)}`).join(", ");
}
