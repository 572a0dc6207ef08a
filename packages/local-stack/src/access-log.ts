import type { ApiAnswer } from "./http-answer.ts";
import { type ApiIdentity, type ApiRequest, requestTime } from "./http-event.ts";

/** One answered request, for the stage's access log. */
export interface AccessLogEntry {
  readonly request: ApiRequest;
  readonly api: ApiIdentity;
  readonly answer: ApiAnswer;
  readonly routeKey: string | undefined;
  readonly latencyMs: number;
  /** Undefined when no function was asked. */
  readonly integrationLatencyMs: number | undefined;
}

/** Fills a stage's `$context` format; what this stack does not know is `-`, as API Gateway writes it. */
export function accessLogLine(format: string, entry: AccessLogEntry): string {
  const values = contextOf(entry);
  return format.replace(/\$context\.([A-Za-z0-9_.]+)/g, (_all, name: string) => String(values[name] ?? "-"));
}

function contextOf(entry: AccessLogEntry): Readonly<Record<string, string | number | undefined>> {
  const { request, api, answer, integrationLatencyMs } = entry;
  const integrationStatus = integrationLatencyMs === undefined ? undefined : answer.status;
  const message = answer.integrationError;
  return {
    accountId: api.accountId,
    apiId: api.apiId,
    domainName: request.headers.host,
    domainPrefix: request.headers.host?.split(".")[0],
    "error.message": message,
    "error.messageString": message === undefined ? undefined : JSON.stringify(message),
    extendedRequestId: request.requestId,
    httpMethod: request.method,
    "identity.sourceIp": request.sourceIp,
    "identity.userAgent": request.headers["user-agent"],
    "integration.error": message,
    "integration.integrationStatus": integrationStatus,
    "integration.latency": integrationLatencyMs,
    "integration.status": integrationStatus,
    integrationErrorMessage: message,
    integrationLatency: integrationLatencyMs,
    integrationStatus,
    path: request.path,
    protocol: request.protocol,
    requestId: request.requestId,
    requestTime: requestTime(request.receivedAtMs),
    requestTimeEpoch: request.receivedAtMs,
    responseLatency: entry.latencyMs,
    responseLength: answer.body.length,
    routeKey: entry.routeKey,
    stage: api.stage,
    status: answer.status,
  };
}
