/**
 * Fields that an event can do without, beside those of `properties`. Who it was, what happened, when and for how much is
 * not among them.
 */
export const BLOCKABLE_FIELDS = [
  "page.url",
  "page.referrer",
  "page.title",
  "campaign.source",
  "campaign.medium",
  "campaign.name",
  "campaign.term",
  "campaign.content",
  "campaign.id",
  "search_term",
  "coupon",
  "payment_type",
  "method",
  "items.name",
  "items.brand",
  "items.category",
  "items.variant",
  "items.coupon",
  "user.first_name",
  "user.last_name",
  "user.gender",
  "user.date_of_birth",
  "user.street",
  "user.city",
  "user.postal_code",
] as const;

/** A copy without what the path leads to, through every entry of a list; the value itself when there is nothing. */
export function withoutPath(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (Array.isArray(value) && key !== undefined)
    return mapped(value as unknown[], (it) => withoutPath(it, [key, ...rest]));
  if (typeof value !== "object" || value === null || key === undefined || !Object.hasOwn(value, key)) return value;
  const { [key]: inner, ...others } = value as Record<string, unknown>;
  if (rest.length === 0) return others;
  const left = withoutPath(inner, rest);
  return left === inner ? value : { ...value, [key]: left };
}

/** The list itself when nothing in it changed. */
export function mapped<Entry>(list: Entry[], change: (entry: Entry) => Entry): Entry[] {
  const changed = list.map(change);
  return changed.every((entry, index) => entry === list[index]) ? list : changed;
}

/** A copy of the object with only what these paths lead to; lists are kept whole or not at all. */
export function onlyPaths(object: object, paths: readonly (readonly string[])[]): Record<string, unknown> {
  const kept = Object.entries(object).flatMap(([key, value]): [string, unknown][] => {
    const below = paths.filter(([first]) => first === key).map(([, ...rest]) => rest);
    if (below.some((rest) => rest.length === 0)) return [[key, value]];
    if (below.length === 0 || typeof value !== "object" || value === null || Array.isArray(value)) return [];
    const part = onlyPaths(value, below);
    return Object.keys(part).length === 0 ? [] : [[key, part]];
  });
  return Object.fromEntries(kept);
}
