import http from "node:http";
import https from "node:https";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import { Readable } from "node:stream";
import { urlToHttpOptions } from "node:url";

type Callback = (response: http.IncomingMessage) => void;
type Headers_ = Record<string, http.OutgoingHttpHeader>;
interface Call {
  readonly options: http.RequestOptions;
  readonly callback: Callback | undefined;
}

/** Request options that describe the message; whatever describes the connection (agent, lookup, TLS ...) is replaced. */
const MESSAGE_OPTIONS = [
  "auth",
  "insecureHTTPParser",
  "joinDuplicateHeaders",
  "maxHeaderSize",
  "method",
  "path",
  "setHost",
  "signal",
  "timeout",
] as const;
const REDIRECTS = [301, 302, 303, 307, 308];
const MAX_REDIRECTS = 20;

/** True for `localhost`, `*.localhost`, 127.0.0.0/8 and ::1: what a function may reach without the outbound server. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, "").toLowerCase();
  if (name === "localhost" || name.endsWith(".localhost") || name === "::1") return true;
  const address = name.startsWith("::ffff:") ? name.slice("::ffff:".length) : name;
  return net.isIPv4(address) && address.startsWith("127.");
}

/**
 * Reroutes every HTTP(S) request of this thread that leaves the machine to `outboundUrl`, over plain HTTP, with the
 * original `Host` header and the original address in `x-local-original-url`. Without an outbound server such requests
 * fail as on a host with no route (`ENETUNREACH`), so that nothing local ever reaches a real platform by accident.
 */
export function installOutbound(outboundUrl: string | undefined): void {
  const target = outboundUrl === undefined ? undefined : new URL(outboundUrl);
  // One pool of its own: the caller's agent may be made for TLS and pins sockets to hosts that are not dialled here.
  const agent = new http.Agent({ keepAlive: true });
  const plainRequest = http.request.bind(http);
  for (const module of [http, https]) {
    const original = module.request.bind(module) as (options: http.RequestOptions, cb?: Callback) => http.ClientRequest;
    const scheme = module === https ? "https:" : "http:";
    const request = (...args: unknown[]): http.ClientRequest => {
      const { options, callback } = readCall(args);
      if (options.socketPath != null || isLoopback(hostOf(options))) return original(options, callback);
      const rerouted = target === undefined ? unreachable(options) : reroute(options, scheme, target, agent);
      return plainRequest(rerouted, callback);
    };
    const get = (...args: unknown[]): http.ClientRequest => {
      const sent = request(...args);
      sent.end();
      return sent;
    };
    Object.assign(module, { request, get });
  }
  syncBuiltinESMExports();
  const send: SendOptions = (options, cb) => (options.protocol === "https:" ? https : http).request(options, cb);
  globalThis.fetch = outboundFetch(globalThis.fetch, send);
}

/** Reads `request(url, options?, callback?)` and `request(options, callback?)` into one form. */
function readCall(args: readonly unknown[]): Call {
  const callback = args.find((arg) => typeof arg === "function") as Callback | undefined;
  const [first, second] = args;
  const url = typeof first === "string" ? new URL(first) : first instanceof URL ? first : undefined;
  const given = url === undefined ? first : second;
  const options = typeof given === "object" && given !== null ? (given as http.RequestOptions) : {};
  return { options: url === undefined ? options : { ...urlToHttpOptions(url), ...options }, callback };
}

function hostOf(options: http.RequestOptions): string {
  return options.hostname ?? options.host ?? "localhost";
}

function reroute(options: http.RequestOptions, scheme: string, target: URL, agent: http.Agent): http.RequestOptions {
  const headers = readHeaders(options.headers);
  const authority = authorityOf(options, scheme);
  if (!Object.keys(headers).some((name) => name.toLowerCase() === "host")) headers.host = authority;
  headers["x-local-original-url"] = `${scheme}//${authority}${options.path ?? "/"}`;
  const message: Record<string, unknown> = {};
  for (const name of MESSAGE_OPTIONS) if (options[name] !== undefined) message[name] = options[name];
  return { ...message, headers, agent, host: target.hostname, port: target.port };
}

