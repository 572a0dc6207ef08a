import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** A proxy that passes every request on, but answers the first ones with 500 whatever the server said. */
export interface LossyProxy {
  readonly url: string;
  /** Statuses that the server gave, those that were kept from the sender included. */
  readonly statuses: readonly number[];
  close(): Promise<void>;
}

/**
 * Starts one in front of `target`. The requests whose answers are lost have had their effect: what a sender sees when a
 * connection breaks at the worst moment, and why it sends the same events again.
 */
export async function lossyProxy(target: string, lost: number): Promise<LossyProxy> {
  const statuses: number[] = [];
  let received = 0;
  const server = createServer(async (incoming, outgoing) => {
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
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    statuses,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
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
