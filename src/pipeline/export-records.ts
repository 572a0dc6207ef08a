import { CONTACTS } from "../core/hashing.ts";
import type { Person, Pointer } from "../core/identity.ts";
import type { PrivacyJob } from "../core/privacy-job.ts";
import type { ReplayJob } from "../core/replay-job.ts";
import type { ContactVault } from "../core/sealed-contacts.ts";
import { suspicionOf } from "../core/suspect-identifiers.ts";
import type { ExportDeps, ExportFind } from "./export.ts";
import type { ExportedPerson } from "./exported-person.ts";

/** Jobs of one read. */
const PAGE = 100;

/** What is kept of the person beside events: the identity graph's items, and the jobs that name them. */
export async function exportRecords(person: ExportedPerson, _place: unknown, deps: ExportDeps): Promise<ExportFind> {
  // Not without the key: who asks for everything waits rather than getting less.
  const vault = await deps.contacts?.current();
  const pointers = await deps.identities.readPointers([...person.keys]);
  const ids = new Set(person.ids);
  const own = pointers.filter((pointer) => pointer !== undefined && ids.has(pointer.person_id));
  const named = ({ person_keys = [] }: { readonly person_keys?: readonly string[] }) =>
    person_keys.some((key) => person.keys.has(key));
  const replays = (await all((before) => deps.replays.list({ limit: PAGE, ...before }))).filter(named);
  const jobs = (await all((before) => deps.jobs.list({ limit: PAGE, ...before }))).filter(named);
  return {
    parts: [
      { section: "persons", items: person.persons.map((it) => shownPerson(it, vault)) },
      { section: "identifiers", items: own.map((pointer) => shownPointer(pointer)) },
      { section: "replays", items: replays.map(shownReplay) },
      { section: "privacy_jobs", items: jobs.map(shownJob) },
    ],
  };
}

/**
 * As it is stored, contacts opened; those of a former key nobody can read any more. Who was told apart from them are
 * other people: that there are some is theirs, who they are is not.
 */
function shownPerson({ apart, contacts, version: _, ...person }: Person, vault: ContactVault | undefined): object {
  const texts = CONTACTS.flatMap((contact) => {
    const sealed = contacts[contact];
    if (sealed === undefined) return [];
    const opened = vault?.open(contact, sealed) ?? { problem: "another_key" };
    if ("text" in opened) return [[contact, opened.text]];
    return [[contact, opened.problem === "damaged" ? "sealed, and damaged" : "sealed, and its key is gone"]];
  });
  return {
    ...person,
    ...(texts.length === 0 ? {} : { contacts: Object.fromEntries(texts) }),
    kept_apart: apart.length,
  };
}

function shownPointer(pointer: Pointer | undefined): object {
  if (pointer === undefined) return {};
  const { beside, expires_at, key, person_id, seen_with } = pointer;
  const suspect = suspicionOf(pointer);
  return {
    kind: key.slice(0, key.indexOf("#")),
    digest: key.slice(key.indexOf("#") + 1),
    person_id,
    seen_with_others: seen_with.length,
    contacts_beside: beside.length,
    expires_at,
    ...(suspect === undefined ? {} : { suspect }),
  };
}

function shownReplay(job: ReplayJob): object {
  const { cursor: _, lease_until: __, person_keys: ___, version: ____, windows: _____, ...shown } = job;
  return shown;
}

function shownJob(job: PrivacyJob): object {
  const { cursor: _, failures: __, file: ___, lease_until: ____, person_keys: _____, version: ______, ...shown } = job;
  return shown;
}

async function all<Job extends { readonly id: string }>(
  list: (before: { before?: string }) => Promise<readonly Job[]>,
): Promise<Job[]> {
  const found: Job[] = [];
  for (;;) {
    const last = found.at(-1);
    const page = await list(last === undefined ? {} : { before: last.id });
    found.push(...page);
    if (page.length < PAGE) return found;
  }
}