function authorityOf(options: http.RequestOptions, scheme: string): string {
  const host = hostOf(options);
  const name = net.isIPv6(host) ? `[${host}]` : host;
  const port = options.port ?? options.defaultPort;
  const usual = scheme === "https:" ? "443" : "80";
  return port == null || String(port) === "" || String(port) === usual ? name : `${name}:${port}`;
}

function readHeaders(given: http.RequestOptions["headers"]): Headers_ {
  const headers: Headers_ = {};
  if (given === undefined) return headers;
  if (!Array.isArray(given)) {
    for (const [name, value] of Object.entries(given)) if (value !== undefined) headers[name] = value;
    return headers;
  }
  // Node also takes `[name, value, name, value]` and `[[name, value]]`.
  const flat = (given as readonly unknown[]).flat().map(String);
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const name = flat[at] ?? "";
    const before = headers[name];
    const value = flat[at + 1] ?? "";
    headers[name] = before === undefined ? value : [before, value].flat().map(String);
  }
  return headers;
}

function networkUnreachable(host: string): Error {
  const error = new Error(`connect ENETUNREACH ${host} - no outbound server is configured`);
  return Object.assign(error, { code: "ENETUNREACH", errno: -101, syscall: "connect", address: host });
}

/** A request whose connection fails at once, through the same `error` event a real one would use. */
function unreachable(options: http.RequestOptions): http.RequestOptions {
  const createConnection = (): net.Socket => {
    const socket = new net.Socket();
    process.nextTick(() => socket.destroy(networkUnreachable(hostOf(options))));
    return socket;
  };
  return { host: "localhost", method: options.method, path: options.path, createConnection };
}

type SendOptions = (options: http.RequestOptions, callback: Callback) => http.ClientRequest;

/** One hop of a fetch: what changes when a redirect is followed. */
interface Hop {
  readonly url: URL;
  readonly method: string;
  readonly body: Uint8Array | undefined;
}

/** Sends fetches through the rerouted `request`: fetch itself does not let a caller choose the Host header. */
function outboundFetch(original: typeof fetch, send: SendOptions): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    if (isLoopback(url.hostname) || !url.protocol.startsWith("http")) return original(request);
    const body = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer());
    let hop: Hop = { url, method: request.method, body };
    for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
      const response = await sendHop(send, request, hop);
      const location = response.headers.get("location");
      if (location === null || !REDIRECTS.includes(response.status) || request.redirect === "manual") return response;
      await response.body?.cancel();
      if (request.redirect === "error") throw fetchFailed(new Error("unexpected redirect"));
      hop = redirected(hop, response.status, new URL(location, hop.url));
    }
    throw fetchFailed(new Error("redirect count exceeded"));
  };
}

function sendHop(send: SendOptions, request: Request, { url, method, body }: Hop): Promise<Response> {
  const headers: Headers_ = { ...Object.fromEntries(request.headers), ...(body && { "content-length": body.length }) };
  // Nothing here inflates answers, so none may come compressed.
  headers["accept-encoding"] = "identity";
  return new Promise((resolve, reject) => {
    const options = { ...urlToHttpOptions(url), method, headers, signal: request.signal };
    const sent = send(options, (message) => resolve(responseOf(message, url)));
    sent.on("error", (error) => reject(request.signal.aborted ? request.signal.reason : fetchFailed(error)));
    sent.end(body);
  });
}

function responseOf(message: http.IncomingMessage, url: URL): Response {
  const headers = new Headers();
  for (let at = 0; at + 1 < message.rawHeaders.length; at += 2) {
    headers.append(message.rawHeaders[at] ?? "", message.rawHeaders[at + 1] ?? "");
  }
  const status = message.statusCode ?? 0;
  const body = [204, 205, 304].includes(status) ? null : (Readable.toWeb(message) as ReadableStream<Uint8Array>);
  if (body === null) message.resume();
  const response = new Response(body, { status, statusText: message.statusMessage ?? "", headers });
  return Object.defineProperty(response, "url", { value: url.href });
}

function redirected(hop: Hop, status: number, url: URL): Hop {
  const becomesGet = status === 303 || (status < 303 && hop.method === "POST");
  return becomesGet ? { url, method: "GET", body: undefined } : { ...hop, url };
}

function fetchFailed(cause: Error): TypeError {
  return new TypeError("fetch failed", { cause });
}
