import http, { type RequestListener } from "node:http";
import https from "node:https";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createHttpSender, type HttpSenderOptions } from "../../src/adapters/http-sender.ts";
import type { DestinationRequest } from "../../src/core/destination.ts";
import { LOOPBACK_CERTIFICATE, LOOPBACK_KEY } from "../support/loopback-certificate.ts";

const open: { close(): void }[] = [];

afterEach(() => {
  for (const it of open.splice(0)) it.close();
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  open.push({
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  return (server.address() as AddressInfo).port;
}

async function platform(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listen(http.createServer(listener))}`;
}

/** A sender that may talk to this machine. */
function sender(options: HttpSenderOptions = {}) {
  const made = createHttpSender({ plainHttp: true, isAllowedAddress: () => true, ...options });
  open.push(made);
  return made;
}

function post(url: string, more: Partial<DestinationRequest> = {}): DestinationRequest {
  return { method: "POST", url, headers: { "content-type": "application/json" }, body: '{"n":"ü"}', ...more };
}

const WAIT = { timeoutMs: 5_000 };

test("sends the body byte for byte with its length, and gives back status, lower-case headers and text", async () => {
  const got: unknown[] = [];
  const url = await platform((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      got.push([request.method, request.url, request.headers["content-length"], Buffer.concat(chunks).toString()]);
      response.writeHead(202, { "Retry-After": "7", "X-Many": ["a", "b"] }).end("schön");
    });
  });
  const response = await sender().send(post(`${url}/v1/events?id=1`), WAIT);
  expect(got).toEqual([["POST", "/v1/events?id=1", "10", '{"n":"ü"}']]);
  expect(response).toMatchObject({ status: 202, body: "schön", headers: { "retry-after": "7", "x-many": "a, b" } });
});

test("a connection is kept for the next request", async () => {
  const ports: (number | undefined)[] = [];
  const url = await platform((request, response) => {
    ports.push(request.socket.remotePort);
    response.end();
  });
  const http1 = sender();
  await http1.send(post(url), WAIT);
  await http1.send(post(url), WAIT);
  expect(ports[1]).toBe(ports[0]);
});

test("a redirect is an answer, not an address", async () => {
  let requests = 0;
  const url = await platform((_, response) => {
    requests += 1;
    response.writeHead(307, { location: "http://169.254.169.254/latest" }).end();
  });
  expect(await sender().send(post(url), WAIT)).toMatchObject({ status: 307 });
  expect(requests).toBe(1);
});

test("an answer over 1 MB is cut, and a character that the cut goes through is left out", async () => {
  const url = await platform((_, response) => response.end(`x${"ü".repeat(600_000)}`));
  const { body } = await sender().send(post(url), WAIT);
  expect(body).toBe(`x${"ü".repeat(524_287)}`);
});

test("an endless answer ends at the limit", async () => {
  const url = await platform((_, response) => {
    const drip = () => response.write("x".repeat(100_000), () => setImmediate(drip));
    drip();
  });
  expect((await sender().send(post(url), WAIT)).body).toHaveLength(1_048_576);
});

test.each<[string, RequestListener]>([
  ["never answers", () => {}],
  ["never finishes its answer", (_, response) => void response.write("{")],
])("a platform that %s is a timeout of the whole exchange", async (_, listener) => {
  const url = await platform(listener);
  await expect(sender().send(post(`${url}/?api_secret=s3cret`), { timeoutMs: 300 })).rejects.toMatchObject({
    name: "SendError",
    code: "timeout",
    message: `${new URL(url).host} did not answer in time`,
  });
});

test("a platform that drips its answer byte by byte gets no more time than any other", async () => {
  const url = await platform((_, response) => {
    const drip = setInterval(() => response.write("x"), 20);
    response.on("close", () => clearInterval(drip));
  });
  await expect(sender().send(post(url), { timeoutMs: 300 })).rejects.toMatchObject({ code: "timeout" });
});

test.each([
  ["another protocol", "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"],
  ["hints without end", "HTTP/1.1 103 Early Hints\r\nlink: </>\r\n\r\n".repeat(2_000)],
  ["headers of a megabyte", `HTTP/1.1 200 OK\r\nx: ${"x".repeat(1_000_000)}\r\n\r\nok`],
  ["no HTTP", "SSH-2.0-OpenSSH_9.6\r\n"],
  ["two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nokx"],
])("a platform that answers with %s ends as a failure in its time", async (_, bytes) => {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.write(bytes));
  });
  const url = `http://127.0.0.1:${await listen(server)}/`;
  await expect(sender().send(post(url), { timeoutMs: 300 })).rejects.toMatchObject({ name: "SendError" });
});

test("a platform that changes the protocol is told apart from one that is silent", async () => {
  const server = createServer((socket) => {
    socket.once("data", () =>
      socket.write("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
    );
  });
  const port = await listen(server);
  await expect(sender().send(post(`http://127.0.0.1:${port}/`), WAIT)).rejects.toMatchObject({
    code: "connection",
    message: `127.0.0.1:${port}: CLOSED_WITHOUT_ANSWER`,
  });
});

test("a name is judged anew for each connection: one that was pointed elsewhere in between is refused", async () => {
  const url = (await platform((_, response) => response.setHeader("connection", "close").end("ok"))).replace(
    "127.0.0.1",
    "localhost",
  );
  let pointsOutside = true;
  const judging = sender({ isAllowedAddress: () => pointsOutside });
  expect(await judging.send(post(url), WAIT)).toMatchObject({ status: 200 });
  pointsOutside = false;
  await expect(judging.send(post(url), WAIT)).rejects.toMatchObject({ code: "refused_address" });
});

test("a closed port is a failed connection, told without the URL's secrets", async () => {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  await expect(sender().send(post(`http://127.0.0.1:${port}/?api_secret=s3cret`), WAIT)).rejects.toMatchObject({
    code: "connection",
    message: `127.0.0.1:${port}: ECONNREFUSED`,
  });
});

test("a connection that is reset in the middle of the answer is no answer", async () => {
  const url = await platform((_, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("{", () => response.socket?.destroy());
  });
  await expect(sender().send(post(url), WAIT)).rejects.toMatchObject({ code: "connection" });
});

/** Answers the first request of every connection and resets it at the second. */
async function forgetfulPlatform() {
  const seen = new WeakSet<Socket>();
  const requests: string[] = [];
  const url = await platform((request, response) => {
    const isStale = seen.has(request.socket);
    seen.add(request.socket);
    requests.push(isStale ? "reset" : "answered");
    if (isStale) request.socket.destroy();
    else response.end("ok");
  });
  return { url, requests };
}

test("a kept connection that has died is replaced once", async () => {
  const { url, requests } = await forgetfulPlatform();
  const http1 = sender();
  await http1.send(post(url), WAIT);
  expect(await http1.send(post(url), WAIT)).toMatchObject({ status: 200, body: "ok" });
  expect(requests).toEqual(["answered", "reset", "answered"]);
});

test("a fresh connection that is reset is not tried again here: the lane's backoff is for that", async () => {
  let requests = 0;
  const url = await platform((request) => {
    requests += 1;
    request.socket.destroy();
  });
  await expect(sender().send(post(url), WAIT)).rejects.toMatchObject({ code: "connection" });
  expect(requests).toBe(1);
});

describe("as a λ makes it", () => {
  test.each([
    "http://platform.example/",
    "ftp://platform.example/",
    "file:///etc/passwd",
    "no url",
    "https://127.0.0.1/",
    "https://[::1]/",
    "https://169.254.169.254/latest/meta-data",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.1/",
    "https://127.0.0.1./",
    "https://\u2460\u2461\u2466.0.0.1/",
    "https://[::ffff:169.254.169.254]/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://[fd00:ec2::254]/latest/meta-data",
    "https://[fe80::1%25eth0]/",
    "https://0.0.0.0:443/",
    "https://100.64.0.1/",
    "https://user:secret@platform.example/",
    "https://hooks.example.com@169.254.169.254/",
  ])("%s is refused before anything is sent", async (url) => {
    await expect(createHttpSender().send(post(url), WAIT)).rejects.toMatchObject({
      code: "refused_address",
    });
  });

  test.each(["localhost", "LOCALHOST"])("the name %s is refused by where it points", async (host) => {
    await expect(createHttpSender().send(post(`https://${host}/`), WAIT)).rejects.toMatchObject({
      code: "refused_address",
    });
  });

  test("a name that points to this machine is refused when it is resolved", async () => {
    let connections = 0;
    const server = createServer(() => {
      connections += 1;
    });
    const port = await listen(server);
    await expect(createHttpSender().send(post(`https://localhost:${port}/`), WAIT)).rejects.toMatchObject({
      code: "refused_address",
      message: "localhost is not a public address",
    });
    expect(connections).toBe(0);
  });

  test("TLS: a trusted certificate answers, an unknown one is refused", async () => {
    let requests = 0;
    const server = https.createServer({ cert: LOOPBACK_CERTIFICATE, key: LOOPBACK_KEY }, (_, response) => {
      requests += 1;
      response.end("ok");
    });
    const url = `https://127.0.0.1:${await listen(server)}/`;
    const trusting = sender({ plainHttp: false, ca: LOOPBACK_CERTIFICATE });
    expect(await trusting.send(post(url), WAIT)).toMatchObject({ status: 200, body: "ok" });
    await expect(sender({ plainHttp: false }).send(post(url), WAIT)).rejects.toMatchObject({
      code: "connection",
      message: expect.stringContaining("DEPTH_ZERO_SELF_SIGNED_CERT"),
    });
    expect(requests).toBe(1);
  });

  test("a platform that never finishes its handshake is a timeout", async () => {
    const port = await listen(createServer(() => {}));
    await expect(
      sender({ plainHttp: false }).send(post(`https://127.0.0.1:${port}/`), { timeoutMs: 300 }),
    ).rejects.toMatchObject({ code: "timeout" });
  });
});
