import type { OpsError } from "../../src/ops/contract/error.ts";
import { CliError, EXIT, type ExitCode, sentence } from "./cli-error.ts";

/** A value in a query; what is undefined is left out, and a list is joined by commas. */
type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** The ops API of one stack. Its answers are trusted to be those of `src/ops/contract/`. Every failure is a `CliError`. */
export interface OpsClient {
  get<Answer>(path: string, query?: Query): Promise<Answer>;
  post<Answer>(path: string, body: unknown): Promise<Answer>;
  delete<Answer>(path: string): Promise<Answer>;
  /** The answer with what its headers say of the other side's clock. */
  timed<Answer>(path: string): Promise<{ readonly answer: Answer; readonly date?: number; readonly tookMs: number }>;
}

/** Where the API is, and what opens it. */
export interface OpsAddress {
  /** Without `/v1/ops`. */
  readonly url: string;
  readonly key: string;
  /** What to do when nobody answers there. */
  readonly unreachable: string;
}

type Method = "GET" | "POST" | "DELETE";

/** Longer than the API's function may take. */
const ANSWER_MS = 35_000;

/** Opens a client. `fetch` and `now` are given so that tests own the network and the clock. */
export function createOpsClient(
  address: OpsAddress,
  world: { readonly fetch: typeof fetch; readonly now: () => number },
): OpsClient {
  async function call(method: Method, path: string, query: Query, body?: unknown): Promise<Response> {
    try {
      return await world.fetch(requestUrl(address.url, path, query), {
        method,
        headers: {
          authorization: `Bearer ${address.key}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // A redirect would carry the key to wherever it points.
        redirect: "manual",
        signal: AbortSignal.timeout(ANSWER_MS),
      });
    } catch (error) {
      throw new CliError(
        `Nobody answers at ${address.url}: ${networkReason(error)}.`,
        EXIT.unreachable,
        address.unreachable,
      );
    }
  }

  async function answerOf<Answer>(response: Response): Promise<Answer> {
    const answer = await jsonOf(response, address);
    if (response.ok) return answer as Answer;
    throw refusal(response.status, answer as Partial<OpsError>, address.key);
  }

  return {
    get: async (path, query = {}) => answerOf(await call("GET", path, query)),
    post: async (path, body) => answerOf(await call("POST", path, {}, body)),
    delete: async (path) => answerOf(await call("DELETE", path, {})),
    async timed(path) {
      const startedAt = world.now();
      const response = await call("GET", path, {});
      const tookMs = world.now() - startedAt;
      const date = Date.parse(response.headers.get("date") ?? "");
      return { answer: await answerOf(response), tookMs, ...(Number.isNaN(date) ? {} : { date }) };
    },
  };
}

function requestUrl(base: string, path: string, query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, Array.isArray(value) ? value.join(",") : String(value));
  }
  const text = parameters.toString();
  return `${base}/v1/ops/${path}${text === "" ? "" : `?${text}`}`;
}

/**
 * A path of the API. Ids come from senders: what percent-encoding would have to carry goes as `~` and base64url, because
 * the gateway decodes a path before it is read, and an id with a `/` or a `?` in it would arrive as another one.
 */
export function opsPath(...parts: readonly string[]): string {
  return parts
    .map((part) => (/^\w[\w.:-]*$/.test(part) ? part : `~${Buffer.from(part).toString("base64url")}`))
    .join("/");
}

function networkReason(error: unknown): string {
  const { name, message, cause } = error as {
    name?: string;
    message?: string;
    cause?: { code?: string; message?: string };
  };
  if (name === "TimeoutError") return `no answer in ${ANSWER_MS / 1000} s`;
  return cause?.code ?? cause?.message ?? message ?? String(error);
}

async function jsonOf(response: Response, { url }: OpsAddress): Promise<unknown> {
  try {
    const answer: unknown = JSON.parse(await response.text());
    if (typeof answer === "object" && answer !== null) return answer;
  } catch {
    // Told below: it is the same to the person.
  }
  throw new CliError(
    `At ${url} something answered HTTP ${response.status}, and not as the ops API does.`,
    EXIT.unreachable,
    "Check the address: it is the URL that the deployment printed, with nothing behind it.",
  );
}

function refusal(status: number, error: Partial<OpsError>, key: string): CliError {
  // An API that quotes the header would otherwise put the key on the screen.
  const shown = (text: string) => text.replaceAll(key, maskedKey(key));
  const said = error.message === undefined ? `The ops API answered HTTP ${status}.` : sentence(shown(error.message));
  const todo = error.todo === undefined ? todoOf(status) : sentence(shown(error.todo));
  return new CliError(said, exitCodeOf(status), todo);
}

function exitCodeOf(status: number): ExitCode {
  if (status === 400) return EXIT.usage;
  return status === 401 || status === 403 || status === 429 || status >= 500 ? EXIT.unreachable : EXIT.failed;
}

function todoOf(status: number): string | undefined {
  if (status === 401)
    return "Give a key that is in force in TRACKLAYER_OPS_KEY, or sign in again with `tracklayer login`.";
  if (status === 403) return "Use a key with that permission: `tracklayer keys create --permissions ...`.";
  if (status === 429 || status >= 500) return "Try again in a minute; the log of the service `ops` says more.";
  return undefined;
}

/** An ops key as it may be shown: its id, never its secret. */
export function maskedKey(key: string): string {
  return `${/^tlo_[A-Za-z0-9]+_/.exec(key)?.[0] ?? ""}***`;
}
