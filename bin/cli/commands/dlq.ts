import type { Command } from "commander";
import type { DeadLetterMessage, DeadLetterRow } from "../../../src/ops/contract/dead-letters.ts";
import { action, type Cli, type CommonOptions, openOps, print, type Screen } from "../cli.ts";
import { EXIT } from "../cli-error.ts";
import { confirmed } from "../confirm.ts";
import { opsPath } from "../ops-client.ts";
import { wholeNumber } from "../option-values.ts";
import { counted, shownDuration, shownTime, tableLines } from "../shown-text.ts";

interface Queues {
  readonly items: readonly DeadLetterRow[];
}
interface Messages {
  readonly items: readonly DeadLetterMessage[];
}
interface Redrive {
  readonly queue: string;
  readonly to: string;
  readonly messages: number;
}
type Purge = Omit<Redrive, "to">;

/** Adds `dlq` with what can be done with given-up messages. */
export function addDlq(program: Command, cli: Cli): void {
  const dlq = program.command("dlq").description("messages that were given up");
  dlq
    .command("list", { isDefault: true })
    .description("every dead-letter queue")
    .action(
      action(cli, async (options) => {
        print(cli, options, await openOps(cli, options).get<Queues>("dlq"), queueTable);
        return EXIT.ok;
      }),
    );
  dlq
    .command("show <queue-or-lane>")
    .description("some messages of a queue, masked, with why they were given up")
    .option("--limit <n>", "at most so many", wholeNumber(1, 10), 10)
    .option("--personal", "with their bodies in clear; needs the permission and is audited")
    .action(
      action(cli, async (options: ShowOptions, queue: string) => {
        const { limit, personal } = options;
        const path = opsPath("dlq", queue, "messages");
        print(cli, options, await openOps(cli, options).get<Messages>(path, { limit, personal }), messageLines);
        return EXIT.ok;
      }),
    );
  addRedrive(dlq, cli);
  addPurge(dlq, cli);
}

interface ShowOptions extends CommonOptions {
  readonly limit: number;
  readonly personal?: boolean;
}

interface RedriveOptions extends CommonOptions {
  readonly pace?: number;
}

function addRedrive(dlq: Command, cli: Cli): void {
  dlq
    .command("redrive <queue-or-lane>")
    .description("put its messages back where they came from; what was delivered meanwhile is not sent again")
    .option("--pace <n>", "messages a second", wholeNumber(1, 500))
    .action(
      action(cli, async (options: RedriveOptions, queue: string) => {
        const body = options.pace === undefined ? {} : { messages_per_second: options.pace };
        const answer = await openOps(cli, options).post<Redrive>(opsPath("dlq", queue, "redrive"), body);
        print(cli, options, answer, (it) => [
          `${counted(it.messages, "message")} of ${it.queue} on the way to ${it.to}. Follow it with \`tracklayer dlq\`.`,
        ]);
        return EXIT.ok;
      }),
    );
}

function addPurge(dlq: Command, cli: Cli): void {
  dlq
    .command("purge <queue>")
    .description("delete all of its messages for good")
    .option("-y, --yes", "do not ask")
    .action(
      action(cli, async (options: CommonOptions & { readonly yes?: boolean }, queue: string) => {
        const question = `All messages of ${queue} will be gone for good. Type its name to go on: `;
        const isSure = options.yes === true || (await confirmed(cli.terminal, question, queue));
        if (!isSure) return EXIT.failed;
        const answer = await openOps(cli, options).post<Purge>(opsPath("dlq", queue, "purge"), {
          confirm: queue,
        });
        print(cli, options, answer, (it) => [`${counted(it.messages, "message")} of ${it.queue} deleted.`]);
        return EXIT.ok;
      }),
    );
}

function queueTable({ items }: Queues, screen: Screen): string[] {
  const rows = items.map(({ queue, lane, messages, oldest_seconds, redriving }) => [
    queue,
    lane ?? "",
    messages === 0 ? "0" : screen.paint("bad", String(messages)),
    oldest_seconds === undefined ? "" : shownDuration(oldest_seconds * 1000),
    redriving === undefined
      ? ""
      : `redriving, ${redriving.moved}${redriving.of === undefined ? "" : ` of ${redriving.of}`} moved`,
  ]);
  return tableLines(["QUEUE", "LANE", "MESSAGES", "OLDEST", ""], rows, screen);
}

function messageLines({ items }: Messages, { paint }: Screen): string[] {
  if (items.length === 0) return ["The queue is empty, or others hold its messages for the moment."];
  return items.flatMap(({ message_id, sent_at, reason, event_id, event_name, source, body }) => [
    `${paint("dim", shownTime(sent_at))}  ${paint("strong", event_name ?? "no event that can be read")}  ${event_id ?? ""}`.trimEnd(),
    `  reason   ${reason ?? "none: enrich failed on it too often"}`,
    ...(source === undefined ? [] : [`  from     ${source}`]),
    `  message  ${message_id}`,
    ...(body === undefined ? [] : [`  body     ${body}`]),
  ]);
}
