/** The same fields, none of which is `undefined`: those that may be are optional. */
export type Present<Fields> = {
  [Name in keyof Fields as undefined extends Fields[Name] ? Name : never]?: Exclude<Fields[Name], undefined>;
} & { [Name in keyof Fields as undefined extends Fields[Name] ? never : Name]: Fields[Name] };

/** The fields that have a value: where keys are what is sent, or stored. */
export function present<Fields extends object>(fields: Fields): Present<Fields> {
  const given = fields as Readonly<Record<string, unknown>>;
  const kept: Record<string, unknown> = {};
  for (const name of Object.keys(given)) if (given[name] !== undefined) kept[name] = given[name];
  return kept as Present<Fields>;
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
