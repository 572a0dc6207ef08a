import type { Command } from "commander";
import type { IdentitySplit, IdentityView, PersonView } from "../../../src/ops/contract/identity.ts";
import { action, type Cli, type CommonOptions, openOps, print, type Screen } from "../cli.ts";
import { CliError, EXIT } from "../cli-error.ts";
import { confirmed } from "../confirm.ts";
import { counted, shownTime } from "../shown-text.ts";
import { addErase } from "./privacy-erase.ts";

interface Options extends CommonOptions {
  readonly personId?: string;
  readonly personal?: boolean;
}

interface SplitOptions extends CommonOptions {
  readonly yes?: boolean;
}

/** Why an identifier finds and joins nobody. */
const SUSPECT: Readonly<Record<NonNullable<IdentityView["matched"][number]["suspect"]>, string>> = {
  several_accounts: "two people use it",
  too_many_persons: "too many people were seen with it",
  too_many_emails: "it came with too many e-mails for one person",
  too_many_phones: "it came with too many phones for one person",
};

/** Adds `identity`. */
export function addIdentity(program: Command, cli: Cli): void {
  const identity = program.command("identity").description("what the identity graph knows");
  identity
    .command("show [identifier]")
    .description(
      "the person whom an e-mail, phone, or any id of an account, browser or click leads to; - reads it from standard input",
    )
    .option("--person-id <id>", "by person id")
    .option("--personal", "with identifiers in clear; needs the permission and is audited")
    .action(action(cli, (options: Options, identifier: string | undefined) => show(cli, options, identifier)));
  identity
    .command("split <person> <merged>")
    .description("take a person out again that was merged into another one; both are given by person id, see show")
    .option("-y, --yes", "do not ask")
    .action(
      action(cli, (options: SplitOptions, person: string, merged: string) => split(cli, options, person, merged)),
    );
  addErase(identity, cli);
}

async function split(cli: Cli, options: SplitOptions, person_id: string, merged_id: string) {
  const question = `Take ${merged_id} out of ${person_id} and never join the two again? (yes) `;
  if (options.yes !== true && !(await confirmed(cli.terminal, question, "yes"))) return EXIT.failed;
  const done = await openOps(cli, options).post<IdentitySplit>("identity/split", { person_id, merged_id });
  print(cli, options, done, ({ pointers, split_id }) => [
    `${split_id} stands alone again; ${counted(pointers, "identifier")} ${pointers === 1 ? "leads" : "lead"} to it.`,
  ]);
  return EXIT.ok;
}

async function show(cli: Cli, options: Options & CommonOptions, given: string | undefined) {
  const { personId: person_id, personal } = options;
  if ((given === undefined) === (person_id === undefined)) {
    throw new CliError("Give one identifier, or --person-id.", EXIT.usage);
  }
  const identifier = given === "-" ? (await cli.terminal.input()).trim() : given;
  const view = await openOps(cli, options).get<IdentityView>("identity", { identifier, person_id, personal });
  print(cli, options, view, identityLines);
  return view.found ? EXIT.ok : EXIT.failed;
}

function identityLines({ person, matched }: IdentityView, screen: Screen): string[] {
  const { paint } = screen;
  const matches = matched.map(({ kind, person_id, seen_with, suspect }) => {
    const why =
      suspect === undefined ? "" : `  ${paint("bad", `suspect: ${SUSPECT[suspect]}, so it joins nobody any more`)}`;
    const others = seen_with > 1 ? `, seen with ${counted(seen_with, "person")}` : "";
    return `${kind} leads to ${person_id}${others}${why}`;
  });
  if (person === undefined) return matches.length === 0 ? ["Nobody is known by that."] : matches;
  return [...matches, ...personLines(person, screen)];
}

function personLines(person: PersonView, { paint }: Screen): string[] {
  const {
    person_id,
    merged_from,
    created_at,
    expires_at,
    merges,
    merged,
    kept_apart,
    identifiers,
    consent,
    campaigns,
  } = person;
  return [
    `${paint("strong", person_id)}${merged_from === undefined ? "" : `  (asked for as ${merged_from}, who turned out to be the same)`}`,
    `  known      since ${shownTime(created_at)}, kept until ${shownTime(expires_at)}`,
    `  took in    ${merges === 0 ? "visitors without a name at most" : `${counted(merges, "named person")}, visitors aside`}`,
    ...merged.map(({ person_id: id, at, event_id, joined_by }) => {
      return `  merged     ${id}  ${shownTime(at)}, by ${joined_by.join(" and ")} in event ${event_id}`;
    }),
    ...kept_apart.map((id) => `  apart      ${id}`),
    ...identifiers.map(({ kind, value, scope }, at) => {
      const where = scope === undefined ? "" : `  in ${scope}`;
      return `  ${(at === 0 ? "known by" : "").padEnd(10)} ${kind}  ${value}${where}`;
    }),
    ...consent.map(({ purpose, value, scope, said_by, at, by_date: byDate, except = [] }) => {
      const tone = value === "granted" ? "good" : "bad";
      const but = except.length === 0 ? "" : ` except to ${except.join(", ")}`;
      const strings = byDate === undefined ? "" : `, by date ${byDate.value} ${shownTime(byDate.at)}`;
      return `  consent    ${purpose} ${paint(tone, value)}${but}  ${shownTime(at)}, ${said_by} in ${scope}${strings}`;
    }),
    ...campaigns.map(({ touch, scope, at, page, ...campaign }) => {
      const words = Object.entries(campaign).map(([name, value]) => `${name} ${value}`);
      const where = page === undefined ? [] : [`at ${page}`];
      return `  ${touch.padEnd(10)} ${[...words, ...where].join(", ")}  ${shownTime(at)}, in ${scope}`;
    }),
  ];
}
