import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { LambdaPool } from "../src/lambda-pool.ts";
import { isLoopback } from "../src/outbound.ts";
import { functionOf, recorder } from "./lambda-functions.ts";

// The patches replace node:http for a whole thread, so they are tested where they live: inside a worker.
const SOURCE = `
import http, { get } from "node:http";
import https, { request } from "node:https";
const read = async (response) => ({ status: response.statusCode, body: JSON.parse(await Array.fromAsync(response).then((c) => Buffer.concat(c).toString())) });
const sent = (make) => new Promise((resolve, reject) => {
  const call = make((response) => resolve(read(response)));
  call.on("error", (error) => resolve({ code: error.code, address: error.address }));
  call.end();
});
const lookup = () => { throw new Error("looked up"); };
const agent = new https.Agent({ keepAlive: true });
const forms = {
  url: (cb) => request("https://a.example.com/p?q=1", cb),
  urlObject: (cb) => https.request(new URL("https://b.example.com:8443/p"), { method: "PUT", agent, lookup }, cb),
  options: (cb) => request({ hostname: "c.example.com", path: "/o", method: "POST", agent, lookup, servername: "x", rejectUnauthorized: true, headers: { "X-Mine": "1" } }, cb),
  http: (cb) => http.request("http://d.example.com/plain", cb),
  get: (cb) => get("http://e.example.com/got", cb),
  pairs: (cb) => https.get({ host: "f.example.com", headers: ["X-Two", "1", "X-Two", "2", "Host", "other.example.com"] }, cb),
  address: (cb) => https.request({ host: "203.0.113.7", port: 444, agent, lookup }, cb),
};
export const handler = async ({ form, fetchUrl, init, loopback }) => {
  if (loopback !== undefined) return sent((cb) => http.get(loopback, cb));
  if (form !== undefined) return sent(forms[form]);
  try {
    const response = await fetch(fetchUrl, init);
    return { status: response.status, url: response.url, body: await response.json() };
  } catch (error) {
    return { error: error.message, code: error.cause?.code };
  }
};`;

let server: Server;
let url: string;

function answer(request: IncomingMessage, response: ServerResponse): void {
  if (request.url === "/moved")
    return void response.writeHead(302, { location: "https://there.example.org/new" }).end();
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const { host, "x-local-original-url": original, "x-mine": mine, "x-two": two } = request.headers;
    const body = Buffer.concat(chunks).toString();
    response.end(JSON.stringify({ method: request.method, path: request.url, host, original, mine, two, body }));
  });
}

beforeAll(async () => {
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
});
afterAll(() => void server.close());

async function inWorker(outboundUrl: string | undefined, events: readonly object[]): Promise<unknown[]> {
  const fn = functionOf("outbound", SOURCE);
  const { logSink, metrics } = recorder();
  const pool = new LambdaPool({
    model: { functions: [fn], region: "us-east-1" },
    gatewayUrl: url,
    credentialsFor: () => ({ accessKeyId: "a", secretAccessKey: "b" }),
    logSink,
    metrics,
    ...(outboundUrl === undefined ? {} : { outboundUrl }),
  });
  const results: unknown[] = [];
  for (const event of events) {
    const result = await pool.invoke(fn.arn, event);
    results.push(result.ok ? result.payload : result);
  }
  await pool.stop();
  return results;
}

test("every call form reaches the outbound server with its host and its original address", async () => {
  const forms = ["url", "urlObject", "options", "http", "get", "pairs", "address"];
  const results = await inWorker(
    url,
    forms.map((form) => ({ form })),
  );
  const seen = (host: string, original: string, more: object = {}) => ({
    status: 200,
    body: { host, original, ...more },
  });
  expect(results).toMatchObject([
    seen("a.example.com", "https://a.example.com/p?q=1", { method: "GET", path: "/p?q=1" }),
    seen("b.example.com:8443", "https://b.example.com:8443/p", { method: "PUT" }),
    seen("c.example.com", "https://c.example.com/o", { method: "POST", mine: "1" }),
    seen("d.example.com", "http://d.example.com/plain"),
    seen("e.example.com", "http://e.example.com/got"),
    seen("other.example.com", "https://f.example.com/", { two: "1, 2" }),
    seen("203.0.113.7:444", "https://203.0.113.7:444/"),
  ]);
});

test("fetch goes the same way, with its body, and follows redirects to the outbound server again", async () => {
  const results = await inWorker(url, [
    { fetchUrl: "https://g.example.com/f?x=1", init: { method: "POST", body: "hello", headers: { "x-mine": "2" } } },
    { fetchUrl: "https://h.example.com/moved" },
    { fetchUrl: "https://h.example.com/moved", init: { redirect: "error" } },
  ]);
  expect(results).toMatchObject([
    { url: "https://g.example.com/f?x=1", body: { method: "POST", host: "g.example.com", body: "hello", mine: "2" } },
    { url: "https://there.example.org/new", body: { host: "there.example.org", path: "/new" } },
    { error: "fetch failed" },
  ]);
});

test("without an outbound server nothing leaves the machine, but loopback stays reachable", async () => {
  const results = await inWorker(undefined, [
    { form: "url" },
    { form: "address" },
    { fetchUrl: "https://g.example.com/" },
    { loopback: `${url}/here` },
    { fetchUrl: `${url}/here` },
  ]);
  expect(results).toMatchObject([
    { code: "ENETUNREACH", address: "a.example.com" },
    { code: "ENETUNREACH", address: "203.0.113.7" },
    { error: "fetch failed", code: "ENETUNREACH" },
    { status: 200, body: { path: "/here" } },
    { status: 200, body: { path: "/here" } },
  ]);
});

test.each([
  ["localhost", true],
  ["sqs.us-east-1.localhost", true],
  ["127.8.9.1", true],
  ["[::1]", true],
  ["::ffff:127.0.0.1", true],
  ["127.0.0.1.example.com", false],
  ["10.0.0.1", false],
  ["169.254.169.254", false],
  ["notlocalhost", false],
])("isLoopback(%s) is %s", (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
