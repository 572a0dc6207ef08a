import type { IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import { createMemoryAuditLog } from "../../src/adapters/memory/audit-log.ts";
import { createMemoryOpsKeys } from "../../src/adapters/memory/ops-keys.ts";
import { OPS_PERMISSIONS, type OpsPermission } from "../../src/ops/contract/keys.ts";
import { createFailedAttempts } from "../../src/ops/failed-attempts.ts";
import { createOpsKey } from "../../src/ops/ops-key.ts";
import type { OpsRequest } from "../../src/ops/ops-request.ts";
import { type OpsCaller, OpsRefusal } from "../../src/ops/route.ts";
import { type AnyOpsRoute, answerOps, randomId } from "../../src/ops/router.ts";
import { OPS_ROUTES } from "../../src/ops/routes.ts";
import { type Loopback, serveOnLoopback } from "./loopback.ts";

/** What a route answers: always the same, or depending on what it was asked, in the form the real route gets it. */
type Answer = object | ((input: Readonly<Record<string, unknown>>, caller: OpsCaller) => object);
/** Answers by method and path as the route names it, such as `GET /events/{event_id}`. */
export type Answers = Readonly<Record<string, Answer>>;

/** The ops API without a stack behind it. */
export interface OpsServer extends Loopback {
  /** May do everything. */
  readonly key: string;
  /** Makes a key that may do only this. */
  makeKey(permissions: readonly OpsPermission[]): Promise<string>;
  /** From now on these are the answers; what has none is not found. */
  answer(answers: Answers): void;
  /** Every request that the router let through, as `GET /events` with its validated input. */
  readonly requests: { readonly route: string; readonly input: unknown; readonly personal: boolean }[];
}

const LOG = { info() {}, warn() {}, error() {}, step() {} };

/**
 * The real router, keys and inputs on a loopback port, with answers from the test: a request that the real API would
 * refuse is refused here, and an answer that is not what a route says it answers fails the test.
 */
export async function startOpsServer(now: () => number): Promise<OpsServer> {
  let answers: Answers = {};
  const requests: OpsServer["requests"] = [];
  const keys = createMemoryOpsKeys(now);
  const makeKey = async (permissions: readonly OpsPermission[]) => {
    const secret = crypto.getRandomValues(new Uint8Array(32));
    const made = await createOpsKey(
      { id: randomId(), secret, label: "test", permissions, by: "test", now: now() },
      keys,
    );
    return made.key;
  };
  const routes = OPS_ROUTES.map((route): AnyOpsRoute<object> => {
    const name = `${route.method} ${route.path}`;
    return {
      ...route,
      async run(input, _ports, caller) {
        requests.push({ route: name, input, personal: caller.personal });
        const given = answers[name];
        if (given === undefined) throw new OpsRefusal(404, "not_scripted", `the test has no answer for ${name}`);
        const answer = typeof given === "function" ? given(input as Record<string, unknown>, caller) : given;
        const wrong = route.answer?.safeParse(answer).error;
        if (wrong !== undefined)
          throw new OpsRefusal(503, "not_the_contract", `${name}: ${JSON.stringify(wrong.issues)}`);
        return answer;
      },
    };
  });
  const attempts = createFailedAttempts(now);
  const deps = {
    routes,
    ports: {},
    keys,
    audit: createMemoryAuditLog(),
    clock: { now },
    attempts,
    log: LOG,
    newId: randomId,
  };
  const server = await serveOnLoopback(async (request, response) => {
    const { status, headers, body } = await answerOps(await requestOf(request), deps);
    response.writeHead(status, { ...headers, date: new Date(now()).toUTCString() }).end(body);
  });
  return {
    ...server,
    key: await makeKey(OPS_PERMISSIONS),
    makeKey,
    answer: (next) => {
      answers = next;
      requests.length = 0;
    },
    requests,
  };
}

async function requestOf(request: IncomingMessage): Promise<OpsRequest> {
  const { pathname, search } = new URL(request.url ?? "/", "http://localhost");
  return {
    method: request.method ?? "GET",
    path: pathname,
    rawQuery: search.slice(1),
    headers: request.headers as Record<string, string>,
    body: await buffer(request),
    ip: "127.0.0.1",
    requestId: "request-1",
  };
}
