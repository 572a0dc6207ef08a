import type { DestinationResponse } from "../../core/destination.ts";
import type { Outcome } from "../../core/outcome.ts";
import {
  blamedRows,
  isSuccess,
  isTransientStatus,
  jsonObject,
  reasonOf,
  statusOutcome,
} from "../../core/platform-answer.ts";
import { retryAfterMs, retryOutcome } from "../../core/retry-after.ts";
import { isObject } from "../../core/safe-json.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What Microsoft says of one event, or of the request where `row` is absent. */
interface Detail {
  readonly row: number | undefined;
  readonly isWarning: boolean;
  readonly words: string;
}

/**
 * What Microsoft's answer means for each event: a 200 counts the events that it received, and names the bad ones by their
 * place. A warning is no refusal.
 */
export function readAnswer(response: DestinationResponse, count: number): readonly Outcome[] {
  const { status } = response;
  const body = jsonObject(response.body) ?? {};
  const error = isObject(body.error) ? body.error : {};
  const details = (Array.isArray(error.details) ? error.details : []).filter(isObject).map(detailOf);
  if (isSuccess(response)) return fromSuccess(body, details, { status, count });
  const outcome = fromError(response, error, traceOf(body));
  const isOfEvents = outcome.kind === "rejected" && (status === 400 || status === 422);
  return (
    (isOfEvents ? blamedRows(count, refusals(details)) : undefined) ?? Array.from({ length: count }, () => outcome)
  );
}

function fromSuccess(
  body: Fields,
  details: readonly Detail[],
  { status, count }: { status: number; count: number },
): Outcome[] {
  const refused = refusals(details);
  const ofAll = details.filter(({ row }) => row === undefined).map(({ words }) => words);
  const rows = Array.from({ length: count }, (_, row) => row);
  const taken = rows.filter((row) => !refused.has(row)).length;
  const received = body.eventsReceived;
  // Whether those that it names are counted as received is not published: both numbers account for the others.
  const isConfirmed = received === taken || received === count;
  const trace = traceOf(body);
  return rows.map((row): Outcome => {
    const reason = refused.get(row);
    if (reason !== undefined) return { kind: "rejected", reason };
    if (!isConfirmed) {
      const said = typeof received === "number" ? `${received} of ${count} events as received` : "no number of events";
      return retryOutcome([`Microsoft answered ${status} with ${said}`, ...ofAll, ...trace].join("; "));
    }
    const own = details.filter((detail) => detail.row === row).map(({ words }) => words);
    const note = [...own, ...ofAll, ...trace].join("; ");
    return note === "" ? { kind: "delivered" } : { kind: "delivered", note };
  });
}

function fromError(response: DestinationResponse, error: Fields, trace: readonly string[]): Outcome {
  const { status } = response;
  const said = [error.code, error.message].filter((part) => typeof part === "string" && part !== "").join(": ");
  const words = [said, ...trace].filter((part) => part !== "").join("; ");
  const reason = reasonOf(response, words);
  if (isTransientStatus(status)) return retryOutcome(reason, retryAfterMs(response));
  // A new token is refused so for its first quarter of an hour.
  if (error.code === "Unauthorized") return { kind: "unauthorized", reason };
  return statusOutcome(response, words);
}

function refusals(details: readonly Detail[]): ReadonlyMap<number, string> {
  const reasons = new Map<number, string>();
  for (const { row, isWarning, words } of details) {
    if (row === undefined || isWarning) continue;
    const before = reasons.get(row);
    reasons.set(row, before === undefined ? words : `${before}; ${words}`);
  }
  return reasons;
}

// The attempted value is left out: it may be a person's.
function detailOf({ index, isWarning, errorCode, propertyName, errorMessage }: Fields): Detail {
  const words = [errorCode, propertyName, errorMessage].filter((part) => typeof part === "string" && part !== "");
  return {
    row: typeof index === "number" && Number.isInteger(index) ? index : undefined,
    isWarning: isWarning === true,
    words: words.join(": ") || "a problem without words",
  };
}

function traceOf({ traceId }: Fields): readonly string[] {
  return typeof traceId === "string" && traceId !== "" ? [`trace ${traceId}`] : [];
}
