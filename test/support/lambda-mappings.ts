import { type Loopback, serveOnLoopback } from "./loopback.ts";

/** Lambda's event source mappings as its REST protocol shows them, on a free loopback port. */
export interface LambdaMappings extends Loopback {
  /** By mapping id; one that is not there is not found. */
  readonly states: Map<string, string>;
  readonly calls: string[];
  /** Name of the error that every call gets; none when empty. */
  refuse: string;
}

/** Starts one without mappings; close it in `afterAll`. */
export async function startLambdaMappings(): Promise<LambdaMappings> {
  const server = await serveOnLoopback(async (incoming, outgoing) => {
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
  const lambda: LambdaMappings = {
    ...server,
    states: new Map(),
    calls: [],
    refuse: "",
  };
  return lambda;
}
