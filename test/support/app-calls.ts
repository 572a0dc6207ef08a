import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { LocalState } from "../../bin/local-state.ts";
import type { EventResult } from "../../src/pipeline/ingest-admission.ts";

/** Who sends to ingest, and with which headers beside the usual ones. */
export interface Sender {
  /** Id of the source whose key is sent; the shop's server unless told. */
  readonly source?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Someone in the shop's pages, in the United States: what a tag sends comes with their browser and address. */
export const SHOP_VISITOR = {
  source: "shop-web",
  headers: {
    origin: "https://shop.example.com",
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36",
    "x-forwarded-for": "198.51.100.20",
  },
} as const satisfies Sender;

interface IngestAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Empty where the gateway answered and not ingest. */
  readonly body: { readonly accepted?: number; readonly results?: readonly EventResult[] };
}

/** What is asked of the product from outside, as its users, its people and AWS ask it. */
export interface AppCalls {
  /** What an AWS client needs to reach the services that the app runs on. */
  readonly access: Pick<LocalState, "credentials" | "region"> & { readonly endpoint: string };
  /** Sends to `/v1/events`: a text as it is, a list as the events of one request, anything else as one event. */
  post(body: string | object, sender?: Sender): Promise<IngestAnswer>;
  /** The same for what has to be taken: rejects with any answer but 202. */
  send(body: object, sender?: Sender): Promise<void>;
  /** A path below `/v1/ops/`, asked with the key that may do everything; rejects with any answer but a success. */
  ops<Answer>(method: "GET" | "POST", path: string, body?: object): Promise<Answer>;
  /** A path of the gateway below `/_local/`; rejects with any answer but a success. */
  local<Answer>(method: "GET" | "POST" | "DELETE", path: string, body?: object): Promise<Answer>;
  /** Runs a function, by the end of its name, and gives what it returned; rejects with its error. */
  invoke(name: string): Promise<unknown>;
}

/** Calls to the app that wrote this state. */
export function callsTo(state: LocalState): AppCalls {
  const { apiUrl, credentials, gatewayUrl, keys, opsKey, region } = state;
  const access = { endpoint: gatewayUrl, region, credentials };

  async function post(body: string | object, { source = "shop-server", headers = {} }: Sender = {}) {
    const sent = Array.isArray(body) ? { events: body } : body;
    const response = await fetch(`${apiUrl}/v1/events`, {
      method: "POST",
      headers: { authorization: `Bearer ${keys[source]}`, "content-type": "application/json", ...headers },
      body: typeof sent === "string" ? sent : JSON.stringify(sent),
    });
    const text = await response.text();
    const answer = (text === "" ? {} : JSON.parse(text)) as IngestAnswer["body"];
    return { status: response.status, headers: response.headers, body: answer };
  }

  return {
    access,
    post,
    async send(body, sender) {
      const answer = await post(body, sender);
      if (answer.status !== 202) throw new Error(`ingest answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    },
    ops: (method, path, body) =>
      json(`${apiUrl}/v1/ops/${path}`, method, body, {
        authorization: `Bearer ${opsKey}`,
        "content-type": "application/json",
      }),
    local: (method, path, body) => json(`${gatewayUrl}/_local/${path}`, method, body),
    async invoke(name) {
      const client = new LambdaClient(access);
      const FunctionName = `tracklayer-development-${name}`;
      const { FunctionError, Payload } = await client.send(new InvokeCommand({ FunctionName }));
      client.destroy();
      const payload: unknown = JSON.parse(Buffer.from(Payload ?? []).toString("utf8"));
      if (FunctionError !== undefined) throw new Error(`${name} failed: ${JSON.stringify(payload)}`);
      return payload;
    },
  };
}

async function json<Answer>(
  url: string,
  method: string,
  body: object | undefined,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const request = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const response = await fetch(url, request);
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${new URL(url).pathname}: ${response.status} ${text}`);
  return JSON.parse(text) as Answer;
}
