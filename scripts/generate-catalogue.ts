import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CONSENT_PURPOSES } from "../src/core/consent.ts";
import { type ConsentBehaviour, declaredBehaviours } from "../src/core/consent-behaviour.ts";
import { type Destination, IDENTIFIERS, type Identifier } from "../src/core/destination.ts";
import { EVENT_NAMES } from "../src/core/event.ts";
import { DESTINATIONS } from "../src/destinations/registry.ts";

const ROOT = join(import.meta.dirname, "..");

/** What a catalogue is made of: destinations by id. */
export type Catalogue = Readonly<Record<string, Destination>>;

/** Names that a platform may have one of its own for; `identify` goes nowhere, and `custom` is the sender's. */
const NAMED_EVENTS = EVENT_NAMES.filter((name) => name !== "identify" && name !== "custom");

const LABELS: Readonly<Record<Identifier, string>> = {
  email: "e-mail",
  phone: "phone",
  external_id: "external id",
  click_id: "click id",
  browser_id: "browser id",
  ip_and_user_agent: "IP + user agent",
  name: "name",
  address: "address",
  date_of_birth: "birth date",
  gender: "gender",
};

/** The README's table: what is there, what it is called, and what it needs to begin. */
export function readmeTable(destinations: Catalogue): string {
  const rows = sorted(destinations).map((it) => [
    `[${it.name}](docs/destinations/${it.id}.md)`,
    `\`${it.id}\``,
    credentialsOf(it),
    it.catalogue.status === "beta" ? "**beta**" : "stable",
    eventsOf(it),
    it.catalogue.testMode ?? "none",
  ]);
  return table(["Destination", "Id", "Credentials", "Status", "Events", "Test mode"], rows);
}

/** What each platform gets and takes; `pages` is the way to the destinations' own pages from where the table stands. */
export function catalogueTable(destinations: Catalogue, pages = "destinations"): string {
  const rows = sorted(destinations).map((it) => [
    `[\`${it.id}\`](${pages}/${it.id}.md)${it.catalogue.status === "beta" ? " **beta**" : ""}`,
    identifiersOf(it)
      .map((identifier) => LABELS[identifier])
      .join(", ") || "none",
    eventsOf(it),
    String(it.limits.batchSize),
    it.dedupsByEventId !== false ? it.catalogue.dedup : `${it.catalogue.dedup} (claimed before each request)`,
    it.catalogue.maxAge,
    it.consent.map((purpose) => `\`${purpose}\``).join(", ") || "none",
    it.catalogue.consentFields ?? "none",
    it.catalogue.testMode ?? "none",
  ]);
  const heads = [
    "Id",
    "Finds people by, heaviest first",
    "Events",
    "A request",
    "Drops copies by",
    "Oldest event",
    "Needs consent",
    "Passes consent on in",
    "Test mode",
  ];
  return table(heads, rows);
}

const BEHAVIOURS: Readonly<Record<ConsentBehaviour, string>> = {
  send: "",
  limited: "limited",
  without_identifiers: "without identifiers",
  drop: "not sent",
};

/** What becomes of an event of somebody who refused a purpose; an empty cell is a purpose that is not asked about. */
export function consentTable(destinations: Catalogue): string {
  const rows = sorted(destinations).map((it) => {
    const behaviours = declaredBehaviours(it);
    const { consentFields, consentRule, docs } = it.catalogue;
    return [
      `\`${it.id}\``,
      ...CONSENT_PURPOSES.map((purpose) => BEHAVIOURS[behaviours[purpose]]),
      it.takesPartial?.map((behaviour) => BEHAVIOURS[behaviour]).join(", ") ?? "",
      consentFields ?? "none",
      `${consentRule.because} [Source](${consentRule.source ?? docs})`,
    ];
  });
  const purposes = CONSENT_PURPOSES.map((purpose) => `\`${purpose}\``);
  return table(["Id", ...purposes, "Rules may ask for", "Told in", "Why"], rows);
}

/** The weights behind each score; destinations that match nobody are left out. */
export function weightTable(destinations: Catalogue): string {
  const rows = sorted(destinations)
    .filter((it) => identifiersOf(it).length > 0)
    .map((it) => [`\`${it.id}\``, ...IDENTIFIERS.map((identifier) => String(it.matchKeys[identifier] || ""))]);
  return table(["Id", ...IDENTIFIERS.map((identifier) => LABELS[identifier])], rows);
}

const WAYS: Readonly<Record<Destination["catalogue"]["deletion"]["by"], string>> = {
  api: "API",
  account: "in the account",
  expiry: "by itself",
  nothing: "nobody to delete",
  undocumented: "not documented",
};

/** What each platform offers when a person wants to be forgotten; the way's name leads to where the platform says so. */
export function deletionTable(destinations: Catalogue): string {
  const rows = sorted(destinations).map(({ id, catalogue: { deletion } }) => [
    `\`${id}\``,
    `[${WAYS[deletion.by]}](${deletion.docs})`,
    deletion.identifiers.join(", ") || "none",
    deletion.how,
  ]);
  return table(["Id", "How", "Names the person by", "What to do"], rows);
}

function sorted(destinations: Catalogue): Destination[] {
  return Object.values(destinations).sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
}

function identifiersOf({ matchKeys }: Destination): Identifier[] {
  const weight = (identifier: Identifier) => matchKeys[identifier] ?? 0;
  return IDENTIFIERS.filter((identifier) => weight(identifier) > 0).sort((a, b) => weight(b) - weight(a));
}

function credentialsOf({ credentials, credentialSets = [] }: Destination): string {
  const fields = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(", ");
  const sets = credentialSets.map(fields).join(" or ");
  return [fields(credentials), sets].filter((part) => part !== "").join("; ") || "none";
}

/** By how many canonical names: a platform that knows events by ids of the account has none of its own. */
function eventsOf({ eventNames }: Destination): string {
  const named = NAMED_EVENTS.filter((name) => eventNames[name] !== undefined).length;
  const own = eventNames.custom === undefined ? "" : ", custom";
  if (named === 0) return `by \`events\`${own}`;
  return `${named === NAMED_EVENTS.length ? "all" : `${named} of ${NAMED_EVENTS.length}`}${own}`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(heads), `|${heads.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}

/** Replaces what stands between `<!-- name -->` and `<!-- /name -->`; fails when the document has no such place. */
export function withGenerated(document: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the document has no ${begin} … ${end}`);
  return `${document.slice(0, from + begin.length)}\n${content}\n${document.slice(to)}`;
}

/** The documents with their tables as the declarations have them now, by path. */
export function catalogueDocs(read: (path: string) => string, destinations: Catalogue): Record<string, string> {
  const guide = withGenerated(read("docs/destinations.md"), "catalogue", catalogueTable(destinations));
  const readme = withGenerated(read("README.md"), "catalogue", readmeTable(destinations));
  return {
    "README.md": withGenerated(readme, "takes", catalogueTable(destinations, "docs/destinations")),
    "docs/privacy.md": withGenerated(read("docs/privacy.md"), "deletion", deletionTable(destinations)),
    "docs/consent.md": withGenerated(read("docs/consent.md"), "consent", consentTable(destinations)),
    "docs/destinations.md": withGenerated(guide, "weights", weightTable(destinations)),
  };
}

/** Writes them. */
export function writeCatalogue(): void {
  const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
  for (const [path, content] of Object.entries(catalogueDocs(read, DESTINATIONS))) {
    writeFileSync(join(ROOT, path), content);
  }
}

if (import.meta.main) writeCatalogue();
