import type { IncomingMessage } from "node:http";
import { type Loopback, serveOnLoopback } from "./loopback.ts";

/** A proxy that passes every request on, but answers the first ones with 500 whatever the server said. */
export interface LossyProxy extends Loopback {
  /** Statuses that the server gave, those that were kept from the sender included. */
  readonly statuses: readonly number[];
}

/**
 * Starts one in front of `target`. The requests whose answers are lost have had their effect: what a sender sees when a
 * connection breaks at the worst moment, and why it sends the same events again.
 */
export async function lossyProxy(target: string, lost: number): Promise<LossyProxy> {
  const statuses: number[] = [];
  let received = 0;
  const server = await serveOnLoopback(async (incoming, outgoing) => {
    received += 1;
    const isLost = received <= lost;
    const answer = await fetch(`${target}${incoming.url ?? "/"}`, {
      method: incoming.method ?? "POST",
      headers: endToEnd(incoming),
      body: await bytesOf(incoming),
    });
    const body = Buffer.from(await answer.arrayBuffer());
    statuses.push(answer.status);
    outgoing.writeHead(isLost ? 500 : answer.status, { "content-type": "application/json" });
    outgoing.end(isLost ? "" : body);
  });
  return { ...server, statuses };
}

function endToEnd({ headers }: IncomingMessage): Record<string, string> {
  const { host, connection, "content-length": length, "transfer-encoding": coding, ...rest } = headers;
  return rest as Record<string, string>;
}

async function bytesOf(incoming: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
