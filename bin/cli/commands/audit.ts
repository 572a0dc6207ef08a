import type { Command } from "commander";
import type { AuditEntry } from "../../../src/core/audit-entry.ts";
import type { AuditVerdict } from "../../../src/ops/contract/audit.ts";
import type { Page } from "../../../src/ops/contract/page.ts";
import { action, type Cli, type CommonOptions, openOps, print, type Screen } from "../cli.ts";
import { EXIT } from "../cli-error.ts";
import { wholeNumber } from "../option-values.ts";
import { readPages } from "../pages.ts";
import { counted, shownTime, tableLines } from "../shown-text.ts";

interface Options extends CommonOptions {
  readonly limit: number;
  readonly cursor?: string;
}

interface VerifyOptions extends CommonOptions {
  readonly number?: number;
  readonly digest?: string;
}

/** Adds `audit`. */
export function addAudit(program: Command, cli: Cli): void {
  const audit = program.command("audit").description("who did what");
  audit
    .command("list", { isDefault: true })
    .description("the audit log")
    .option("--limit <n>", "at most so many", wholeNumber(1, 10_000), 50)
    .option("--cursor <cursor>", "go on where an answer with `next` stopped")
    .action(action(cli, (options: Options) => list(cli, options)));
  audit
    .command("verify")
    .description("check that no line of it was changed, removed or put in between")
    .option("--number <n>", "and that this entry, which you noted, is still the same", wholeNumber(1, 999_999_999_999))
    .option("--digest <digest>", "its digest")
    .action(
      action(cli, async (options: VerifyOptions) => {
        const { number, digest } = options;
        const verdict = await openOps(cli, options).get<AuditVerdict>("audit/verify", { number, digest });
        print(cli, options, verdict, verdictLines);
        return verdict.intact ? EXIT.ok : EXIT.failed;
      }),
    );
}

async function list(cli: Cli, options: Options) {
  const ops = openOps(cli, options);
  const read = (cursor: string | undefined, left: number) =>
    ops.get<Page<AuditEntry>>("audit", { limit: Math.min(left, 100), cursor });
  print(cli, options, await readPages(options.limit, read, undefined, options.cursor), entryTable);
  return EXIT.ok;
}

function entryTable({ items, next }: Page<AuditEntry>, screen: Screen): string[] {
  if (items.length === 0) return ["Nobody did anything yet."];
  const rows = items.map(({ number, at, actor, action: what, target, details }) => [
    String(number),
    shownTime(at),
    actor,
    what,
    target,
    Object.entries(details)
      .map(([name, value]) => `${name}=${value}`)
      .join(" "),
  ]);
  return [
    ...tableLines(["NO", "AT", "WHO", "WHAT", "TARGET", "DETAILS"], rows, screen),
    ...(next === undefined ? [] : ["", `There are more: --cursor ${next}`]),
  ];
}

function verdictLines(verdict: AuditVerdict, { paint }: Screen): string[] {
  if (!verdict.intact) return [`${paint("bad", "broken")}  at entry ${verdict.broken_at}: ${verdict.problem}`];
  const last = verdict.last === undefined ? "" : `, the last of ${shownTime(verdict.last.at)}`;
  return [`${paint("good", "intact")}  ${counted(verdict.entries, "entry").replace("entrys", "entries")}${last}`];
}
