import type { DestinationRequest, DestinationResponse } from "../../core/destination.ts";
import type { HttpSender } from "../../pipeline/ports.ts";

/** Stands in for a platform: answers, or throws a `SendError` for no answer. */
export type PlatformAnswer = (
  request: DestinationRequest,
  options: { timeoutMs: number },
) => DestinationResponse | Promise<DestinationResponse>;

/** A sender that reaches only the given platform, and keeps what was sent. */
export interface MemoryHttpSender extends HttpSender {
  readonly sent: readonly DestinationRequest[];
}

/** A sender without a network. */
export function createMemoryHttpSender(answer: PlatformAnswer): MemoryHttpSender {
  const sent: DestinationRequest[] = [];
  return {
    sent,
    async send(request, options) {
      sent.push(request);
      return answer(request, options);
    },
  };
}
