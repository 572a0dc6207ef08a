import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { AwsError } from "./aws-error.ts";
import type { Caller, Callers } from "./callers.ts";
import type { GatewayRequest } from "./gateway-exchange.ts";
import { readLambdaRequest, writeLambdaAnswer, writeLambdaError } from "./lambda-rest.ts";
import { isObject } from "./property-reader.ts";
import type { S3Service } from "./s3-service.ts";
import type { JsonService, ServiceCalls } from "./service-calls.ts";
import type { SnsService } from "./sns-service.ts";

/** Requests beyond this are refused; DynamoDB's largest is 16 MB, SQS's 1 MiB before escaping. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

interface Target {
  readonly service: JsonService;
  /** What precedes `#` in `__type`. */
  readonly shapes: string;
}

/** By the part of `X-Amz-Target` before the dot. */
const TARGETS: Readonly<Record<string, Target>> = {
  AmazonSQS: { service: "sqs", shapes: "com.amazonaws.sqs" },
  DynamoDB_20120810: { service: "dynamodb", shapes: "com.amazonaws.dynamodb.v20120810" },
  secretsmanager: { service: "secretsmanager", shapes: "com.amazonaws.secretsmanager" },
  Firehose_20150804: { service: "firehose", shapes: "com.amazonaws.firehose.v20150804" },
  Logs_20140328: { service: "logs", shapes: "com.amazonaws.logs" },
  GraniteServiceVersion20100801: { service: "cloudwatch", shapes: "com.amazonaws.cloudwatch.v2010_08_01" },
};

/** What the gateway sends requests to; there once the stack is read. */
export interface GatewayRoutes {
  readonly callers: Callers;
  readonly calls: ServiceCalls;
  readonly s3: S3Service;
  readonly sns: SnsService;
  /** `/_local/...`: answers JSON, or `undefined` for an unknown path. Throws Error for a bad request. */
  control(method: string, path: string, body: unknown): Promise<unknown>;
}

/** One loopback HTTP server that is every AWS service to the functions of the stack. */
export class Gateway {
  readonly #server: Server;
  #routes: GatewayRoutes | undefined;

  constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
    // SDK clients keep connections open between calls; closing one under a client shows as a network error.
    this.#server.keepAliveTimeout = 120_000;
  }

  /** Resolves with the gateway's origin. Requests fail until `serve` is called: queue URLs need the port first. */
  listen(port = 0): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, "127.0.0.1", () => {
        resolve(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`);
      });
    });
  }

  serve(routes: GatewayRoutes): void {
    this.#routes = routes;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const body = await readBody(request);
      const routes = this.#routes;
      if (routes === undefined)
        throw new AwsError("ServiceUnavailable", "The local stack is starting", { status: 503 });
      const path = request.url ?? "/";
      if (path.startsWith("/_local/")) return await answerControl(routes, request, body, response);
      const [prefix = "", operation = ""] = String(request.headers["x-amz-target"] ?? "").split(".");
      const target = TARGETS[prefix];
      if (target === undefined && prefix !== "") {
        throw new AwsError("UnknownOperationException", `The local stack has no service ${prefix}`);
      }
      if (target !== undefined) return await this.#answerJson(routes, target, operation, request, body, response);
      const { method = "GET", url = "/", headers } = request;
      return await this.#answerRest(routes, { method, url, headers, body }, request, response);
    } catch (error) {
      writeError(response, error, "com.amazonaws");
    }
  }

  /** Services whose operations are told by path and method, or by a form. */
  async #answerRest(
    routes: GatewayRoutes,
    http: GatewayRequest,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const service = signedService(request);
    if (service === "lambda") return answerLambda(routes, request, http, response);
    const caller = callerOf(routes, request);
    if (service !== "s3" && service !== "sns") {
      throw new AwsError("UnknownOperationException", `The local stack has no service "${service}"`);
    }
    const answer = service === "s3" ? routes.s3.answer(caller, http) : await routes.sns.answer(caller, http);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  async #answerJson(
    routes: GatewayRoutes,
    target: Target,
    operation: string,
    request: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
  ): Promise<void> {
    // A worker that dies or times out during a long poll must not be given messages.
    const gone = new AbortController();
    response.once("close", () => {
      if (!response.writableEnded) gone.abort();
    });
    try {
      const caller = callerOf(routes, request);
      const output = await routes.calls.call(caller, target.service, operation, parseInput(request, body), gone.signal);
      writeJson(response, 200, output);
    } catch (error) {
      writeError(response, error, target.shapes);
    }
  }
}

function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES)
        reject(new AwsError("RequestEntityTooLarge", "The request is too large", { status: 413 }));
      else chunks.push(chunk);
    });
    request.once("end", () =>
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
    );
    request.once("error", reject);
  });
}

function parseInput(request: IncomingMessage, body: Buffer): Record<string, unknown> {
  // CloudWatch's client compresses large requests.
  const bytes = request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
  try {
    const parsed: unknown = bytes.length === 0 ? {} : JSON.parse(bytes.toString());
    if (isObject(parsed)) return parsed;
  } catch (error) {
    throw new AwsError("SerializationException", `The request is not JSON: ${String(error)}`);
  }
  throw new AwsError("SerializationException", "The request is not a JSON object");
}

function callerOf(routes: GatewayRoutes, request: IncomingMessage): Caller {
  const accessKeyId = /Credential=([^/,\s]+)\//.exec(request.headers.authorization ?? "")?.[1];
  if (accessKeyId === undefined) {
    throw new AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", { status: 403 });
  }
  const caller = routes.callers.byAccessKey(accessKeyId);
  if (caller !== undefined) return caller;
  throw new AwsError("UnrecognizedClientException", "The security token included in the request is invalid.", {
    status: 403,
    queryCode: "InvalidClientTokenId",
  });
}

/** `sns` of a SigV4 scope `key/date/region/sns/aws4_request`. */
function signedService(request: IncomingMessage): string {
  return /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\/aws4_request/.exec(request.headers.authorization ?? "")?.[1] ?? "";
}

async function answerLambda(
  routes: GatewayRoutes,
  request: IncomingMessage,
  http: GatewayRequest,
  response: ServerResponse,
): Promise<void> {
  try {
    const { operation, input } = readLambdaRequest(http);
    const output = await routes.calls.call(callerOf(routes, request), "lambda", operation, input);
    const answer = writeLambdaAnswer(operation, output);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  } catch (error) {
    const answer = writeLambdaError(awsErrorOf(error));
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }
}

async function answerControl(
  routes: GatewayRoutes,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<void> {
  try {
    const parsed: unknown = body.length === 0 ? undefined : JSON.parse(body.toString());
    const answer = await routes.control(request.method ?? "GET", request.url ?? "/", parsed);
    if (answer === undefined) writeJson(response, 404, { error: "There is no such path" });
    else writeJson(response, 200, answer);
  } catch (error) {
    writeJson(response, 400, { error: error instanceof Error ? error.message : String(error) });
  }
}

function writeJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, {
    "content-type": "application/x-amz-json-1.0",
    "content-length": body.length,
    "x-amzn-requestid": randomUUID(),
    ...headers,
  });
  response.end(body);
}

function writeError(response: ServerResponse, error: unknown, shapes: string): void {
  const known = awsErrorOf(error);
  const fault = known.status < 500 ? "Sender" : "Receiver";
  const body = { __type: `${shapes}#${known.code}`, message: known.message, ...known.members };
  const queryCode = known.queryCode ?? known.code;
  writeJson(
    response,
    known.status,
    body,
    shapes.endsWith("sqs") ? { "x-amzn-query-error": `${queryCode};${fault}` } : {},
  );
}

function awsErrorOf(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  return new AwsError("InternalFailure", `local stack: ${String(error)}`, { status: 500 });
}
