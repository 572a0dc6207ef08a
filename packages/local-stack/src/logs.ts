import type { Need } from "./authorization.ts";
import { AwsError } from "./aws-error.ts";
import { type LineTest, readFilterPattern } from "./log-filter-pattern.ts";
import { PropertyReader } from "./property-reader.ts";
import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from "./resource-identity.ts";

/** Lines kept of each group; older ones are gone. */
const KEPT_LINES = 20_000;
const MAX_EVENTS = 10_000;
/** Members of FilterLogEvents that run here. `interleaved` is how events come anyway. */
const KNOWN = ["logGroupName", "startTime", "endTime", "filterPattern", "limit", "nextToken", "interleaved"];
const STREAM = "local-stack";

interface LogEvent {
  /** Its place among all lines of the group, for paging and for its id. */
  readonly number: number;
  readonly line: string;
  readonly atMs: number;
  readonly ingestedAtMs: number;
}

type Input = Readonly<Record<string, unknown>>;

/** The log groups of a stack: the newest lines of each, and FilterLogEvents over them. */
export class Logs {
  readonly #groups: ReadonlyMap<string, LogEvent[]>;
  readonly #now: () => number;
  #written = 0;

  constructor(groupNames: Iterable<string>, now: () => number) {
    this.#groups = new Map([...groupNames].map((name) => [name, []]));
    this.#now = now;
  }

  write(logGroupName: string, line: string, atMs: number): void {
    const events = this.#groups.get(logGroupName);
    if (events === undefined) return;
    this.#written += 1;
    events.push({ number: this.#written, line, atMs, ingestedAtMs: this.#now() });
    // Cut seldom and by much: taking one off the front for each line would copy the whole list each time.
    if (events.length >= 2 * KEPT_LINES) events.splice(0, events.length - KEPT_LINES);
  }

  call(operation: string, input: Input): Record<string, unknown> {
    if (operation === "FilterLogEvents") return this.#filter(input);
    if (operation === "DescribeLogGroups") return this.#describeGroups(input);
    throw new AwsError("UnknownOperationException", `logs:${operation} does not run in the local stack`);
  }

  #describeGroups(input: Input): Record<string, unknown> {
    const prefix = new PropertyReader("DescribeLogGroups", input).optionalText("logGroupNamePrefix") ?? "";
    const names = [...this.#groups.keys()].filter((name) => name.startsWith(prefix)).sort();
    return { logGroups: names.map((logGroupName) => ({ logGroupName, arn: `${groupArn(logGroupName)}:*` })) };
  }

  #filter(input: Input): Record<string, unknown> {
    const unknown = Object.keys(input).find((key) => !KNOWN.includes(key));
    if (unknown !== undefined) throw invalid(`${unknown} does not run in the local stack`);
    const reader = new PropertyReader("FilterLogEvents", input);
    const events = this.#groups.get(reader.text("logGroupName"));
    if (events === undefined) {
      throw new AwsError("ResourceNotFoundException", "The specified log group does not exist.");
    }
    const limit = reader.number("limit", MAX_EVENTS);
    if (limit < 1 || limit > MAX_EVENTS) throw invalid(`limit must be 1 to ${MAX_EVENTS}`);
    const [startMs, endMs] = [reader.number("startTime", 0), reader.number("endTime", Number.MAX_SAFE_INTEGER)];
    const fits = lineTest(reader.optionalText("filterPattern") ?? "");
    const after = readToken(reader.optionalText("nextToken"));
    const found: LogEvent[] = [];
    for (const event of events.slice(-KEPT_LINES)) {
      if (event.number <= after || event.atMs < startMs || event.atMs > endMs || !fits(event.line)) continue;
      if (found.length === limit) return { ...answer(found), nextToken: `after/${found.at(-1)?.number}` };
      found.push(event);
    }
    return answer(found);
  }
}

function answer(found: readonly LogEvent[]): Record<string, unknown> {
  const events = found.map(({ number, line, atMs, ingestedAtMs }) => ({
    logStreamName: STREAM,
    timestamp: atMs,
    message: line,
    ingestionTime: ingestedAtMs,
    eventId: String(number).padStart(56, "0"),
  }));
  return { events, searchedLogStreams: [] };
}

function lineTest(pattern: string): LineTest {
  try {
    return readFilterPattern(pattern);
  } catch (error) {
    throw invalid(`Invalid filter pattern: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readToken(token: string | undefined): number {
  if (token === undefined) return 0;
  const number = /^after\/(\d+)$/.exec(token)?.[1];
  if (number === undefined) throw invalid("The specified nextToken is invalid.");
  return Number(number);
}

function invalid(message: string): AwsError {
  return new AwsError("InvalidParameterException", message);
}

function groupArn(name: string): string {
  return `arn:aws:logs:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:log-group:${name}`;
}

/** What an operation on logs must be allowed; of one group it is a log stream's ARN without a stream, so policies end in `:*`. */
export function logNeeds(operation: string, { logGroupName: name }: Input): Need[] {
  const action = `logs:${operation}`;
  if (name === undefined) return [{ action, resource: `${groupArn("")}:log-stream:` }];
  return [{ action, resource: `${groupArn(String(name))}:log-stream:` }];
}
