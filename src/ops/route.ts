import type { z } from "zod/mini";
import type { OpsPermission } from "./contract.ts";

/** Who asks, and how: given to every route. */
export interface OpsCaller {
  /** As the audit log names it. */
  readonly actor: string;
  readonly permissions: ReadonlySet<OpsPermission>;
  /** Personal data in clear was asked for and is allowed. */
  readonly personal: boolean;
}

/** One operation of the ops API. The OpenAPI document, the router and the checks all come from it. */
export interface OpsRoute<Ports, Input extends z.ZodMiniType, Output> {
  readonly method: "GET" | "POST" | "DELETE";
  /** Below `/v1/ops`, with `{name}` for a segment; segments, query and JSON body become one input object. */
  readonly path: string;
  readonly permission: OpsPermission;
  /** One line for the document and the tools. */
  readonly summary: string;
  readonly input: Input;
  /** Written to the audit log before it runs; absent for masked reading. */
  readonly audit?: (input: z.infer<Input>) => {
    action: string;
    target: string;
    details?: Record<string, string | number | boolean>;
  };
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
