import { AwsError } from "./aws-error.ts";
import type { Caller } from "./callers.ts";
import { evaluate, type RequestContext } from "./iam.ts";

/** One thing that a call needs to be allowed. */
export interface Need {
  readonly action: string;
  readonly resource: string;
  readonly context?: RequestContext;
}

/** Services that say no with 403 and a short code; most others answer 400 and `AccessDeniedException`. */
const SHORT_CODE_SERVICES = new Set(["sqs", "cloudwatch", "s3"]);

/** Throws the service's own refusal unless the caller's role allows every need. */
export function authorize(caller: Caller, service: string, needs: readonly Need[]): void {
  if (caller.statements === undefined) return;
  for (const { action, resource, context } of needs) {
    const decision = evaluate(caller.statements, action, resource, context);
    if (decision.allowed) continue;
    const message = `User: ${caller.principalArn} is not authorized to perform: ${action} on resource: ${resource} ${decision.reason}`;
    if (service === "sns") throw new AwsError("AuthorizationError", message, { status: 403 });
    if (service === "lambda") throw new AwsError("AccessDeniedException", message, { status: 403 });
    throw SHORT_CODE_SERVICES.has(service)
      ? new AwsError("AccessDenied", message, { status: 403, queryCode: "AccessDenied" })
      : new AwsError("AccessDeniedException", message);
  }
}
