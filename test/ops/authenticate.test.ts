import { createOpsWorld, OPS_NOW } from "../support/ops-world.ts";

const PATH = "/nothing";
/** With a key that is taken, a path that does not exist is what is wrong. */
const TAKEN = 404;

const world = () => createOpsWorld([], {});

test("only a key that works gets further", async () => {
  const { ask, everything, keys, keyFor, clock } = await world();
  expect((await ask({ path: PATH })).status).toBe(TAKEN);
  const code = async (key: string) => {
    const { status, body, headers } = await ask({ path: PATH, key });
    expect(headers["www-authenticate"]).toBe("Bearer");
    expect(status).toBe(401);
    return body.error;
  };
  expect(await code("")).toBe("key_missing");
  // As the key of a source looks.
  expect(await code("K7mE0kQ2vXwq9Jd3SkP5rT8uYbN1cH4fLgZa6xWo")).toBe("not_an_ops_key");
  expect(await code(`tlo_nnnnnnnnnnnn_${"0".repeat(64)}`)).toBe("key_not_valid");
  expect(await code(everything.replace(/.$/, "f"))).toBe("key_not_valid");
  const expiring = await keyFor(["read"], OPS_NOW + 5_000);
  expect((await ask({ path: PATH, key: expiring })).status).toBe(TAKEN);
  clock.at += 5_000;
  expect(await code(expiring)).toBe("key_expired");
  await keys.revoke("key000000001", clock.at);
  expect(await code(everything)).toBe("key_revoked");
});

test("an unknown id and a wrong secret cannot be told apart, by answer or by what is read", async () => {
  const { ask, everything, keys } = await world();
  const reads: string[] = [];
  const counted = {
    ...keys,
    read: (id: string) => {
      reads.push(id);
      return keys.read(id);
    },
  };
  const unknown = await ask({ path: PATH, key: `tlo_nnnnnnnnnnnn_${"0".repeat(64)}` }, { keys: counted });
  const wrong = await ask({ path: PATH, key: `${everything.slice(0, -64)}${"0".repeat(64)}` }, { keys: counted });
  expect(unknown).toEqual(wrong);
  expect(reads).toEqual(["nnnnnnnnnnnn", "key000000001"]);
});

test("a revoked key that is not known in full learns nothing of it", async () => {
  const { ask, everything, keys } = await world();
  await keys.revoke("key000000001", OPS_NOW);
  const { body } = await ask({ path: PATH, key: `${everything.slice(0, -64)}${"0".repeat(64)}` });
  expect(body.error).toBe("key_not_valid");
});

test("the day of use is written once a day, and failing to does not refuse anybody", async () => {
  const { ask, keys, clock } = await world();
  const days: string[] = [];
  const counted = {
    ...keys,
    markUsed: (id: string, day: string) => {
      days.push(day);
      return keys.markUsed(id, day);
    },
  };
  for (let n = 0; n < 3; n += 1) await ask({ path: PATH }, { keys: counted });
  clock.at += 86_400_000;
  await ask({ path: PATH }, { keys: counted });
  expect(days).toEqual(["2026-11-23", "2026-11-24"]);
  clock.at += 86_400_000;
  const broken = { ...keys, markUsed: async () => Promise.reject(new Error("throttled")) };
  expect((await ask({ path: PATH }, { keys: broken })).status).toBe(TAKEN);
});

test("while keys cannot be read nobody gets in, and nobody is told that the key is wrong", async () => {
  const { ask, keys } = await world();
  const broken = { ...keys, read: async () => Promise.reject(new Error("throttled")) };
  const { status, body, headers } = await ask({ path: PATH }, { keys: broken });
  expect({ status, error: body.error, wait: headers["retry-after"] }).toEqual({
    status: 503,
    error: "keys_unavailable",
    wait: "5",
  });
});

test("an address that goes on sending wrong keys is asked to wait until the minute is over; others are not", async () => {
  const { ask, clock, lines } = await world();
  clock.at = OPS_NOW + 15_000;
  const wrong = { path: PATH, key: `tlo_nnnnnnnnnnnn_${"0".repeat(64)}` };
  const statuses = [];
  for (let n = 0; n < 21; n += 1) statuses.push((await ask(wrong)).status);
  expect(statuses).toEqual([...Array.from({ length: 20 }, () => 401), 429]);
  expect((await ask({ path: PATH })).headers["retry-after"]).toBe("45");
  expect((await ask({ path: PATH, ip: "203.0.113.10" })).status).toBe(TAKEN);
  clock.at += 45_000;
  expect((await ask({ path: PATH })).status).toBe(TAKEN);
  // The first and the tenth: a flood of keys is not a flood of lines.
  expect(lines.map(({ fields }) => fields)).toMatchObject([
    { code: "key_not_valid", failures_this_minute: 1 },
    { failures_this_minute: 10 },
  ]);
  expect(JSON.stringify(lines)).not.toContain("tlo_");
});
