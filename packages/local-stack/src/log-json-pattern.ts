import { isObject } from "./property-reader.ts";

type Test = (document: unknown) => boolean;
type Pattern = (text: string) => boolean;

/** Symbols, selectors, strings and bare words, each with the space before it. */
const TOKEN =
  /\s*(?:(&&|\|\||!=|>=|<=|[(){}=<>])|(\$(?:\.[\w-]+|\[\d+\]|\['[^']*'\])+)|"((?:[^"\\]|\\.)*)"|([^\s"(){}=<>!&|%]+))/y;

interface Token {
  readonly kind: "symbol" | "selector" | "string" | "word" | "end";
  readonly text: string;
}

/** Reads `{ $.a = "b" && ($.n > 3 || $.c IS NULL) }`; throws on what is not such a pattern. */
export function readJsonPattern(pattern: string): Pattern {
  const parser = new Parser(tokensOf(pattern));
  const test = parser.pattern();
  return (line) => {
    const document = parsed(line);
    return isObject(document) && test(document);
  };
}

function tokensOf(pattern: string): Token[] {
  const tokens: Token[] = [];
  let end = 0;
  for (const match of pattern.matchAll(new RegExp(TOKEN, "gy"))) {
    end = match.index + match[0].length;
    const [, symbol, selector, string, word] = match;
    if (symbol !== undefined) tokens.push({ kind: "symbol", text: symbol });
    else if (selector !== undefined) tokens.push({ kind: "selector", text: selector });
    else if (string !== undefined) tokens.push({ kind: "string", text: string.replace(/\\(.)/g, "$1") });
    else tokens.push({ kind: "word", text: word ?? "" });
  }
  const rest = pattern.slice(end).trim();
  if (rest.startsWith("%")) throw new Error(`${rest}: regular expressions do not run in the local stack`);
  if (rest !== "") throw new Error(`the pattern cannot be read from ${rest}`);
  return tokens;
}

/** `&&` binds before `||`, as in CloudWatch. */
class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  pattern(): Test {
    this.#symbol("{");
    const test = this.#either();
    this.#symbol("}");
    if (this.#next.kind !== "end") throw new Error(`there is something after the pattern: ${this.#next.text}`);
    return test;
  }

  get #next(): Token {
    return this.#tokens[this.#at] ?? { kind: "end", text: "the end" };
  }

  #take(): Token {
    const token = this.#next;
    this.#at += 1;
    return token;
  }

  #takes(symbol: string): boolean {
    const found = this.#next.kind === "symbol" && this.#next.text === symbol;
    if (found) this.#at += 1;
    return found;
  }

  #symbol(symbol: string): void {
    if (!this.#takes(symbol)) throw new Error(`a pattern needs ${symbol} before ${this.#next.text}`);
  }

  #either(): Test {
    const tests = [this.#both()];
    while (this.#takes("||")) tests.push(this.#both());
    return (document) => tests.some((test) => test(document));
  }

  #both(): Test {
    const tests = [this.#one()];
    while (this.#takes("&&")) tests.push(this.#one());
    return (document) => tests.every((test) => test(document));
  }

  #one(): Test {
    if (this.#takes("(")) {
      const inner = this.#either();
      this.#symbol(")");
      return inner;
    }
    const selector = this.#take();
    if (selector.kind !== "selector") throw new Error(`a selector ($.field) is needed, not ${selector.text}`);
    const path = pathOf(selector.text);
    const operator = this.#take();
    const test = operator.kind === "word" ? this.#words(operator.text) : comparison(operator, this.#take());
    return (document) => test(valueAt(document, path));
  }

  #words(first: string): Test {
    const words = `${first} ${this.#take().text}`.toUpperCase();
    switch (words) {
      case "IS NULL":
        return (value) => value === null;
      case "IS TRUE":
        return (value) => value === true;
      case "IS FALSE":
        return (value) => value === false;
      case "NOT EXISTS":
        return (value) => value === undefined;
      default:
        throw new Error(`the operator ${words} does not run in the local stack`);
    }
  }
}

function comparison({ text: operator }: Token, { kind, text }: Token): Test {
  if (kind !== "string" && kind !== "word") throw new Error(`a value is needed after ${operator}, not ${text}`);
  const number = kind === "word" && text.trim() !== "" ? Number(text) : Number.NaN;
  if (operator === "=" || operator === "!=") {
    const equals = Number.isNaN(number) ? like(text) : (value: unknown) => value === number;
    // What is not there is not unequal either.
    return operator === "=" ? equals : (value) => value !== undefined && !equals(value);
  }
  if (Number.isNaN(number)) throw new Error(`${operator} compares numbers, and ${text} is none`);
  const compare = ORDER[operator];
  if (compare === undefined) throw new Error(`the operator ${operator} does not run in the local stack`);
  return (value) => typeof value === "number" && compare(value, number);
}

const ORDER: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  ">": (left, right) => left > right,
  ">=": (left, right) => left >= right,
  "<": (left, right) => left < right,
  "<=": (left, right) => left <= right,
};

/** Text with `*` for anything. */
function like(wanted: string): Test {
  const source = wanted.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[\\s\\S]*");
  const expression = new RegExp(`^${source}$`);
  return (value) => (typeof value === "string" || typeof value === "number") && expression.test(String(value));
}

function pathOf(selector: string): readonly (string | number)[] {
  return [...selector.matchAll(/\.([\w-]+)|\[(\d+)\]|\['([^']*)'\]/g)].map(([, name, index, quoted]) =>
    index === undefined ? (name ?? quoted ?? "") : Number(index),
  );
}

function valueAt(document: unknown, path: readonly (string | number)[]): unknown {
  let value = document;
  for (const step of path) {
    if (typeof step === "number") value = Array.isArray(value) ? value[step] : undefined;
    else value = isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  }
  return value;
}

function parsed(line: string): unknown {
  if (!line.trimStart().startsWith("{")) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
