import type { MemoryEventArchive } from "../../src/adapters/memory/event-archive.ts";
import type { EventArchive } from "../../src/pipeline/archive-ports.ts";
import type { Container, RunContext } from "./container.ts";
import { named, type QueueFaults } from "./queues.ts";

/** The archive as a container sees it: one call for a batch, which takes part of it or all, or fails before or after. */
export function createArchive(
  inner: MemoryEventArchive,
  { calls, entries }: QueueFaults,
  { faults }: RunContext,
): (container: Container) => EventArchive {
  return (container) => ({
    async put(events) {
      const taken = events.map(() => !faults.strikes(container.nextPoint("archive entry"), entries));
      try {
        await container.call({
          label: "archive",
          shares: calls,
          tookMs: 20,
          timeoutMs: 6_000,
          error: (kind) => named(kind === "refused" ? "ServiceUnavailableException" : "TimeoutError"),
          effect: () => inner.put(events.filter((_, index) => taken[index])),
        });
      } catch (error) {
        const reason = error instanceof Error ? error.name : "unknown";
        return events.map(() => ({ sent: false, reason }));
      }
      return taken.map((isTaken) =>
        isTaken ? { sent: true, messageId: "archived" } : { sent: false, reason: "InternalFailure" },
      );
    },
  });
}
