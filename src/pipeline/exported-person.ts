import type { Person } from "../core/identity.ts";
import { personKey } from "../core/person-keys.ts";
import { MAX_MERGES } from "../core/person-merge.ts";
import type { Lead, OwnershipView } from "../core/person-ownership.ts";
import type { PrivacyJob } from "../core/privacy-job.ts";
import { suspicionOf } from "../core/suspect-identifiers.ts";
import type { IdentityStore } from "./identity.ts";

/** Whose data is collected, as they were when it was asked for. */
export interface ExportedPerson {
  /** Theirs, and of those who were merged into them. */
  readonly ids: readonly string[];
  /** Of all identifiers by which the graph knows them. */
  readonly keys: ReadonlySet<string>;
  /** What the graph still has of them. */
  readonly persons: readonly Person[];
  /** Their ids, and those of whoever they turned out to be since: identifiers lead there by now. */
  readonly current: ReadonlySet<string>;
}

type Reads = { readonly identities: Pick<IdentityStore, "readPersons" | "readPointers"> };

/** Reads the person of a job; one who is gone from the graph meanwhile is known by the job's keys alone. */
export async function readExportedPerson(
  { person_keys }: Pick<PrivacyJob, "person_keys">,
  { identities }: Reads,
): Promise<ExportedPerson> {
  const own = personKey("");
  const ids = person_keys.filter((key) => key.startsWith(own)).map((key) => key.slice(own.length));
  const persons = (await identities.readPersons(ids)).filter((person) => person !== undefined);
  const paths = await pathsOf(ids, new Set(), identities);
  return { ids, keys: new Set(person_keys), persons, current: new Set([...paths.values()].flat()) };
}

/** Where these identifiers lead today, seen from this person; two batched reads, and one for each step of a merge. */
export async function readLeads(
  keys: Iterable<string>,
  person: ExportedPerson,
  { identities }: Reads,
): Promise<OwnershipView> {
  const asked = [...new Set(keys)];
  const pointers = await identities.readPointers(asked);
  const usable = pointers.filter((pointer) => pointer !== undefined && suspicionOf(pointer) === undefined);
  const ids = person.current;
  const paths = await pathsOf(
    usable.flatMap((pointer) => pointer?.person_id ?? []),
    ids,
    identities,
  );
  const apart = new Set(person.persons.flatMap((it) => it.apart));
  const leads = new Map<string, Lead>();
  for (const [index, key] of asked.entries()) {
    const pointer = pointers[index];
    // An identifier whose time in the graph is over is still the person's who asked by it.
    if (pointer === undefined) leads.set(key, person.keys.has(key) ? "them" : "nobody");
    else if (suspicionOf(pointer) !== undefined) leads.set(key, "nobody");
    else leads.set(key, leadOfPath(paths.get(pointer.person_id) ?? [pointer.person_id], ids, apart));
  }
  return { leadOf: (key) => leads.get(key) ?? "nobody", isTheirs: (id) => ids.has(id) };
}

function leadOfPath(path: readonly string[], ids: ReadonlySet<string>, apart: ReadonlySet<string>): Lead {
  if (path.some((id) => ids.has(id))) return "them";
  return path.some((id) => apart.has(id)) ? "apart" : "another";
}

/** By id: itself and who it was merged into, step by step, up to one of `known`. */
async function pathsOf(
  wanted: readonly string[],
  known: ReadonlySet<string>,
  identities: Pick<IdentityStore, "readPersons">,
): Promise<Map<string, string[]>> {
  const paths = new Map(wanted.map((id) => [id, [id]]));
  for (let hop = 0; hop < MAX_MERGES; hop += 1) {
    const open = [...paths.values()].filter((path) => !known.has(path.at(-1) ?? ""));
    const ends = [...new Set(open.flatMap((path) => path.at(-1) ?? []))];
    const persons = ends.length === 0 ? [] : await identities.readPersons(ends);
    const above = new Map(ends.map((id, index) => [id, persons[index]?.merged_into]));
    let isLonger = false;
    for (const path of open) {
      const next = above.get(path.at(-1) ?? "");
      if (next === undefined) continue;
      path.push(next);
      isLonger = true;
    }
    if (!isLonger) break;
  }
  return paths;
}
