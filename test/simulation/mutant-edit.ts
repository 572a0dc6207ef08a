import type { Mutant } from "./mutants.ts";

/** The patched text of a module. Throws when the edit fits nowhere: a mutant must not die of a refactoring in silence. */
export function mutated(text: string, { file, find, name, replace }: Mutant): string {
  const parts = text.split(find);
  if (parts.length !== 2) throw new Error(`mutant "${name}": its text stands ${parts.length - 1} times in ${file}`);
  return parts.join(replace);
}
