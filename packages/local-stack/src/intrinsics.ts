import { isObject, type JsonObject } from "./property-reader.ts";

/** What a resource answers to `Ref` and to `Fn::GetAtt`. */
export interface ResourceIdentity {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What intrinsics refer to. */
export interface IntrinsicScope {
  /** Pseudo parameters and parameter values by name. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly conditions: JsonObject;
  readonly mappings: JsonObject;
  /** Undefined: there is no such resource. */
  identify(logicalId: string): ResourceIdentity | undefined;
}

type Intrinsic = (argument: unknown, path: string) => unknown;

/** Replaces CloudFormation's intrinsic functions by their values; `undefined` stands for `AWS::NoValue`. */
export class IntrinsicResolver {
  readonly #scope: IntrinsicScope;
  readonly #functions: Readonly<Record<string, Intrinsic>>;
  readonly #openConditions = new Set<string>();

  constructor(scope: IntrinsicScope) {
    this.#scope = scope;
    this.#functions = {
      Ref: (name, path) => this.#ref(asText(name, path), path),
      "Fn::GetAtt": (argument, path) => this.#getAtt(argument, path),
      "Fn::Join": (argument, path) => this.#join(argument, path),
      "Fn::Sub": (argument, path) => this.#sub(argument, path),
      "Fn::Select": (argument, path) => this.#select(argument, path),
      "Fn::Split": (argument, path) => this.#split(argument, path),
      "Fn::If": (argument, path) => this.#if(argument, path),
      "Fn::FindInMap": (argument, path) => this.#findInMap(argument, path),
      "Fn::Base64": (text, path) => Buffer.from(asText(this.resolve(text, path), path)).toString("base64"),
      "Fn::GetAZs": () => ["us-east-1a", "us-east-1b", "us-east-1c"],
      "Fn::Equals": (argument, path) => this.#equals(argument, path),
      "Fn::And": (list, path) => asList(list, path).every((item) => this.#test(item, path)),
      "Fn::Or": (list, path) => asList(list, path).some((item) => this.#test(item, path)),
      "Fn::Not": (list, path) => !this.#test(asList(list, path)[0], path),
    };
  }

  /** `path` names the place in the template, for errors. */
  resolve(value: unknown, path: string): unknown {
    if (Array.isArray(value)) {
      return value.map((item, index) => this.resolve(item, `${path}[${index}]`)).filter((item) => item !== undefined);
    }
    if (typeof value === "string" && value.includes("{{resolve:")) {
      throw new Error(`${path}: dynamic references are not supported: ${value}`);
    }
    if (!isObject(value)) return value;
    const entries = Object.entries(value);
    const [first] = entries;
    if (entries.length === 1 && first !== undefined && (first[0] === "Ref" || first[0].startsWith("Fn::"))) {
      const intrinsic = this.#functions[first[0]];
      if (intrinsic === undefined) throw new Error(`${path}: ${first[0]} is not supported`);
      return intrinsic(first[1], path);
    }
    return Object.fromEntries(
      entries
        .map(([key, item]) => [key, this.resolve(item, `${path}.${key}`)] as const)
        .filter(([, item]) => item !== undefined),
    );
  }

  /** The value of a condition of the template, by name. */
  condition(name: string): boolean {
    const definition = this.#scope.conditions[name];
    if (definition === undefined) throw new Error(`Conditions: there is no condition ${name}`);
    if (this.#openConditions.has(name)) throw new Error(`Conditions.${name} refers to itself`);
    this.#openConditions.add(name);
    try {
      return this.#test(definition, `Conditions.${name}`);
    } finally {
      this.#openConditions.delete(name);
    }
  }

  #test(value: unknown, path: string): boolean {
    if (isObject(value) && typeof value.Condition === "string") return this.condition(value.Condition);
    const result = this.resolve(value, path);
    if (typeof result !== "boolean") throw new Error(`${path}: not a condition`);
    return result;
  }

  #ref(name: string, path: string): unknown {
    if (name === "AWS::NoValue") return undefined;
    if (Object.hasOwn(this.#scope.parameters, name)) return this.#scope.parameters[name];
    const identity = this.#scope.identify(name);
    if (identity === undefined) throw new Error(`${path}: Ref to ${name}, which the template does not hold`);
    return identity.ref;
  }

  #getAtt(argument: unknown, path: string): string {
    const [logicalId = "", ...rest] =
      typeof argument === "string" ? argument.split(".") : asList(argument, path).map((part) => asText(part, path));
    return this.#attribute(logicalId, rest.join("."), path);
  }

  #attribute(logicalId: string, attribute: string, path: string): string {
    const identity = this.#scope.identify(logicalId);
    if (identity === undefined)
      throw new Error(`${path}: Fn::GetAtt of ${logicalId}, which the template does not hold`);
    const value = identity.attributes[attribute];
    if (value === undefined) throw new Error(`${path}: ${logicalId} has no attribute ${attribute} here`);
    return value;
  }

  #join(argument: unknown, path: string): string {
    const [separator, items] = asList(argument, path);
    const parts = asList(this.resolve(items, path), path);
    return parts.map((part) => asText(part, path)).join(asText(separator, path));
  }

  #sub(argument: unknown, path: string): string {
    const [template, variables] = typeof argument === "string" ? [argument, {}] : asList(argument, path);
    const own = isObject(variables) ? variables : {};
    return asText(template, path).replace(/\$\{(!?)([^}]*)\}/g, (_match, escaped: string, name: string) => {
      if (escaped === "!") return `\${${name}}`;
      const key = name.trim();
      if (Object.hasOwn(own, key)) return asText(this.resolve(own[key], path), path);
      const dot = key.indexOf(".");
      if (dot > 0) return this.#attribute(key.slice(0, dot), key.slice(dot + 1), path);
      return asText(this.#ref(key, path), path);
    });
  }

  #select(argument: unknown, path: string): unknown {
    const [index, items] = asList(argument, path);
    const picked = asList(this.resolve(items, path), path)[Number(this.resolve(index, path))];
    if (picked === undefined) throw new Error(`${path}: Fn::Select is out of range`);
    return picked;
  }

  #split(argument: unknown, path: string): string[] {
    const [separator, text] = asList(argument, path);
    return asText(this.resolve(text, path), path).split(asText(separator, path));
  }

  #if(argument: unknown, path: string): unknown {
    const [name, yes, no] = asList(argument, path);
    return this.resolve(this.condition(asText(name, path)) ? yes : no, path);
  }

  #equals(argument: unknown, path: string): boolean {
    const [left, right] = asList(argument, path).map((side) => this.resolve(side, path));
    return JSON.stringify(left) === JSON.stringify(right);
  }

  #findInMap(argument: unknown, path: string): unknown {
    const [mapName, top, second] = asList(argument, path).map((key) => asText(this.resolve(key, path), path));
    const map = this.#scope.mappings[mapName ?? ""];
    const row = isObject(map) ? map[top ?? ""] : undefined;
    const value = isObject(row) ? row[second ?? ""] : undefined;
    if (value === undefined) throw new Error(`${path}: Fn::FindInMap finds no ${mapName}.${top}.${second}`);
    return value;
  }
}

function asList(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`${path}: a list is needed`);
  return value;
}

function asText(value: unknown, path: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new Error(`${path}: a string is needed`);
}
