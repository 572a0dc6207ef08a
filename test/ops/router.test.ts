import { z } from "zod/mini";
import type { AuditLog } from "../../src/ops/audit-log.ts";
import { defineRoute, OpsRefusal } from "../../src/ops/route.ts";
import { createOpsWorld, OPS_NOW } from "../support/ops-world.ts";

interface Ports {
  readonly ran: unknown[];
}

const show = defineRoute({
  method: "GET",
  path: "/things/{id}",
  permission: "read",
  summary: "Show a thing",
  input: z.object({ id: z.string(), limit: z.optional(z.number()), deep: z.optional(z.boolean()) }),
  personal: ({ id }) => ({ action: "thing.read_personal", target: id }),
  run: async (input, { ran }: Ports, { personal }) => {
    ran.push(input);
    return { input, personal };
  },
});
const change = defineRoute({
  method: "POST",
  path: "/things/{id}",
  permission: "operate",
  summary: "Change a thing",
  input: z.object({ id: z.string(), names: z.array(z.string()) }),
  audit: ({ id, names }, { newId }) => ({
    action: "thing.change",
    target: id,
    details: { names: names.length, newId },
  }),
  run: async (input, { ran }: Ports) => {
    ran.push(input);
    return { done: true };
  },
});
const special = defineRoute({
  method: "GET",
  path: "/things/special",
  permission: "read",
  summary: "The thing that is not like the others",
  input: z.object({}),
  run: async () => ({ special: true }),
});
const failing = defineRoute({
  method: "GET",
  path: "/failing/{how}",
  permission: "read",
  summary: "Fails",
  input: z.object({ how: z.string() }),
  run: async ({ how }): Promise<object> => {
    if (how === "refusal") throw new OpsRefusal(409, "too_soon", "not yet", "wait");
    if (how === "huge") return { text: "x".repeat(6_000_000) };
    throw new TypeError("ana@example.com has no secret 4711");
  },
});

const paged = defineRoute({
  method: "GET",
  path: "/paged",
  permission: "read",
  summary: "A page",
  input: z.object({}),
  run: async () => ({ items: ["+491234567"], next: "+491234567" }),
});

const routes = [show, change, special, failing, paged];

async function world() {
  const ran: unknown[] = [];
  return { ran, ...(await createOpsWorld<Ports>(routes, { ran })) };
}

const BODY = JSON.stringify({ names: ["a"] });

test("segments, query and body become one input", async () => {
  const { ask, ran } = await world();
  const shown = await ask({ path: "/things/a%2Fb", query: "limit=5&deep=true" });
  expect(shown).toMatchObject({ status: 200, body: { input: { id: "a/b", limit: 5, deep: true }, personal: false } });
  expect(shown.headers).toMatchObject({ "cache-control": "no-store", "content-type": "application/json" });
  await ask({ method: "POST", path: "/things/x", body: BODY });
  expect(ran).toEqual([
    { id: "a/b", limit: 5, deep: true },
    { id: "x", names: ["a"] },
  ]);
});

test.each(["gid://shop/Order/1?x=1#y", "100%", "%41", "~a", "..", "naïve ✓", "a/"])(
  "an id that no gateway carries as it is, %s, arrives in base64url",
  async (id) => {
    const { ask, ran } = await world();
    await ask({ path: `/things/~${Buffer.from(id).toString("base64url")}` });
    expect(ran).toEqual([{ id }]);
  },
);

test("a fixed word goes before a segment", async () => {
  const { ask } = await world();
  expect((await ask({ path: "/things/special" })).body).toEqual({ special: true });
});

test.each([
  [{ path: "/nothing" }, 404, "no_such_route"],
  [{ path: "/things/%E0%A4%A" }, 404, "no_such_route"],
  [{ path: "/things/~" }, 404, "no_such_route"],
  [{ path: "/things/~a=b" }, 404, "no_such_route"],
  [{ path: "/things/~_w" }, 404, "no_such_route"],
  [{ path: "//things/x" }, 404, "no_such_route"],
  [{ path: "/Things/x" }, 404, "no_such_route"],
  [{ path: "/things%2Fx" }, 404, "no_such_route"],
  [{ path: "/../ops/things/x" }, 404, "no_such_route"],
  [{ method: "HEAD", path: "/things/x" }, 405, "wrong_method"],
  [{ method: "get", path: "/things/x" }, 405, "wrong_method"],
  [{ method: "PUT", path: "/things/x" }, 405, "wrong_method"],
  [{ method: "POST", path: "/things/x", body: "{}", type: "text/plain" }, 415, "not_json"],
  [{ method: "POST", path: "/things/x", body: "{" }, 400, "not_json"],
  [{ method: "POST", path: "/things/x", body: "[]" }, 400, "not_an_object"],
  [{ method: "POST", path: "/things/x", body: `"${"x".repeat(300_000)}"` }, 413, "body_too_large"],
  [{ path: "/things/x", body: "{}" }, 400, "body_not_taken"],
  [{ path: "/things/x", query: "limt=5" }, 400, "unknown_field"],
  [{ path: "/things/x", query: "id=y" }, 400, "field_given_twice"],
  [{ method: "POST", path: "/things/x", query: "names=a", body: BODY }, 400, "field_given_twice"],
  [{ path: "/things/x", query: "limit=5&limit=6" }, 400, "field_given_twice"],
  [{ path: "/things/x", query: "limit=many" }, 400, "invalid_field"],
  [{ path: "/things/x", query: "personal=yes" }, 400, "invalid_field"],
  [{ path: "/things/special", query: "personal=true" }, 400, "unknown_field"],
  [{ method: "POST", path: "/things/x", body: '{"__proto__": {"id": "y"}, "names": []}' }, 400, "unknown_field"],
  [{ path: "/failing/refusal" }, 409, "too_soon"],
  [{ path: "/failing/defect" }, 500, "internal"],
  [{ path: "/failing/huge" }, 422, "answer_too_large"],
])("%o is answered %d %s, and nothing runs", async (asked, status, error) => {
  const { ask, ran, audit } = await world();
  const answer = await ask(asked);
  expect(answer).toMatchObject({ status, body: { error, request_id: "request-1" } });
  expect(answer.headers["cache-control"]).toBe("no-store");
  expect(ran).toEqual([]);
  expect(await audit.head()).toBeUndefined();
});

