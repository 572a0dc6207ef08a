import {
  type Judgement,
  type JudgeOptions,
  jsonAnswer,
  judgedEvent,
  type PlatformAnswer,
  type PlatformRequest,
  type SandboxPlatform,
} from "../model.ts";
import { hasContentType } from "../platform-request.ts";
import {
  anything,
  checkFields,
  isObject,
  type JsonObject,
  object,
  type Problem,
  parseJson,
  problemLines,
} from "../rules.ts";
import { awinOrderProblems } from "./awin/order.ts";

/**
 * Awin Conversion API. Orders are taken one by one. A second order of one reference is dropped; for how long is not
 * published, and taken for ever. The shapes of answers are those seen by others.
 * https://help.awin.com/apidocs/conversion-api
 */
export const awin: SandboxPlatform = {
  id: "awin",
  hosts: ["api.awin.com"],
  dedupWindowMs: 10 * 365 * 86_400_000,
  judge,
  failure: (status) => jsonAnswer(status, { message: "scripted failure" }),
};

const MAX_ORDERS = 1000;
const PATH = /^\/s2s\/advertiser\/(\d+)\/orders$/;

interface Gate {
  readonly status: number;
  readonly message: string;
}

function judge(request: PlatformRequest, now: number, options: JudgeOptions): Judgement {
  const advertiser = PATH.exec(request.path)?.[1];
  const body = parseJson(request.body);
  const root: JsonObject = isObject(body) ? body : {};
  const orders: readonly unknown[] = Array.isArray(root.orders) ? root.orders : [];
  const gate = addressRefusal(request) ?? keyRefusal(request) ?? rootRefusal(root, orders, options.strict);
  const rows = orders.map((order) => (gate === undefined ? rowProblems(order, now, options) : []));
  const events = (orders.length === 0 ? [body] : orders).map((order, index) => {
    const problems = gate === undefined ? problemLines(rows[index] ?? []) : [gate.message];
    const id = isObject(order) ? order.orderReference : undefined;
    return judgedEvent({ name: "order", id, problems, taken: problems.length === 0, event: order });
  });
  // A test order is shown and earns nobody anything.
  const isTest = orders.length > 0 && orders.every((order) => isObject(order) && order.isTest === true);
  return {
    platform: "awin",
    target: advertiser ?? request.path,
    answer: gate === undefined ? rowAnswer(orders, rows, now) : jsonAnswer(gate.status, { message: gate.message }),
    events,
    ...(isTest ? { dryRun: true } : {}),
  };
}

function rowAnswer(orders: readonly unknown[], rows: readonly (readonly Problem[])[], now: number): PlatformAnswer {
  const referenceOf = (order: unknown) => (isObject(order) ? order.orderReference : undefined);
  const successfulOrders = orders.flatMap((order, row) =>
    rows[row]?.length === 0 ? [{ orderReference: referenceOf(order), correlationId: `${now}-${row}` }] : [],
  );
  const failedOrders = orders.flatMap((order, row) => {
    const errors = (rows[row] ?? []).map(({ path, message }) => ({ field: path, message }));
    return errors.length === 0 ? [] : [{ order, errors }];
  });
  const lists = { batchId: `batch-${now}`, successfulOrders, pendingOrders: [], failedOrders };
  return jsonAnswer(failedOrders.length === 0 ? 200 : 206, lists);
}

function addressRefusal(request: PlatformRequest): Gate | undefined {
  if (!PATH.test(request.path)) return { status: 404, message: `no such path: ${request.path}` };
  if (request.method !== "POST") return { status: 405, message: "only POST is taken" };
  return hasContentType(request, "application/json") ? undefined : { status: 415, message: "the body must be JSON" };
}

function keyRefusal({ headers }: PlatformRequest): Gate | undefined {
  const key = headers["x-api-key"] ?? "";
  if (key === "" || key.startsWith("Bearer ") || key.startsWith("INVALID")) {
    return { status: 401, message: "the API key is not valid" };
  }
  return key.startsWith("NOPERM") ? { status: 403, message: "no access to this advertiser" } : undefined;
}

function rootRefusal(root: JsonObject, orders: readonly unknown[], strict: boolean): Gate | undefined {
  if (orders.length === 0 || orders.length > MAX_ORDERS) {
    return { status: 400, message: `orders must hold 1 to ${MAX_ORDERS} orders` };
  }
  const [first] = checkFields(root, "", { orders: anything, webhook: object }, strict ? undefined : anything);
  return first === undefined ? undefined : { status: 400, message: `${first.path} ${first.message}` };
}

function rowProblems(order: unknown, now: number, { strict, rejectEventIds }: JudgeOptions): Problem[] {
  const reference = isObject(order) ? order.orderReference : undefined;
  const isScripted = typeof reference === "string" && rejectEventIds.includes(reference);
  return [
    ...awinOrderProblems(order, now, strict),
    ...(isScripted ? [{ path: "orderReference", message: "is refused by script", kind: "value" as const }] : []),
  ];
}
