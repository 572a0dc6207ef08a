import { randomUUID } from "node:crypto";
import { AwsError } from "./aws-error.ts";
import type { GatewayAnswer, GatewayRequest } from "./gateway-exchange.ts";
import { isObject } from "./property-reader.ts";

/** One operation with its members gathered from path, query, headers and body. */
export interface LambdaCall {
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

const MAPPINGS = /^\/2015-03-31\/event-source-mappings(?:\/([^/]*))?\/?$/;
const INVOCATIONS = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** Finds the operation that a request asks for; throws AwsError for a path that is none of those that run here. */
export function readLambdaRequest({ method, url, headers, body }: GatewayRequest): LambdaCall {
  const { pathname, searchParams } = new URL(url, "http://lambda");
  const invoked = INVOCATIONS.exec(pathname)?.[1];
  if (invoked !== undefined && method === "POST") {
    const input = {
      FunctionName: decodeURIComponent(invoked),
      InvocationType: headers["x-amz-invocation-type"],
      LogType: headers["x-amz-log-type"],
      Payload: body.toString(),
    };
    return { operation: "Invoke", input };
  }
  const mapping = MAPPINGS.exec(pathname);
  const uuid = mapping?.[1] ?? "";
  if (mapping !== null && uuid === "" && method === "GET") {
    return { operation: "ListEventSourceMappings", input: Object.fromEntries(searchParams) };
  }
  if (mapping !== null && uuid !== "" && method === "GET") {
    return { operation: "GetEventSourceMapping", input: { UUID: decodeURIComponent(uuid) } };
  }
  if (mapping !== null && uuid !== "" && method === "PUT") {
    return { operation: "UpdateEventSourceMapping", input: { ...parsed(body), UUID: decodeURIComponent(uuid) } };
  }
  throw new AwsError("UnknownOperationException", `lambda: ${method} ${pathname} does not run in the local stack`, {
    status: 404,
  });
}

/** Writes an operation's output: of `Invoke` the payload is the body, and all the rest is in headers. */
export function writeLambdaAnswer(operation: string, output: Readonly<Record<string, unknown>>): GatewayAnswer {
  const headers = { "content-type": "application/json", "x-amzn-requestid": randomUUID() };
  if (operation !== "Invoke") {
    const status = operation === "UpdateEventSourceMapping" ? 202 : 200;
    return { status, headers, body: JSON.stringify(output) };
  }
  const { StatusCode, FunctionError, ExecutedVersion, Payload } = output;
  return {
    status: Number(StatusCode),
    headers: {
      ...headers,
      ...(FunctionError === undefined ? {} : { "x-amz-function-error": String(FunctionError) }),
      ...(ExecutedVersion === undefined ? {} : { "x-amz-executed-version": String(ExecutedVersion) }),
    },
    body: String(Payload ?? ""),
  };
}

/** In this protocol the error's name is in a header. */
export function writeLambdaError(error: AwsError): GatewayAnswer {
  return {
    status: error.status,
    headers: {
      "content-type": "application/json",
      "x-amzn-requestid": randomUUID(),
      "x-amzn-errortype": error.code,
    },
    body: JSON.stringify({ Type: error.status < 500 ? "User" : "Service", Message: error.message }),
  };
}

function parsed(body: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString());
    if (isObject(value)) return value;
  } catch {
    // Said below.
  }
  throw new AwsError("InvalidRequestContentException", "Could not parse request body into json");
}
