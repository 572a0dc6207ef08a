import type { z } from "zod/mini";
import type { OpsPermission } from "./contract/keys.ts";

/** Who asks, and how: given to every route. */
export interface OpsCaller {
  /** As the audit log names it. */
  readonly actor: string;
  readonly permissions: ReadonlySet<OpsPermission>;
  /** Personal data in clear was asked for and is allowed. */
  readonly personal: boolean;
  /** For what this request makes (a key, a replay): known before it is there, so that the audit log can name it. */
  readonly newId: string;
}

/** What the audit log says of a request. Free of personal data: an identifier that was asked for stands as its digest. */
export interface AuditSubject {
  readonly action: string;
  readonly target: string;
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}

/** One operation of the ops API. The OpenAPI document, the router and the checks all come from it. */
export interface OpsRoute<Ports, Input extends z.ZodMiniType, Output> {
  readonly method: "GET" | "POST" | "DELETE";
  /**
   * Below `/v1/ops`, with `{name}` for a segment; segments, query and JSON body become one input object. What stands in
   * the path or query is read as the schema's field wants it: `z.number()`, `z.boolean()`, and `z.array()` of a comma list.
   */
  readonly path: string;
  readonly permission: OpsPermission;
  /** One line for the document and the tools. */
  readonly summary: string;
  /** An object of zod; the router refuses fields that it does not name. */
  readonly input: Input;
  /** Describes the answer in the OpenAPI document; the end to end test holds each answer against it. */
  readonly answer?: z.ZodMiniType<Output>;
  /** Written to the audit log before it runs; absent for masked reading. */
  audit?(input: z.infer<Input>, caller: OpsCaller): AuditSubject;
  /**
   * There is personal data in the answer, which `personal=true` shows in clear: what the log then says before it is read.
   * Without this the route takes no `personal`.
   */
  personal?(input: z.infer<Input>): AuditSubject;
  run(input: z.infer<Input>, ports: Ports, caller: OpsCaller): Promise<Output>;
}

/** Types a route and returns it. */
export function defineRoute<Ports, Input extends z.ZodMiniType, Output>(
  route: OpsRoute<Ports, Input, Output>,
): OpsRoute<Ports, Input, Output> {
  return route;
}

/** An answer other than 200. */
export class OpsRefusal extends Error {
  readonly status: 400 | 403 | 404 | 409 | 422 | 503;
  readonly code: string;
  readonly todo?: string;
  constructor(status: OpsRefusal["status"], code: string, message: string, todo?: string) {
    super(message);
    this.name = "OpsRefusal";
    this.status = status;
    this.code = code;
    if (todo !== undefined) this.todo = todo;
  }
}
