/** The same fields, none of which is `undefined`. */
export type Present<Fields extends object> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

/** The fields that have a value: a part of a request's body whose keys are what is sent. */
export function present<Fields extends object>(fields: Fields): Present<Fields> {
  const kept: Present<Fields> = {};
  for (const name of Object.keys(fields) as (keyof Fields)[]) {
    const value = fields[name];
    if (value !== undefined) kept[name] = value as Exclude<Fields[typeof name], undefined>;
  }
  return kept;
}

/** The same, or undefined when no field has a value: platforms refuse some objects when they are empty. */
export function presentOrNothing<Fields extends object>(fields: Fields): Present<Fields> | undefined {
  const kept = present(fields);
  return Object.keys(kept).length === 0 ? undefined : kept;
}

/** The values that are there, each once, or undefined when there are none: platforms refuse empty lists. */
export function presentList<Value>(...values: readonly (Value | undefined)[]): Value[] | undefined {
  const kept: Value[] = [];
  for (const value of values) if (value !== undefined && !kept.includes(value)) kept.push(value);
  return kept.length === 0 ? undefined : kept;
}

/**
 * The fields that say something: neither undefined nor null, no blank text, no empty list or object. For tools that keep
 * or show whatever they are given.
 */
export function withoutEmpty(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value)));
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === "string") return value.trim() === "";
  return typeof value === "object" && Object.keys(value).length === 0;
}
