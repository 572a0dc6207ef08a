import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { accessLogLine } from "./access-log.ts";
import { type ApiAnswer, answerOf, gatewayAnswer } from "./http-answer.ts";
import { corsHeaders, isPreflight, preflightHeaders } from "./http-cors.ts";
import { type ApiIdentity, type ApiRequest, eventV2, readRequest } from "./http-event.ts";
import { matchRoute, type RouteMatch } from "./http-routes.ts";
import { MAX_REQUEST_BYTES } from "./lambda-pool.ts";
import type { HttpApiModel, InvokeResult, Invoker, LogSink, StackModel } from "./model.ts";
import type { MetricRecorder } from "./services.ts";
import { TokenBucket } from "./token-bucket.ts";

const MAX_BODY_BYTES = 10 * 2 ** 20;

/** One HTTP API and what it stands on. */
export interface HttpApiOptions {
  readonly model: HttpApiModel;
  readonly accountId: StackModel["accountId"];
  readonly invoker: Invoker;
  readonly logSink: LogSink;
  readonly metrics: MetricRecorder;
  /** Port on 127.0.0.1; any free one when absent or 0. */
  readonly port?: number;
  /**
   * Takes the first hop of `X-Forwarded-For` as the client's address (default), so that traffic made on this machine
   * can come from anywhere. API Gateway itself always takes the address of the connection.
   */
  readonly trustForwardedFor?: boolean;
  readonly now?: () => number;
}

interface Outcome {
  readonly answer: ApiAnswer;
  readonly routeKey?: string;
  readonly integrationLatencyMs?: number;
}

/** An HTTP API of the template on a loopback port: routes, payload 2.0, CORS, throttling, access log, metrics. */
export class HttpApi {
  readonly #options: HttpApiOptions;
  readonly #identity: ApiIdentity;
  readonly #server: Server;
  readonly #bucket: TokenBucket | undefined;
  /** Of routes with a throttle of their own, by route key. */
  readonly #routeBuckets: ReadonlyMap<string, TokenBucket>;
  readonly #now: () => number;
  #port = 0;

