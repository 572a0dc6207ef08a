import { ingest } from "../../src/pipeline/ingest.ts";
import type { IngestDependencies } from "../../src/pipeline/ingest-contract.ts";
import { serveOnLoopback } from "./loopback.ts";

/** The front door on a loopback port, for tests that run real SDKs against it. `statuses` holds every answer given. */
export async function ingestServer(deps: IngestDependencies) {
  const statuses: number[] = [];
  const server = await serveOnLoopback(async (incoming, outgoing) => {
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
  return { ...server, statuses };
}
