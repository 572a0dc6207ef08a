import { createKey, type KeyPorts, listKeys, revokeKey } from "../../src/ops/keys.ts";
import { createOpsWorld, OPS_NOW } from "../support/ops-world.ts";

async function world() {
  const ports: { -readonly [Name in keyof KeyPorts]?: KeyPorts[Name] } = {};
  const made = await createOpsWorld([listKeys, createKey, revokeKey], ports as KeyPorts);
  Object.assign(ports, { keys: made.keys, clock: made.clock, newSecret: () => new Uint8Array(32).fill(0xab) });
  const post = (body: object, key?: string) =>
    made.ask({ method: "POST", path: "/keys", body: JSON.stringify(body), ...(key === undefined ? {} : { key }) });
  return { ...made, post };
}

test("a new key works, is shown once, and is in the audit log by its id", async () => {
  const { ask, post, audit } = await world();
  const made = await post({ label: "dashboard", permissions: ["admin", "read"], expires_at: OPS_NOW + 10_000 });
  expect(made).toMatchObject({
    status: 200,
    body: {
      id: "newthingsid0",
      key: `tlo_newthingsid0_${"ab".repeat(32)}`,
      label: "dashboard",
      permissions: ["read", "admin"],
      created_at: OPS_NOW,
      created_by: "key:key000000001",
      expires_at: OPS_NOW + 10_000,
    },
  });
  const listed = await ask({ path: "/keys", key: made.body.key });
  expect(listed.body.items.map(({ id }: { id: string }) => id).sort()).toEqual(["key000000001", "newthingsid0"]);
  expect(JSON.stringify(listed.body)).not.toMatch(/abab|digest/);
  expect(await audit.read(1, 5)).toMatchObject([
    { action: "key.create", target: "newthingsid0", details: { permissions: "admin read" } },
  ]);
});

test.each([
  [{ label: "x", permissions: [] }, 400],
  [{ label: "", permissions: ["read"] }, 400],
  [{ label: "x", permissions: ["everything"] }, 400],
  [{ permissions: ["read"] }, 400],
  [{ label: "x", permissions: ["read"], expires_at: OPS_NOW }, 422],
])("%o makes no key", async (body, status) => {
  const { ask, post } = await world();
  expect((await post(body)).status).toBe(status);
  expect((await ask({ path: "/keys" })).body.items).toHaveLength(1);
});

test("an ended key is refused with its next request; an unknown one is 404", async () => {
  const { ask, keyFor } = await world();
  const key = await keyFor(["admin"]);
  const end = () => ask({ method: "DELETE", path: "/keys/key000000002" });
  expect((await end()).body).toEqual({ revoked: "key000000002" });
  expect((await ask({ path: "/keys", key })).body.error).toBe("key_revoked");
  expect(await end()).toMatchObject({ status: 404, body: { error: "no_such_key" } });
  expect((await ask({ method: "DELETE", path: "/keys/what" })).status).toBe(400);
});

test("keys are for admins alone", async () => {
  const { ask, post, keyFor } = await world();
  const key = await keyFor(["read", "operate", "personal"]);
  expect((await post({ label: "x", permissions: ["read"] }, key)).status).toBe(403);
  expect((await ask({ path: "/keys", key })).status).toBe(403);
});
