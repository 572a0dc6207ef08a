import type { Command } from "commander";
import { type CreatedOpsKey, OPS_PERMISSIONS, type OpsKeyView } from "../../../src/ops/contract/keys.ts";
import type { Page } from "../../../src/ops/contract/page.ts";
import { action, type Cli, type CommonOptions, openOps, print, type Screen } from "../cli.ts";
import { EXIT } from "../cli-error.ts";
import { createFirstKey } from "../first-key.ts";
import { opsPath } from "../ops-client.ts";
import { wholeNumber, wordsOf } from "../option-values.ts";
import { shownTime, tableLines } from "../shown-text.ts";

interface CreateOptions extends CommonOptions {
  readonly label: string;
  readonly permissions?: readonly (typeof OPS_PERMISSIONS)[number][];
  readonly expiresInDays?: number;
  readonly aws?: boolean;
  readonly region?: string;
}

/** Adds `keys`. */
export function addKeys(program: Command, cli: Cli): void {
  const keys = program.command("keys").description("keys of the ops API");
  keys
    .command("list", { isDefault: true })
    .description("every key: its id, what it may do, when it was last used")
    .action(
      action(cli, async (options) => {
        print(cli, options, await openOps(cli, options).get<Page<OpsKeyView>>("keys"), keyTable);
        return EXIT.ok;
      }),
    );
  keys
    .command("create")
    .description("make a key; it is shown once")
    .requiredOption("--label <text>", "whose it is or what it is for")
    .option("--permissions <list>", `of ${OPS_PERMISSIONS.join(", ")} (default: read)`, wordsOf(OPS_PERMISSIONS))
    .option("--expires-in-days <n>", "until it stops by itself (default: never)", wholeNumber(1, 3650))
    .option("--aws", "with AWS credentials and no other key: the first key of a deployment")
    .option("--region <region>", "AWS region, with --aws")
    .action(action(cli, (options: CreateOptions) => create(cli, options)));
  keys
    .command("revoke <id>")
    .description("end a key at once")
    .action(
      action(cli, async (options, id: string) => {
        const answer = await openOps(cli, options).delete<unknown>(opsPath("keys", id));
        print(cli, options, answer, () => [`${id} is revoked.`]);
        return EXIT.ok;
      }),
    );
}

async function create(cli: Cli, options: CreateOptions) {
  const { label, permissions = ["read"], expiresInDays } = options;
  const expires_at = expiresInDays === undefined ? undefined : cli.terminal.now() + expiresInDays * 86_400_000;
  const wanted = { label, permissions, ...(expires_at === undefined ? {} : { expires_at }) };
  const made =
    options.aws === true
      ? await createFirstKey(wanted, { ...options, deployed: options.directory === undefined }, cli.terminal.now())
      : await openOps(cli, options).post<CreatedOpsKey>("keys", wanted);
  print(cli, options, made, ({ key }) => [key]);
  if (options.json !== true)
    cli.terminal.err("Keep it now: it is not shown again. Use it as TRACKLAYER_OPS_KEY or with `tracklayer login`.");
  return EXIT.ok;
}

function keyTable({ items }: Page<OpsKeyView>, screen: Screen): string[] {
  const rows = items.map((key) => [
    key.id,
    key.label,
    key.permissions.join(", "),
    shownTime(key.created_at),
    key.created_by,
    key.expires_at === undefined ? "never" : shownTime(key.expires_at),
    key.last_used_day ?? "never",
  ]);
  return tableLines(["ID", "LABEL", "MAY", "MADE", "BY", "ENDS", "LAST USED"], rows, screen);
}
