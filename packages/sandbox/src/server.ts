import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { answerControl, CONTROL_PREFIX, type Control } from "./control.ts";
import type { Platform, PlatformAnswer, PlatformRequest, ReceivedEvent } from "./model.ts";
import { platformAt } from "./platforms.ts";
import { createScript, type ScriptRule } from "./script.ts";
import { createStore, type Delivery, type ReceivedFilter } from "./store.ts";
import { createTokenEndpoints } from "./token-endpoints.ts";
import { createWebhookSecrets } from "./webhook-secrets.ts";

/** Where to listen, and what a test wants in its own hands. */
export interface SandboxOptions {
  /** 0 (the default) takes any free port. */
  readonly port?: number;
  /** Address to listen on; loopback unless told otherwise. */
  readonly host?: string;
  /** Epoch ms. */
  readonly now?: () => number;
  /** Uniform in [0, 1), for scripted probabilities. */
  readonly random?: () => number;
  /** Waits a scripted delay. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** The public host that a request was meant for, from its Host header and path; the header without port by default. */
  readonly publicHostResolver?: (hostHeader: string, path: string) => string;
  /** Refuse fields that a platform's documents do not name. Default true. */
  readonly strict?: boolean;
  /** Events kept whole; default 2,000. */
  readonly keepEvents?: number;
  /** Event ids kept for deduplication and reconciling; default 200,000. */
  readonly keepIds?: number;
  /** Called for each event at the moment the platform has judged it. */
  readonly onReceived?: (event: ReceivedEvent) => void;
}

/** The running sandbox. */
export interface Sandbox {
  /** `http://127.0.0.1:<port>`, no trailing slash. */
  readonly url: string;
  readonly control: Control;
  received(filter?: ReceivedFilter): ReceivedEvent[];
  deliveries(platform?: Platform): Delivery[];
  registerWebhookSecret(url: string, secret: string): void;
  /** Makes the token endpoint verify this service account's signatures; `publicKey` is a PEM. */
  registerServiceAccount(email: string, publicKey: string): void;
  stop(): Promise<void>;
}

const MAX_BODY_BYTES = 16 * 1024 * 1024;

/**
 * Starts the platforms' stand-in. Requests are told apart by their Host header; a host that is no platform's is
 * somebody's webhook receiver. `/_sandbox/*` on any host is the control API.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const control = createControl(options);
  const stopped = new AbortController();
  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing, control, { ...options, signal: stopped.signal }).catch((error: unknown) => {
      if (!stopped.signal.aborted && !outgoing.headersSent) outgoing.writeHead(500).end(String(error));
      else outgoing.destroy();
    });
  });
  const host = options.host ?? "127.0.0.1";
  await new Promise<void>((done, fail) => {
    server.once("error", fail);
    server.listen(options.port ?? 0, host, done);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    control,
    received: (filter) => control.store.received(filter),
    deliveries: (platform) => control.store.deliveries(platform),
    registerWebhookSecret: control.registerWebhookSecret,
    registerServiceAccount: control.tokens.registerServiceAccount,
    stop: async () => {
      stopped.abort();
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}

interface SandboxControl extends Control {
  secretsAt(target: string): readonly string[];
}

function createControl(options: SandboxOptions): SandboxControl {
  const store = createStore({ events: options.keepEvents ?? 2000, ids: options.keepIds ?? 200_000 });
  const script = createScript(options.random ?? Math.random);
  const tokens = createTokenEndpoints();
  const secrets = createWebhookSecrets();
  return {
    store,
    script,
    tokens,
    registerWebhookSecret: secrets.register,
    secretsAt: secrets.at,
    reset() {
      for (const part of [store, tokens, secrets]) part.reset();
      script.clear();
    },
  };
}

type HandleOptions = SandboxOptions & { readonly signal: AbortSignal };

async function handle(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  control: SandboxControl,
  options: HandleOptions,
): Promise<void> {
  const request = await readRequest(incoming, options.publicHostResolver ?? withoutPort);
  if (request === undefined) return send(outgoing, { status: 413, headers: { connection: "close" }, body: "" });
  if (request.path.startsWith(CONTROL_PREFIX)) return send(outgoing, answerControl(request, control));

  const { answer, rule } = control.tokens.takes(request.host)
    ? tokenReply(request, control, options)
    : platformReply(request, control, options);
  if (rule?.delayMs !== undefined) await (options.sleep ?? wait)(rule.delayMs, options.signal);
  if (rule?.reset === true) incoming.socket.resetAndDestroy();
  else send(outgoing, { ...answer, headers: { ...answer.headers, ...rule?.headers } });
}

interface Reply {
  readonly answer: PlatformAnswer;
  /** The script's rule that fired for the request. */
  readonly rule: ScriptRule | undefined;
}

