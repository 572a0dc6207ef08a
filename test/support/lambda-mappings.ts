import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Lambda's event source mappings as its REST protocol shows them, on a free loopback port. */
export interface LambdaMappings {
  readonly url: string;
  /** By mapping id; one that is not there is not found. */
  readonly states: Map<string, string>;
  readonly calls: string[];
  /** Name of the error that every call gets; none when empty. */
  refuse: string;
  close(): Promise<void>;
}

/** Starts one without mappings; close it in `afterAll`. */
export async function startLambdaMappings(): Promise<LambdaMappings> {
  const server = createServer(async (incoming, outgoing) => {
    let body = "";
    for await (const chunk of incoming) body += String(chunk);
    const id = incoming.url?.split("/").at(-1) ?? "";
    lambda.calls.push(`${incoming.method} ${incoming.url} ${body}`.trim());
    const answer = (status: number, json: object, error = "") => {
      const type = error === "" ? {} : { "x-amzn-errortype": error };
      outgoing.writeHead(status, { "content-type": "application/json", ...type });
      outgoing.end(JSON.stringify(json));
    };
    if (!lambda.states.has(id)) return answer(404, { Message: "no such mapping" }, "ResourceNotFoundException");
    if (lambda.refuse !== "") return answer(400, { Message: "refused" }, lambda.refuse);
    if (incoming.method === "PUT") lambda.states.set(id, JSON.parse(body).Enabled ? "Enabling" : "Disabling");
    answer(200, { UUID: id, State: lambda.states.get(id) });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const lambda: LambdaMappings = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    states: new Map(),
    calls: [],
    refuse: "",
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return lambda;
}
