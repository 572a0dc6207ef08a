/** A parsed expression of CloudWatch's metric math. */
export type MathNode =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "list"; readonly items: readonly MathNode[] }
  | { readonly kind: "negate"; readonly operand: MathNode }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly MathNode[] }
  | { readonly kind: "binary"; readonly operator: string; readonly left: MathNode; readonly right: MathNode };

const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|("[^"]*"|'[^']*')|(&&|\|\||[<>=!]=|[-+*/^<>(),[\]]))/y;

/** Loosest first. */
const LEVELS: readonly (readonly string[])[] = [
  ["||", "OR"],
  ["&&", "AND"],
  ["==", "!=", "<", ">", "<=", ">="],
  ["+", "-"],
  ["*", "/"],
];

/** Parses an expression; throws, quoting it, on what it cannot read. */
export function parseMath(expression: string): MathNode {
  const parser = new Parser(expression, tokensOf(expression));
  return parser.whole();
}

function tokensOf(expression: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  let end = 0;
  for (let match = TOKEN.exec(expression); match !== null; match = TOKEN.exec(expression)) {
    tokens.push(match[0].trim());
    end = TOKEN.lastIndex;
  }
  if (expression.slice(end).trim() !== "") {
    throw new Error(`Metric math: cannot read "${expression.slice(end)}" in ${expression}`);
  }
  return tokens;
}

class Parser {
  readonly #expression: string;
  readonly #tokens: readonly string[];
  #position = 0;

  constructor(expression: string, tokens: readonly string[]) {
    this.#expression = expression;
    this.#tokens = tokens;
  }

  whole(): MathNode {
    const node = this.#level(0);
    if (this.#peek() !== undefined) this.#fail();
    return node;
  }

  #level(depth: number): MathNode {
    const operators = LEVELS[depth];
    if (operators === undefined) return this.#power();
    let left = this.#level(depth + 1);
    for (let operator = this.#peek(); operator !== undefined && operators.includes(operator); operator = this.#peek()) {
      this.#position += 1;
      left = { kind: "binary", operator, left, right: this.#level(depth + 1) };
    }
    return left;
  }

  #power(): MathNode {
    const base = this.#unary();
    if (this.#peek() !== "^") return base;
    this.#position += 1;
    return { kind: "binary", operator: "^", left: base, right: this.#power() };
  }

  #unary(): MathNode {
    if (this.#peek() !== "-") return this.#primary();
    this.#position += 1;
    return { kind: "negate", operand: this.#unary() };
  }

  #primary(): MathNode {
    const token = this.#next();
    if (token === "(") {
      const inner = this.#level(0);
      this.#expect(")");
      return inner;
    }
    if (token === "[") return { kind: "list", items: this.#items("]") };
    if (/^\d/.test(token)) return { kind: "number", value: Number(token) };
    if (/^["']/.test(token)) return { kind: "text", value: token.slice(1, -1) };
    if (!/^[A-Za-z_]/.test(token)) this.#fail();
    if (this.#peek() !== "(") return { kind: "name", name: token };
    this.#position += 1;
    return { kind: "call", name: token.toUpperCase(), args: this.#items(")") };
  }

  #items(end: string): MathNode[] {
    const items: MathNode[] = [];
    while (this.#peek() !== end) {
      items.push(this.#level(0));
      if (this.#peek() !== ",") break;
      this.#position += 1;
    }
    this.#expect(end);
    return items;
  }

  #peek(): string | undefined {
    return this.#tokens[this.#position];
  }

  #next(): string {
    const token = this.#peek();
    if (token === undefined) this.#fail();
    this.#position += 1;
    return token;
  }

  #expect(token: string): void {
    if (this.#next() !== token) this.#fail();
  }

  #fail(): never {
    throw new Error(`Metric math: cannot read ${this.#expression}`);
  }
}
