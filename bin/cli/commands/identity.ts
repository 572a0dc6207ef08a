import type { Command } from "commander";
import type { IdentityView, PersonView } from "../../../src/ops/contract.ts";
import { action, type Cli, type CommonOptions, openOps, print, type Screen } from "../cli.ts";
import { CliError, EXIT } from "../cli-error.ts";
import { counted, shownTime } from "../shown-text.ts";

interface Options extends CommonOptions {
  readonly personId?: string;
  readonly personal?: boolean;
}

/** Adds `identity`. */
export function addIdentity(program: Command, cli: Cli): void {
  const identity = program.command("identity").description("what the identity graph knows");
  identity
    .command("show [identifier]")
    .description("the person whom an e-mail, phone, user id or anonymous id leads to; - reads it from standard input")
    .option("--person-id <id>", "by person id")
    .option("--personal", "with identifiers in clear; needs the permission and is audited")
    .action(action(cli, (options: Options, identifier: string | undefined) => show(cli, options, identifier)));
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
  const matches = matched.map(({ kind, person_id, seen_with, blocked }) => {
    const others = seen_with > 1 ? `, seen with ${counted(seen_with, "person")}` : "";
    return `${kind} leads to ${person_id}${others}${blocked ? `  ${paint("bad", "blocked: it joins nobody any more")}` : ""}`;
  });
  if (person === undefined) return matches.length === 0 ? ["Nobody is known by that."] : matches;
  return [...matches, ...personLines(person, screen)];
}

function personLines(person: PersonView, { paint }: Screen): string[] {
  const { person_id, merged_from, created_at, expires_at, merges, identifiers, consent } = person;
  return [
    `${paint("strong", person_id)}${merged_from === undefined ? "" : `  (asked for as ${merged_from}, who turned out to be the same)`}`,
    `  known      since ${shownTime(created_at)}, kept until ${shownTime(expires_at)}`,
    `  merges     ${merges === 0 ? "none" : counted(merges, "person")}`,
    ...identifiers.map(({ kind, value, scope }, at) => {
      const where = scope === undefined ? "" : `  in ${scope}`;
      return `  ${(at === 0 ? "known by" : "").padEnd(10)} ${kind}  ${value}${where}`;
    }),
    ...consent.map(({ purpose, value, scope, said_by, at }) => {
      const tone = value === "granted" ? "good" : "bad";
      return `  consent    ${purpose} ${paint(tone, value)}  ${shownTime(at)}, ${said_by} in ${scope}`;
    }),
  ];
}