/** Judged and recorded before any delay: a sender that gives up waiting does not undo what the platform did. */
function platformReply(request: PlatformRequest, control: SandboxControl, options: HandleOptions): Reply {
  const at = (options.now ?? Date.now)();
  const platform = platformAt(request.host, request.path);
  const rule = control.script.next(platform.id, request.host);
  const judgement = platform.judge(request, at, {
    strict: options.strict ?? true,
    rejectEventIds: rule?.rejectEventIds ?? [],
    isLiveToken: control.tokens.isLiveToken,
    secrets: control.secretsAt(request.host + request.path),
  });
  const answer = scriptedAnswer(platform, rule) ?? judgement.answer;
  const events = control.store.record(judgement, {
    at,
    host: request.host,
    status: rule?.reset === true ? 0 : answer.status,
    failed: rule !== undefined && isFailure(rule) && rule.effect !== "after",
  });
  for (const event of events) options.onReceived?.(event);
  return { answer, rule };
}

function tokenReply(request: PlatformRequest, { script, tokens }: SandboxControl, options: HandleOptions): Reply {
  const rule = script.next(undefined, request.host);
  const failure = scriptedAnswer(tokens, rule);
  // A request that fails before its effect must issue nothing.
  if (failure !== undefined && rule?.effect !== "after") return { answer: failure, rule };
  const own = tokens.answer(request, (options.now ?? Date.now)());
  return { answer: failure ?? own, rule };
}

function isFailure(rule: ScriptRule): boolean {
  return rule.status !== undefined || rule.reset === true;
}

function scriptedAnswer(
  { failure }: { failure(status: number): PlatformAnswer },
  rule: ScriptRule | undefined,
): PlatformAnswer | undefined {
  if (rule === undefined || !isFailure(rule)) return undefined;
  const own = failure(rule.status ?? 500);
  return rule.body === undefined ? own : { ...own, body: rule.body };
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal });
}

function withoutPort(hostHeader: string): string {
  return hostHeader.replace(/:\d+$/, "").toLowerCase();
}

/** The request with its whole body, or undefined when the body is beyond any platform's limit. */
async function readRequest(
  incoming: IncomingMessage,
  publicHost: (hostHeader: string, path: string) => string,
): Promise<PlatformRequest | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Read to the end all the same: an answer in the middle of an upload looks like a broken connection.
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (bytes > MAX_BODY_BYTES) return undefined;
  const url = new URL(`http://sandbox.invalid${incoming.url?.startsWith("/") ? incoming.url : "/"}`);
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, [value].flat().join(", ")]);
  return {
    method: incoming.method ?? "GET",
    host: publicHost(incoming.headers.host ?? "", url.pathname),
    path: url.pathname,
    query: url.searchParams,
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: Buffer.concat(chunks).toString("utf8"),
  };
}

function send(outgoing: ServerResponse, answer: PlatformAnswer): void {
  if (outgoing.destroyed) return;
  const length = answer.status === 204 ? {} : { "content-length": Buffer.byteLength(answer.body) };
  outgoing.writeHead(answer.status, { ...answer.headers, ...length }).end(answer.status === 204 ? "" : answer.body);
}
