import type { IncomingMessage } from "node:http";
import type { RouteMatch } from "./http-routes.ts";

/** One request as the API sees it, before a route is chosen. */
export interface ApiRequest {
  readonly requestId: string;
  readonly receivedAtMs: number;
  readonly method: string;
  readonly path: string;
  readonly rawQueryString: string;
  readonly protocol: string;
  readonly sourceIp: string;
  /** Names in lower case, repeated ones joined by a comma, cookies left out. */
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
}

/** The API and stage that the event names. */
export interface ApiIdentity {
  readonly accountId: string;
  readonly apiId: string;
  readonly stage: string;
}

// What HTTP APIs pass on as text; all else, form posts and bodies without a type included, arrives base64-encoded.
// AWS documents only "binary content types": the split was measured on AWS (github.com/ministackorg/ministack/pull/766).
const TEXT_TYPES = new Set(["application/json", "application/javascript", "application/xml"]);

/** Reads the request line and headers of a socket request. */
export function readRequest(
  request: IncomingMessage,
  at: { requestId: string; receivedAtMs: number; trustForwardedFor: boolean; port: number },
): ApiRequest {
  const target = request.url ?? "/";
  const mark = target.indexOf("?");
  const { headers, cookies } = readHeaders(request.rawHeaders);
  const socketIp = (request.socket.remoteAddress ?? "127.0.0.1").replace(/^::ffff:/, "");
  const forwardedFor = headers["x-forwarded-for"];
  const firstHop = at.trustForwardedFor ? forwardedFor?.split(",")[0]?.trim() : undefined;
  return {
    requestId: at.requestId,
    receivedAtMs: at.receivedAtMs,
    method: request.method ?? "GET",
    path: mark === -1 ? target : target.slice(0, mark),
    rawQueryString: mark === -1 ? "" : target.slice(mark + 1),
    protocol: `HTTP/${request.httpVersion}`,
    sourceIp: firstHop || socketIp,
    cookies,
    headers: {
      ...headers,
      "x-amzn-trace-id": `Root=1-${hex(Math.floor(at.receivedAtMs / 1000), 8)}-${at.requestId.replaceAll("-", "").slice(0, 24)}`,
      "x-forwarded-for": forwardedFor === undefined ? socketIp : `${forwardedFor}, ${socketIp}`,
      "x-forwarded-port": String(at.port),
      "x-forwarded-proto": headers["x-forwarded-proto"] ?? "http",
    },
  };
}

/** The payload of format 2.0, as a function behind an HTTP API receives it. */
export function eventV2(request: ApiRequest, match: RouteMatch, api: ApiIdentity, body: Buffer) {
  const domainName = request.headers.host ?? `${api.apiId}.execute-api.localhost`;
  const query = new URLSearchParams(request.rawQueryString);
  const binary = body.length > 0 && isBinary(request.headers);
  return {
    version: "2.0",
    routeKey: match.route.routeKey,
    rawPath: request.path,
    rawQueryString: request.rawQueryString,
    ...(request.cookies.length > 0 ? { cookies: request.cookies } : {}),
    headers: request.headers,
    ...(query.size > 0 ? { queryStringParameters: joinedByName(query) } : {}),
    requestContext: {
      accountId: api.accountId,
      apiId: api.apiId,
      domainName,
      domainPrefix: domainName.split(".")[0] ?? domainName,
      http: {
        method: request.method,
        path: request.path,
        protocol: request.protocol,
        sourceIp: request.sourceIp,
        userAgent: request.headers["user-agent"] ?? "",
      },
      requestId: request.requestId,
      routeKey: match.route.routeKey,
      stage: api.stage,
      time: requestTime(request.receivedAtMs),
      timeEpoch: request.receivedAtMs,
    },
    ...(Object.keys(match.pathParameters).length > 0 ? { pathParameters: match.pathParameters } : {}),
    ...(body.length > 0 ? { body: body.toString(binary ? "base64" : "utf8") } : {}),
    isBase64Encoded: binary,
  };
}

/** `12/Mar/2020:19:03:58 +0000`, the common log format API Gateway uses. */
export function requestTime(atMs: number): string {
  const [, day, month, year, time] = new Date(atMs).toUTCString().split(" ");
  return `${day}/${month}/${year}:${time} +0000`;
}

function isBinary(headers: Readonly<Record<string, string>>): boolean {
  const encoding = headers["content-encoding"] ?? "identity";
  const type = (headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  return encoding !== "identity" || !(type.startsWith("text/") || TEXT_TYPES.has(type));
}

function readHeaders(raw: readonly string[]): { headers: Record<string, string>; cookies: string[] } {
  const headers: Record<string, string> = {};
  const cookies: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] ?? "").toLowerCase();
    const value = raw[at + 1] ?? "";
    if (name === "cookie") cookies.push(...value.split(/;\s*/).filter((cookie) => cookie !== ""));
    else headers[name] = headers[name] === undefined ? value : `${headers[name]},${value}`;
  }
  return { headers, cookies };
}

function joinedByName(query: URLSearchParams): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const name of new Set(query.keys())) joined[name] = query.getAll(name).join(",");
  return joined;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
