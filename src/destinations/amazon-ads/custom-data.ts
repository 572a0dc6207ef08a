import type { CanonicalEvent, JsonValue } from "../../core/event.ts";
import { idInClear } from "../../core/id-in-clear.ts";
import { withoutAddresses } from "../../core/page-url.ts";

/** Custom attributes that Amazon reports on; it takes others and shows them nowhere. */
export const ATTRIBUTES: ReadonlySet<string> = new Set([
  "brand",
  "category",
  "productId",
  ...Array.from({ length: 10 }, (_, index) => `attr${index + 1}`),
]);

/** One entry of Amazon's `customData`: one value per name. */
interface CustomData {
  readonly name: string;
  readonly dataType: "STRING" | "INTEGER";
  readonly value: string;
}

const LONGEST_VALUE = 256;

/**
 * What Amazon reports an event by: the product, of an event about a single one, and the properties that the settings
 * name. Undefined when there is none of it.
 */
export function customData(
  event: CanonicalEvent,
  attributes: Readonly<Record<string, string>>,
): readonly CustomData[] | undefined {
  const found = new Map<string, CustomData>();
  const [item, ...others] = event.items ?? [];
  if (item !== undefined && others.length === 0) {
    add(found, "brand", item.brand);
    add(found, "category", item.category);
    add(found, "productId", item.id === undefined ? undefined : idInClear(item.id));
  }
  const { properties = {} } = event;
  for (const [name, property] of Object.entries(attributes)) {
    if (Object.hasOwn(properties, property)) add(found, name, properties[property]);
  }
  return found.size === 0 ? undefined : [...found.values()];
}

function add(into: Map<string, CustomData>, name: string, value: JsonValue | undefined): void {
  if (Number.isSafeInteger(value) && Number(value) >= 0) {
    into.set(name, { name, dataType: "INTEGER", value: String(value) });
    return;
  }
  // Without its sign a negative number is another one.
  const isNothing = typeof value === "object" || value === undefined || (typeof value === "number" && value < 0);
  const text = isNothing ? "" : plain(String(value));
  if (text !== "") into.set(name, { name, dataType: "STRING", value: text });
}

/** Amazon takes letters, digits and underscores, and refuses the event over a dot or a dash. */
function plain(text: string): string {
  return withoutAddresses(text)
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^A-Za-z0-9_]+/g, "_")
    .slice(0, LONGEST_VALUE)
    .replace(/^_+|_+$/g, "");
}
