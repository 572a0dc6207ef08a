import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import type { DestinationRequest, DestinationResponse } from "../core/destination.ts";
import { type HttpSender, SendError } from "../pipeline/ports.ts";
import { AddressRefused, guardedLookup, isAllowedHost, isPublicAddress } from "./address-guard.ts";

/**
 * Longest answer that is read. Some platforms have a row for each of thousands of events, or give back what they were
 * sent: an answer that is cut confirms nothing, and its events would be sent until they expire.
 */
export const RESPONSE_BYTES = 1024 * 1024;

/** What tests may loosen; a λ gives none of it. */
export interface HttpSenderOptions {
  /** Default: public addresses only. */
  readonly isAllowedAddress?: (address: string) => boolean;
  /** Default: `https:` only. */
  readonly plainHttp?: boolean;
  /** Default: the certificate authorities that Node trusts. */
  readonly ca?: string;
}

/**
 * Sends over TLS with connections that are kept for the next request, to public addresses only, and never follows a
 * redirect. The timeout holds for the whole exchange, name resolution and the answer's body included; an answer over
 * 1 MB is cut.
 *
 * A kept connection may have died while the λ was frozen. A request that it resets before any answer is repeated once
 * on a fresh one: nearly always the platform never saw it, and without an answer it would be sent again anyway.
 */
export function createHttpSender(options: HttpSenderOptions = {}): HttpSender & { close(): void } {
  const isAllowed = options.isAllowedAddress ?? isPublicAddress;
  const connection = { keepAlive: true, lookup: guardedLookup(isAllowed) };
  const tls = options.ca === undefined ? {} : { ca: options.ca };
  const agents = { "https:": new https.Agent({ ...connection, ...tls }), "http:": new http.Agent(connection) };

  return {
    async send(request, { timeoutMs }) {
      const url = checkedUrl(request.url, options.plainHttp === true, isAllowed);
      const signal = AbortSignal.timeout(Math.max(1, Math.ceil(timeoutMs)));
      const first = await exchange({ url, request, signal, agent: agents[url.protocol], lookup: connection.lookup });
      if (!("stale" in first)) return first;
      const second = await exchange({ url, request, signal, agent: false, lookup: connection.lookup });
      if ("stale" in second) throw second.stale;
      return second;
    },
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

type CheckedUrl = URL & { protocol: "https:" | "http:" };

// No message in this file quotes a URL beyond its host: some platforms take their secret in the query.
function checkedUrl(text: string, plainHttp: boolean, isAllowed: (address: string) => boolean): CheckedUrl {
  if (!URL.canParse(text)) throw new SendError("refused_address", "the address is not a URL");
  const url = new URL(text);
  if (url.protocol !== "https:" && !(plainHttp && url.protocol === "http:")) {
    throw new SendError("refused_address", `${url.host}: only https is allowed`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new SendError("refused_address", `${url.host}: an address must not carry a user name`);
  }
  if (!isAllowedHost(url.hostname, isAllowed)) {
    throw new SendError("refused_address", new AddressRefused(url.hostname).message);
  }
  return url as CheckedUrl;
}

interface ExchangeInput {
  readonly url: CheckedUrl;
  readonly request: DestinationRequest;
  readonly signal: AbortSignal;
  readonly agent: http.Agent | false;
  readonly lookup: ReturnType<typeof guardedLookup>;
}

/** The answer; or `stale` when a kept connection turned out to be dead. */
function exchange({
  url,
  request,
  signal,
  agent,
  lookup,
}: ExchangeInput): Promise<DestinationResponse | { stale: SendError }> {
  return new Promise((resolve, reject) => {
    // Through the module object, not a named import: whoever watches or redirects a process's traffic replaces
    // `request` there.
    const { request: open } = url.protocol === "https:" ? https : http;
    const outgoing = open(url, { method: request.method, headers: headersOf(request), agent, lookup, signal });
    let answered = false;
    const fail = (error: NodeJS.ErrnoException): void => {
      const failure = sendError(error, url, signal);
      const stale = outgoing.reusedSocket && !answered && !signal.aborted && isReset(error);
      if (stale) resolve({ stale: failure });
      else reject(failure);
    };
    outgoing.on("error", fail);
    // An answer that changes the protocol closes the connection and is neither an error nor a response.
    outgoing.on("close", () => {
      if (!answered) fail(Object.assign(new Error("closed"), { code: "CLOSED_WITHOUT_ANSWER" }));
    });
    outgoing.on("response", (response) => {
      answered = true;
      readBody(response).then(
        (body) => resolve({ status: response.statusCode ?? 0, headers: flat(response), body }),
        fail,
      );
    });
    outgoing.end(request.body);
  });
}

function headersOf(request: DestinationRequest): Record<string, string> {
  return { "user-agent": "TrackLayer", "accept-encoding": "identity", ...request.headers };
}

function readBody(response: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    // `stream` leaves out a character that the cut went through.
    const text = () => new TextDecoder().decode(Buffer.concat(chunks).subarray(0, RESPONSE_BYTES), { stream: true });
    response.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes < RESPONSE_BYTES) return;
      resolve(text());
      response.destroy();
    });
    response.on("end", () => resolve(text()));
    response.on("error", reject);
  });
}

function flat(response: IncomingMessage): Record<string, string> {
  const entries = Object.entries(response.headers);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]),
  );
}

function sendError(error: NodeJS.ErrnoException, url: URL, signal: AbortSignal): SendError {
  if (error instanceof AddressRefused) return new SendError("refused_address", error.message);
  if (signal.aborted) return new SendError("timeout", `${url.host} did not answer in time`);
  return new SendError("connection", `${url.host}: ${error.code ?? error.name}`);
}

function isReset(error: NodeJS.ErrnoException): boolean {
  return error.code === "ECONNRESET" || error.code === "EPIPE";
}