test("an unknown field is told with the one that was meant, and no value is repeated", async () => {
  const { ask } = await world();
  expect((await ask({ path: "/things/x", query: "limt=ana@example.com" })).body.message).toBe(
    'limt is not a known field; did you mean "limit"?',
  );
  const wrong = await ask({ path: "/things/x", query: "limit=ana@example.com" });
  expect(wrong.body.message).toBe("limit must be a number");
  const strange = await ask({ path: "/things/x", query: "ana@example.com=1" });
  expect(JSON.stringify(strange.body)).not.toContain("ana@");
});

test("what a route forgot to mask is masked, and in clear only for who asks for it", async () => {
  const { ask } = await world();
  const path = "/things/ana@example.com";
  expect((await ask({ path })).body.input).toEqual({ id: "a***@e***.com" });
  expect((await ask({ path, query: "personal=true" })).body.input).toEqual({ id: "ana@example.com" });
  // As it was given: a masked one would lead nowhere.
  expect((await ask({ path: "/paged" })).body).toEqual({ items: ["***67"], next: "+491234567" });
});

test("a defect tells its kind to the log and nothing to the caller", async () => {
  const { ask, lines } = await world();
  const { body } = await ask({ path: "/failing/defect" });
  expect(JSON.stringify(body)).not.toMatch(/ana|4711|TypeError/);
  expect(lines).toEqual([
    {
      level: "error",
      message: "ops request failed",
      fields: { request_id: "request-1", method: "GET", error: "TypeError" },
    },
  ]);
});

test("405 says what the path takes", async () => {
  const { ask } = await world();
  expect((await ask({ method: "DELETE", path: "/things/x" })).headers.allow).toBe("GET, POST");
});

test("a key without the permission is refused by its name, and nothing is written down", async () => {
  const { ask, keyFor, ran, audit, lines } = await world();
  const key = await keyFor(["read"]);
  const refused = await ask({ method: "POST", path: "/things/x", body: BODY, key });
  expect(refused).toMatchObject({ status: 403, body: { error: "permission_missing" } });
  expect(refused.body.message).toContain("operate");
  expect((await ask({ path: "/things/x", query: "personal=true", key })).status).toBe(403);
  expect(lines.map(({ fields }) => fields)).toMatchObject([
    { key: "key000000002", needed: "operate" },
    { key: "key000000002", needed: "personal" },
  ]);
  expect(ran).toEqual([]);
  expect(await audit.head()).toBeUndefined();
  expect((await ask({ path: "/things/x", query: "personal=false", key })).body.personal).toBe(false);
});

test("operating and reading in clear are in the audit log before they happen", async () => {
  const { ask, audit, lines } = await world();
  await ask({ method: "POST", path: "/things/x", body: BODY });
  expect((await ask({ path: "/things/y", query: "personal=true" })).body.personal).toBe(true);
  const entries = await audit.read(1, 10);
  expect(entries).toMatchObject([
    {
      at: OPS_NOW,
      actor: "key:key000000001",
      action: "thing.change",
      target: "x",
      details: { names: 1, newId: "newthingsid0" },
    },
    { actor: "key:key000000001", action: "thing.read_personal", target: "y" },
  ]);
  // The digests are in the log too, where who changes the table does not reach.
  expect(lines.map(({ fields }) => fields)).toMatchObject(entries.map(({ number, digest }) => ({ number, digest })));
});

test("an entry names nobody and is short, whatever the caller wrote where a name belongs", async () => {
  const { ask, audit } = await world();
  await ask({ method: "POST", path: "/things/ana@example.com%20+4915112345678", body: BODY });
  await ask({ method: "POST", path: "/things/x", body: JSON.stringify({ names: [], note: "n" }) });
  await ask({ method: "POST", path: `/things/${"x".repeat(9_000)}`, body: BODY });
  const entries = await audit.read(1, 10);
  expect(entries.map(({ target }) => target)).toEqual(["a***@e***.com ***78", "x".repeat(1_000)]);
  expect(JSON.stringify(entries)).not.toMatch(/ana@|12345/);
});

test("what cannot be written down does not happen", async () => {
  const { ask, ran } = await world();
  const audit: Pick<AuditLog, "append"> = { append: async () => Promise.reject(new Error("throttled")) };
  for (const asked of [
    { method: "POST", path: "/things/x", body: BODY },
    { path: "/things/x", query: "personal=true" },
  ]) {
    expect(await ask(asked, { audit })).toMatchObject({ status: 503, body: { error: "audit_unavailable" } });
  }
  expect(ran).toEqual([]);
  expect((await ask({ path: "/things/x" }, { audit })).status).toBe(200);
});
