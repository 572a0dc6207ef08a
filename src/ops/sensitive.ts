import { z } from "zod/mini";
import { maskAll } from "../core/masking.ts";
import { SensitiveTally } from "../core/sensitive-rollup.ts";
import { list } from "./answer-fields.ts";
import type { SensitiveReport } from "./contract/sensitive.ts";
import type { EventPorts } from "./event-filter.ts";
import { type ReconciliationPorts, recentAccounts } from "./reconciliation.ts";
import { defineRoute } from "./route.ts";

/** Of the route of sensitive data. */
export interface SensitivePorts extends ReconciliationPorts {
  readonly config: Pick<EventPorts["config"], "archive">;
}

/** A sender who names parameters at random makes as many rows as an answer cannot hold; people mend the first ones. */
const MOST_ROWS = 500;

const ROW = z.object({
  source: z.string(),
  event: z.string(),
  where: z.string(),
  kind: z.string(),
  events: z.number(),
  todo: z.string(),
});

/** `GET /sensitive`. Names of parameters are a sender's choice: they are masked like anything that somebody wrote. */
export const showSensitive = defineRoute({
  method: "GET",
  path: "/sensitive",
  permission: "read",
  summary: "Sensitive data that was taken out of events: how often, in which source and field, and what to mend",
  input: z.object({
    /** Days until now, in whole hours. */
    days: z._default(z.int().check(z.minimum(1), z.maximum(30)), 7),
  }),
  answer: z.object({ available: z.boolean(), hours: z.number(), items: list(ROW) }),
  async run({ days }, ports: SensitivePorts): Promise<SensitiveReport> {
    const tally = new SensitiveTally();
    let hours = 0;
    for await (const { sensitive } of recentAccounts(days, ports)) {
      if (sensitive === undefined) continue;
      hours += 1;
      for (const cell of sensitive) tally.merge(cell);
    }
    const items = tally
      .cells()
      .slice(0, MOST_ROWS)
      .map((cell) => ({ ...cell, todo: todoOf(cell) }));
    return { available: ports.config.archive !== undefined, hours, items: maskAll(items) };
  },
});

/** What ends it where it begins: nothing has to be overlooked that never comes. */
function todoOf({ kind, source, where }: { where: string; kind: string; source: string }): string {
  if (kind === "blocked") return "taken out because sensitiveData says so; the sender need not send it";
  const [field = "", parameter] = where.split("?");
  if (field === "page.url" || field === "page.referrer") return addressTodo(field, parameter, kind);
  if (field === "page.title") return "keep it out of the title of the page: every tag on the page reads it";
  if (field === "search_term")
    return 'people search for it; `sensitiveData.searchTerms: "drop"` keeps all searches to yourself';
  if (field === "properties") return `trace one of these events: it names the key, which ${source} should not send`;
  return `see what ${source} puts into ${field}: a free text of people's own does not belong there`;
}

function addressTodo(field: string, parameter: string | undefined, kind: string): string {
  const page = field === "page.url" ? "of the page" : "of the page before";
  const shared = "every tag and every server on the way sees it";
  if (parameter === undefined || parameter === "") {
    return `keep it out of the address ${page}: ${shared}`;
  }
  if (kind === "token" || kind === "password") {
    return `let the link with the parameter ${parameter} lead on to an address without it before tags load: ${shared}`;
  }
  return `send the form by POST, and take the parameter ${parameter} out of links in mails: ${shared}`;
}
