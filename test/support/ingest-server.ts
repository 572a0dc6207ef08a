import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ingest } from "../../src/pipeline/ingest.ts";
import type { IngestDependencies } from "../../src/pipeline/ingest-contract.ts";

/** The front door on a loopback port, for tests that run real SDKs against it. `statuses` holds every answer given. */
export async function ingestServer(deps: IngestDependencies) {
  const statuses: number[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const url = new URL(incoming.url ?? "/", "http://loopback");
    const response = await ingest(
      {
        method: incoming.method ?? "GET",
        path: incoming.url?.split("?")[0] ?? "/",
        query: Object.fromEntries(url.searchParams),
        headers: incoming.headers as Record<string, string>,
        cookies: [],
        body: Buffer.concat(chunks),
        ip: incoming.socket.remoteAddress ?? "",
        requestId: "request-1",
      },
      deps,
    );
    statuses.push(response.status);
    outgoing.writeHead(response.status, response.headers).end(response.body);
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
