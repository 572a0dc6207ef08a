import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { answerControl, CONTROL_PREFIX, type Control } from "./control.ts";
import { ga4Failure, judgeGa4 } from "./ga4.ts";
import { judgeMeta, metaFailure } from "./meta.ts";
import type { Judgement, Platform, PlatformAnswer, PlatformRequest, ReceivedEvent } from "./model.ts";
import { ControlError, createScript, type ScriptRule } from "./script.ts";
import { createStore, type Delivery, type ReceivedFilter } from "./store.ts";
import { isWebhookSecret, judgeWebhook, webhookFailure } from "./webhook.ts";

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
  stop(): Promise<void>;
}

const MAX_BODY_BYTES = 16 * 1024 * 1024;

const HOSTS: Readonly<Record<string, Platform>> = {
  "graph.facebook.com": "meta",
  "www.google-analytics.com": "ga4",
  "region1.google-analytics.com": "ga4",
};

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
    stop: async () => {
      stopped.abort();
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}

interface SandboxControl extends Control {
  secretsFor(target: string): readonly string[];
}

function createControl(options: SandboxOptions): SandboxControl {
  const store = createStore({ events: options.keepEvents ?? 2000, ids: options.keepIds ?? 200_000 });
  const script = createScript(options.random ?? Math.random);
  const secrets = new Map<string, string[]>();
  return {
    store,
    script,
    registerWebhookSecret(url, secret) {
      if (!URL.canParse(url)) throw new ControlError("url is not a URL");
      if (!isWebhookSecret(secret)) throw new ControlError("secret is not whsec_<base64>");
      const { hostname, pathname } = new URL(url);
      const known = secrets.get(hostname + pathname) ?? [];
      secrets.set(hostname + pathname, [...new Set([...known, secret])]);
    },
    secretsFor: (target) => secrets.get(target) ?? [],
    reset() {
      store.reset();
      script.clear();
      secrets.clear();
    },
  };
}

async function handle(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  control: SandboxControl,
  options: SandboxOptions & { signal: AbortSignal },
): Promise<void> {
  const request = await readRequest(incoming, options.publicHostResolver ?? withoutPort);
  if (request === undefined) return send(outgoing, { status: 413, headers: { connection: "close" }, body: "" });
  if (request.path.startsWith(CONTROL_PREFIX)) return send(outgoing, answerControl(request, control));

  const at = (options.now ?? Date.now)();
  const platform = HOSTS[request.host] ?? "webhook";
  const rule = control.script.next(platform, request.host);
  const judgement = judge(platform, request, at, control, options.strict ?? true, rule);
  const scripted = rule?.status !== undefined || rule?.reset === true;
  const answer = scripted ? scriptedAnswer(platform, rule) : judgement.answer;
  // Recorded before any delay: a sender that gives up waiting does not undo what the platform did.
  const events = control.store.record(judgement, {
    at,
    host: request.host,
    status: rule?.reset === true ? 0 : answer.status,
    failed: scripted && rule.effect !== "after",
  });
  for (const event of events) options.onReceived?.(event);

  if (rule?.delayMs !== undefined) await (options.sleep ?? wait)(rule.delayMs, options.signal);
  if (rule?.reset === true) incoming.socket.resetAndDestroy();
  else send(outgoing, { ...answer, headers: { ...answer.headers, ...rule?.headers } });
}

function judge(
  platform: Platform,
  request: PlatformRequest,
  now: number,
  control: SandboxControl,
  strict: boolean,
  rule: ScriptRule | undefined,
): Judgement {
  const rejectEventIds = rule?.rejectEventIds ?? [];
  if (platform === "meta") return judgeMeta(request, now, { strict, rejectEventIds });
  if (platform === "ga4") return judgeGa4(request, now, { rejectEventIds });
  return judgeWebhook(request, now, { secrets: control.secretsFor(request.host + request.path), rejectEventIds });
}

function scriptedAnswer(platform: Platform, rule: ScriptRule): PlatformAnswer {
  const shapes = { meta: metaFailure, ga4: ga4Failure, webhook: webhookFailure };
  const own = shapes[platform](rule.status ?? 500);
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
