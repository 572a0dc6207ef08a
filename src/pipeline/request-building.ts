import type { DestinationRequest } from "../core/destination.ts";
import { MINUTE_MS } from "../core/durations.ts";
import type { Part } from "./batch-parts.ts";
import type { ExchangeScope } from "./exchange-scope.ts";
import type { Verdict } from "./lane.ts";
import { contextOf, scrubber } from "./platform-outcomes.ts";

/** A request that cannot be built is our fault: it waits for a new version of the code, not for seconds, ms. */
const BUILD_RETRY_MS = 15 * MINUTE_MS;

type Built = { request: DestinationRequest } | { cut: true } | { verdicts: readonly Verdict[] };

/** The request for a part, or what to do instead: `cut` a part in half, or settle the one event that cannot be sent. */
export function buildPart(part: Part, scope: ExchangeScope): Built {
  const { limits } = scope.destination;
  let request: DestinationRequest;
  try {
    request = scope.destination.buildRequest(
      part.items.map((item) => item.event),
      contextOf(scope, part.items[0]?.event),
    );
  } catch (error) {
    if (part.items.length > 1) return { cut: true };
    const words = scrubber(part.items, scope);
    const reason = words(`the request cannot be built: ${error instanceof Error ? error.message : "unknown"}`);
    return {
      verdicts: part.items.map((item) => ({ item, outcome: { kind: "retry", reason, afterMs: BUILD_RETRY_MS } })),
    };
  }
  const bytes = Buffer.byteLength(request.body);
  if (bytes <= limits.bodyBytes) return { request };
  if (part.items.length > 1) return { cut: true };
  const reason = `the request has ${bytes} bytes, the platform takes ${limits.bodyBytes}`;
  return { verdicts: part.items.map((item) => ({ item, outcome: { kind: "rejected", reason } })) };
}
