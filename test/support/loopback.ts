import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

/** An HTTP server that only this machine reaches. */
export interface Loopback {
  readonly url: string;
  /** Also ends connections that clients keep open. */
  close(): Promise<void>;
}

/** Starts one on a free port; close it in `afterAll`. */
export async function serveOnLoopback(answer: RequestListener): Promise<Loopback> {
  const server = createServer(answer);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
