/** A JSON object of a template, of which nothing is known yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Tells objects from arrays, null and scalars. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Reads the resolved properties of one resource, and names the resource and the property when one has a wrong type.
 * CloudFormation takes "30" for 30 and "true" for true; so does this.
 */
export class PropertyReader {
  readonly where: string;
  readonly #values: JsonObject;

  constructor(where: string, values: JsonObject) {
    this.where = where;
    this.#values = values;
  }

  raw(key: string): unknown {
    return this.#values[key];
  }

  has(key: string): boolean {
    return this.#values[key] !== undefined;
  }

  text(key: string): string {
    const value = this.optionalText(key);
    return value === undefined ? this.fail(key, "a string") : value;
  }

  optionalText(key: string): string | undefined {
    const value = this.#values[key];
    if (value === undefined) return undefined;
    if (typeof value === "string") return value;
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    return this.fail(key, "a string");
  }

  number(key: string, fallback?: number): number {
    const value = this.#values[key] ?? fallback;
    const parsed = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    return typeof parsed === "number" && Number.isFinite(parsed) ? parsed : this.fail(key, "a number");
  }

  optionalNumber(key: string): number | undefined {
    return this.has(key) ? this.number(key) : undefined;
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.#values[key] ?? fallback;
    if (value === true || value === "true") return true;
    if (value === false || value === "false") return false;
    return this.fail(key, "a boolean");
  }

  texts(key: string): string[] {
    return this.#list(key).map((value) => (typeof value === "string" ? value : this.fail(key, "a list of strings")));
  }

  /** The object under `key`; an absent one reads as empty. */
  object(key: string): PropertyReader {
    const value = this.#values[key] ?? {};
    return isObject(value) ? new PropertyReader(`${this.where}.${key}`, value) : this.fail(key, "an object");
  }

  objects(key: string): PropertyReader[] {
    return this.#list(key).map((value, index) =>
      isObject(value)
        ? new PropertyReader(`${this.where}.${key}[${index}]`, value)
        : this.fail(key, "a list of objects"),
    );
  }

  /** A map of strings, as environment variables and dimensions are. */
  textMap(key: string): Record<string, string> {
    const inner = this.object(key);
    return Object.fromEntries(inner.keys().map((name) => [name, inner.text(name)]));
  }

  keys(): string[] {
    return Object.keys(this.#values);
  }

  /** One of a closed list of strings. */
  oneOf<const T extends string>(key: string, allowed: readonly T[], fallback?: T): T {
    const value = this.#values[key] ?? fallback;
    const found = allowed.find((candidate) => candidate === value);
    return found ?? this.fail(key, `one of ${allowed.join(", ")}`);
  }

  fail(key: string, expected: string): never {
    throw new Error(`${this.where}: property ${key} must be ${expected}`);
  }

  #list(key: string): readonly unknown[] {
    const value = this.#values[key] ?? [];
    return Array.isArray(value) ? value : this.fail(key, "a list");
  }
}
