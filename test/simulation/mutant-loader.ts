import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { mutated } from "./mutant-edit.ts";
import { MUTANTS, type Mutant } from "./mutants.ts";
import type { Subject } from "./subject.ts";

const SOURCES = new URL("../../src/", import.meta.url).href;
/** What a mutant may be in, or hold a reference to. Everything else is shared with the code as it is. */
const RELOADED = /\/(src\/(pipeline|adapters|core|ops)|test\/simulation\/subject)/;

/** Lets `loadMutant` load copies of the pipeline with one defect each. Once per process. */
export function registerMutants(): void {
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      const mutant = context.parentURL === undefined ? null : new URL(context.parentURL).searchParams.get("mutant");
      if (mutant === null || !RELOADED.test(resolved.url)) return resolved;
      return { ...resolved, url: `${resolved.url}?mutant=${mutant}` };
    },
    load(url, context, next) {
      const { href, mutant } = taken(url);
      if (mutant === undefined) return next(url, context);
      const loaded = next(href, context);
      if (href !== `${SOURCES}${mutant.file}`) return loaded;
      return { ...loaded, source: mutated(readFileSync(new URL(href), "utf8"), mutant) };
    },
  });
}

/** The pipeline with one defect. */
export async function loadMutant(mutant: Mutant): Promise<Subject> {
  const url = new URL(`./subject.ts?mutant=${MUTANTS.indexOf(mutant)}`, import.meta.url).href;
  return ((await import(url)) as { subject: Subject }).subject;
}

function taken(url: string): { href: string; mutant: Mutant | undefined } {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const index = parsed?.searchParams.get("mutant") ?? undefined;
  if (parsed === undefined || index === undefined) return { href: url, mutant: undefined };
  parsed.search = "";
  return { href: parsed.href, mutant: MUTANTS[Number(index)] };
}
