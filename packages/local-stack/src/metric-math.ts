import { type MathNode, parseMath } from "./metric-math-parser.ts";

/** One value per period, the oldest first; `undefined` where there is no data. */
export type TimeSeries = readonly (number | undefined)[];

/** A result of metric math: one number, one series, several series, or a text such as `"REPEAT"`. */
type MathValue = number | TimeSeries | { readonly all: readonly TimeSeries[] } | { readonly text: string };

/** What an expression is evaluated with. */
export interface MathScope {
  /** The series of an id, metric or expression. */
  seriesOf(id: string): TimeSeries;
  /** Every metric of the request, for `METRICS()`: expressions are not in it. */
  readonly metrics: readonly { readonly id: string; readonly series: TimeSeries }[];
  readonly periodSeconds: number;
  readonly length: number;
}

type MathFunction = (args: readonly MathValue[], scope: MathScope) => MathValue;

const FUNCTIONS: Readonly<Record<string, MathFunction>> = {
  ABS: ([series]) => perValue(series, Math.abs),
  CEIL: ([series]) => perValue(series, Math.ceil),
  FLOOR: ([series]) => perValue(series, Math.floor),
  AVG: ([values]) => fold(values, (list) => list.reduce((sum, value) => sum + value, 0) / list.length),
  MAX: ([values]) => fold(values, (list) => Math.max(...list)),
  MIN: ([values]) => fold(values, (list) => Math.min(...list)),
  SUM: ([values]) => fold(values, (list) => list.reduce((sum, value) => sum + value, 0)),
  METRIC_COUNT: ([values]) => seriesList(values).length,
  METRICS: ([filter], { metrics }) => {
    const wanted = filter !== undefined && isText(filter) ? filter.text : "";
    return { all: metrics.filter(({ id }) => id.includes(wanted)).map(({ series }) => series) };
  },
  PERIOD: (_args, { periodSeconds }) => periodSeconds,
  DIFF: ([series]) => changes(oneSeries(series), 1),
  RATE: ([series], { periodSeconds }) => changes(oneSeries(series), periodSeconds),
  RUNNING_SUM: ([series]) => {
    let sum = 0;
    return oneSeries(series).map((value) => {
      sum += value ?? 0;
      return sum;
    });
  },
  FILL: ([values, filler]) => {
    if (filler === undefined) throw new Error("Metric math: FILL needs a second argument");
    return isAll(values) ? { all: values.all.map((series) => fill(series, filler)) } : fill(oneSeries(values), filler);
  },
  IF: ([condition, yes, no], { length }) => choose(condition, yes, no, length),
};

const OPERATORS: Readonly<Record<string, (left: number, right: number) => number>> = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => left / right,
  "^": (left, right) => left ** right,
  "==": (left, right) => Number(left === right),
  "!=": (left, right) => Number(left !== right),
  "<": (left, right) => Number(left < right),
  ">": (left, right) => Number(left > right),
  "<=": (left, right) => Number(left <= right),
  ">=": (left, right) => Number(left >= right),
  "&&": (left, right) => Number(left !== 0 && right !== 0),
  "||": (left, right) => Number(left !== 0 || right !== 0),
  AND: (left, right) => Number(left !== 0 && right !== 0),
  OR: (left, right) => Number(left !== 0 || right !== 0),
};

/** An expression that was understood, functions included; it can be evaluated any number of times. */
export class MetricMath {
  readonly #node: MathNode;