  constructor(options: HttpApiOptions) {
    const { model, accountId } = options;
    const old = model.routes.find((route) => route.payloadFormat !== "2.0");
    if (old !== undefined) throw new Error(`${model.logicalId} ${old.routeKey}: only payload format 2.0 runs here`);
    this.#options = options;
    this.#now = options.now ?? Date.now;
    // The same id that `Ref` of the API resolves to in the model.
    this.#identity = { accountId, apiId: model.logicalId.toLowerCase(), stage: "$default" };
    this.#bucket = model.throttling === undefined ? undefined : new TokenBucket(model.throttling, this.#now());
    this.#routeBuckets = new Map(
      model.routes.flatMap(({ routeKey, throttling }) =>
        throttling === undefined ? [] : [[routeKey, new TokenBucket(throttling, this.#now())]],
      ),
    );
    this.#server = createServer((request, response) => void this.#serve(request, response));
    // Longer than any client keeps a connection: a server that closes first makes clients see resets.
    this.#server.keepAliveTimeout = 350_000;
  }

  /** Address without a trailing slash, once started. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(this.#options.port ?? 0, "127.0.0.1", resolve);
    });
    const address = this.#server.address();
    this.#port = typeof address === "object" && address !== null ? address.port : 0;
  }

  /** Closes the port and every connection to it. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const startedAt = performance.now();
    const request = readRequest(incoming, {
      requestId: randomUUID(),
      receivedAtMs: this.#now(),
      trustForwardedFor: this.#options.trustForwardedFor ?? true,
      port: this.#port,
    });
    const failed = { answer: gatewayAnswer(500, "Internal Server Error") };
    const outcome = await this.#answer(incoming, request).catch(() => failed);
    const answer = this.#withCors(outcome.answer, request, isPreflight(incoming.method, incoming.headers));
    if (!incoming.complete) response.setHeader("connection", "close");
    response.setHeader("apigw-requestid", request.requestId);
    for (const [name, value] of Object.entries(answer.headers)) setHeader(response, name, value);
    if (answer.cookies.length > 0) response.setHeader("set-cookie", answer.cookies);
    if (answer.status !== 204 && answer.status !== 304) response.setHeader("content-length", answer.body.length);
    response.writeHead(answer.status).end(answer.body);
    this.#account(request, { ...outcome, answer }, Math.round(performance.now() - startedAt));
  }

  async #answer(incoming: IncomingMessage, request: ApiRequest): Promise<Outcome> {
    const { model } = this.#options;
    if (model.cors !== undefined && isPreflight(incoming.method, incoming.headers)) {
      return { answer: { status: 204, headers: {}, cookies: [], body: Buffer.alloc(0) } };
    }
    const match = matchRoute(model.routes, request.method, request.path);
    const bucket = this.#routeBuckets.get(match?.route.routeKey ?? "") ?? this.#bucket;
    if (bucket?.take(this.#now()) === false) return { answer: gatewayAnswer(429, "Too Many Requests") };
    if (match === undefined) return { answer: gatewayAnswer(404, "Not Found") };
    const { routeKey } = match.route;
    const body = await readBody(incoming);
    if (body === undefined) return { answer: gatewayAnswer(413, "Request Entity Too Large"), routeKey };
    const event = eventV2(request, match, this.#identity, body);
    // A body that the API takes can still be too much for the function, once it is quoted or base64-encoded.
    const tooLarge =
      body.length > MAX_REQUEST_BYTES / 8 && Buffer.byteLength(JSON.stringify(event)) > MAX_REQUEST_BYTES;
    if (tooLarge) return { answer: gatewayAnswer(413, "Request Entity Too Large"), routeKey };
    return this.#integrate(match, event);
  }

  async #integrate({ route }: RouteMatch, event: object): Promise<Outcome> {
    const startedAt = performance.now();
    const late = Promise.withResolvers<"late">();
    const timer = setTimeout(() => late.resolve("late"), route.timeoutMs);
    const result = await Promise.race([this.#options.invoker.invoke(route.functionArn, event), late.promise]);
    clearTimeout(timer);
    const integrationLatencyMs = Math.round(performance.now() - startedAt);
    return { answer: integrationAnswer(result), routeKey: route.routeKey, integrationLatencyMs };
  }

  #withCors(answer: ApiAnswer, request: ApiRequest, preflight: boolean): ApiAnswer {
    const { cors } = this.#options.model;
    if (cors === undefined) return answer;
    // With CORS on the API, what the function says about CORS is ignored.
    const own = Object.entries(answer.headers).filter(([name]) => !name.startsWith("access-control-"));
    const origin = request.headers.origin;
    const added = preflight ? preflightHeaders(cors, origin) : corsHeaders(cors, origin);
    return { ...answer, headers: { ...Object.fromEntries(own), ...added } };
  }

  #account(request: ApiRequest, outcome: Outcome, latencyMs: number): void {
    const { metrics, logSink, model } = this.#options;
    const { answer, routeKey, integrationLatencyMs } = outcome;
    const { apiId, stage } = this.#identity;
    const values = {
      Count: 1,
      "4xx": answer.status >= 400 && answer.status < 500 ? 1 : 0,
      "5xx": answer.status >= 500 ? 1 : 0,
      Latency: latencyMs,
      ...(integrationLatencyMs === undefined ? {} : { IntegrationLatency: integrationLatencyMs }),
      DataProcessed: answer.body.length + Number(request.headers["content-length"] ?? 0),
    };
    for (const dimensions of [{ ApiId: apiId }, { ApiId: apiId, Stage: stage }]) {
      for (const [name, value] of Object.entries(values)) {
        metrics.record("AWS/ApiGateway", name, dimensions, value, request.receivedAtMs);
      }
    }
    if (model.accessLog === undefined) return;
    const entry = { request, api: this.#identity, answer, routeKey, latencyMs, integrationLatencyMs };
    logSink.write(model.accessLog.logGroupName, accessLogLine(model.accessLog.format, entry), this.#now());
  }
}

/** A function's error is a 500; a function too slow for the integration, or without concurrency left, is a 503. */
function integrationAnswer(result: InvokeResult | "late"): ApiAnswer {
  if (result === "late") return gatewayAnswer(503, "Service Unavailable", "Endpoint request timed out");
  if (result.ok) return answerOf(result.payload);
  if (result.error === "throttled") return gatewayAnswer(503, "Service Unavailable", result.message);
  const reason = `The Lambda function returned the following error: ${result.message}. Check your Lambda function code.`;
  return gatewayAnswer(500, "Internal Server Error", reason);
}

/** A name or value that HTTP cannot carry is left out rather than failing the whole answer. */
function setHeader(response: ServerResponse, name: string, value: string): void {
  try {
    response.setHeader(name, value);
  } catch {
    response.removeHeader(name);
  }
}

/** The whole body, or undefined as soon as it is known to be over the limit. */
function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(incoming.headers["content-length"] ?? 0) > MAX_BODY_BYTES) return Promise.resolve(undefined);
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | undefined>();
  const chunks: Buffer[] = [];
  let size = 0;
  incoming.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) {
      chunks.length = 0;
      incoming.pause();
      resolve(undefined);
    } else chunks.push(chunk);
  });
  incoming.once("end", () => resolve(Buffer.concat(chunks)));
  incoming.once("error", reject);
  return promise;
}
