/** What templates and careless code leave where a value was meant: nobody's id, and everybody's at once. */
export const LEFTOVERS: ReadonlySet<string> = new Set([
  "",
  "null",
  "undefined",
  "none",
  "nil",
  "nan",
  "n/a",
  "[object object]",
  "not set",
  "(not set)",
  "00000000-0000-0000-0000-000000000000",
]);

/** A placeholder that no template engine filled: `{{ order.id }}`, `${id}`, `{% id %}`, `%%ORDER%%`, `[[id]]`. */
const TEMPLATE = /^(?:\{\{.*\}\}|\$\{.*\}|\{%.*%\}|%%.*%%|\[\[.*\]\])$/s;

/** True for a value that nobody meant: it must not name an order, an event or a person. */
export function isUnfilled(value: string): boolean {
  const text = value.trim();
  return LEFTOVERS.has(text.toLowerCase()) || TEMPLATE.test(text);
}