  constructor(expression: string) {
    this.#node = parseMath(expression);
    checkFunctions(this.#node);
  }

  /** A single number becomes a series of it. */
  evaluate(scope: MathScope): TimeSeries {
    const value = evaluateNode(this.#node, scope);
    if (typeof value === "number") return Array.from({ length: scope.length }, () => value);
    return oneSeries(value);
  }
}

/** An unknown function must not wait for the first evaluation to be noticed. */
function checkFunctions(node: MathNode): void {
  if (node.kind === "call") {
    if (!Object.hasOwn(FUNCTIONS, node.name))
      throw new Error(`Metric math: the function ${node.name} is not known here`);
    node.args.forEach(checkFunctions);
  } else if (node.kind === "binary") {
    checkFunctions(node.left);
    checkFunctions(node.right);
  } else if (node.kind === "list") node.items.forEach(checkFunctions);
  else if (node.kind === "negate") checkFunctions(node.operand);
}

function evaluateNode(node: MathNode, scope: MathScope): MathValue {
  switch (node.kind) {
    case "number":
      return node.value;
    case "text":
      return { text: node.value };
    case "name":
      return node.name === "REPEAT" || node.name === "LINEAR" ? { text: node.name } : scope.seriesOf(node.name);
    case "list":
      return { all: node.items.map((item) => oneSeries(evaluateNode(item, scope))) };
    case "negate":
      return combine("-", 0, evaluateNode(node.operand, scope));
    case "binary":
      return combine(node.operator, evaluateNode(node.left, scope), evaluateNode(node.right, scope));
    case "call":
      return (
        FUNCTIONS[node.name]?.(
          node.args.map((arg) => evaluateNode(arg, scope)),
          scope,
        ) ?? 0
      );
  }
}

function combine(operator: string, left: MathValue, right: MathValue): MathValue {
  const run = OPERATORS[operator];
  if (run === undefined) throw new Error(`Metric math: the operator ${operator} is not known here`);
  if (isAll(left)) return { all: left.all.map((series) => oneSeries(combine(operator, series, right))) };
  if (isAll(right)) return { all: right.all.map((series) => oneSeries(combine(operator, left, series))) };
  if (typeof left === "number" && typeof right === "number") return run(left, right);
  const length = typeof left === "number" ? oneSeries(right).length : oneSeries(left).length;
  return Array.from({ length }, (_value, index) => {
    const [a, b] = [valueAt(left, index), valueAt(right, index)];
    const result = a === undefined || b === undefined ? Number.NaN : run(a, b);
    // A division by zero has no data point, as in CloudWatch.
    return Number.isFinite(result) ? result : undefined;
  });
}

function choose(
  condition: MathValue | undefined,
  yes: MathValue | undefined,
  no: MathValue | undefined,
  length: number,
): MathValue {
  return Array.from({ length }, (_value, index) => {
    const test = valueAt(condition, index);
    if (test === undefined) return undefined;
    return valueAt(test === 0 ? no : yes, index);
  });
}

/** Several series fold into one, period by period over those that have data; a single one folds into a number. */
function fold(values: MathValue | undefined, run: (list: readonly number[]) => number): MathValue {
  if (!isAll(values)) {
    const present = oneSeries(values).filter((value) => value !== undefined);
    return present.length === 0 ? [] : run(present);
  }
  const length = values.all[0]?.length ?? 0;
  return Array.from({ length }, (_value, index) => {
    const present = values.all.map((series) => series[index]).filter((value) => value !== undefined);
    return present.length === 0 ? undefined : run(present);
  });
}

function fill(series: TimeSeries, filler: MathValue): TimeSeries {
  if (!isText(filler)) return series.map((value, index) => value ?? valueAt(filler, index));
  if (filler.text !== "REPEAT") throw new Error(`Metric math: FILL with ${filler.text} is not known here`);
  let last: number | undefined;
  return series.map((value) => {
    last = value ?? last;
    return last;
  });
}

function changes(series: TimeSeries, divisor: number): TimeSeries {
  return series.map((value, index) => {
    const before = index === 0 ? undefined : series[index - 1];
    return value === undefined || before === undefined ? undefined : (value - before) / divisor;
  });
}

function perValue(values: MathValue | undefined, run: (value: number) => number): MathValue {
  if (typeof values === "number") return run(values);
  return oneSeries(values).map((value) => (value === undefined ? undefined : run(value)));
}

function valueAt(value: MathValue | undefined, index: number): number | undefined {
  return typeof value === "number" ? value : oneSeries(value)[index];
}

function oneSeries(value: MathValue | undefined): TimeSeries {
  if (Array.isArray(value)) return value as TimeSeries;
  throw new Error("Metric math: a single time series is needed here");
}

function seriesList(value: MathValue | undefined): readonly TimeSeries[] {
  return isAll(value) ? value.all : [oneSeries(value)];
}

function isAll(value: MathValue | undefined): value is { readonly all: readonly TimeSeries[] } {
  return typeof value === "object" && "all" in value;
}

function isText(value: MathValue): value is { readonly text: string } {
  return typeof value === "object" && "text" in value;
}
