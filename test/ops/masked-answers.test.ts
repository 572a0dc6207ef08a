import { EMAIL, leaks, PHONE, plantedWorld } from "../support/planted-world.ts";

const REQUESTS: [string, Record<string, string>][] = [
  ["/events", {}],
  ["/events", { person: EMAIL }],
  ["/events", { person: PHONE, limit: "1" }],
  ["/events", { event_id: `order of ${EMAIL}` }],
  ["/events", { order_id: EMAIL }],
  ["/events", { destination: "meta", outcome: "rejected", limit: "1" }],
  ["/events", { name: `custom:call ${PHONE}` }],
  [`/events/${encodeURIComponent(`order of ${EMAIL}`)}`, {}],
  [`/events/${encodeURIComponent(PHONE)}`, {}],
  ["/events/plain", {}],
  [`/events/${encodeURIComponent(`refused ${EMAIL}`)}`, {}],
  ["/failures", {}],
  ["/quarantine", {}],
  ["/identity", { identifier: EMAIL }],
  ["/identity", { identifier: PHONE }],
  ["/quality", { event_id: `order of ${EMAIL}` }],
  ["/findings", {}],
];

test.each(REQUESTS)("GET %s %j shows nobody", async (path, query) => {
  const world = await plantedWorld();
  const { status, body } = await world.get(path, query);
  expect(status).toBe(200);
  expect(leaks(body)).toEqual([]);
  if (body.next !== undefined) expect(leaks(Buffer.from(body.next, "base64url").toString())).toEqual([]);
});

test("there is something to show: the same requests with personal do", async () => {
  const world = await plantedWorld();
  for (const [path, query] of [
    ["/events", {}],
    ["/events/plain", {}],
    ["/quarantine", {}],
    ["/identity", { identifier: EMAIL }],
  ] as const) {
    const { body } = await world.get(path, { ...query, personal: true });
    expect(leaks(body)).not.toEqual([]);
  }
});

test("submitting again shows nobody, and neither log nor audit name anybody whatever is asked for", async () => {
  const world = await plantedWorld();
  for (const dry_run of [true, false]) {
    const { status, body } = await world.post("/quarantine/resubmit", { dry_run });
    expect(status).toBe(200);
    expect(body.still_refused.length).toBeGreaterThan(0);
    expect(leaks(body)).toEqual([]);
  }
  for (const [path, query] of REQUESTS) {
    const isListed = !["/failures", "/findings"].includes(path);
    if (isListed) expect((await world.get(path, { ...query, personal: true })).status).toBe(200);
  }
  await world.post("/quarantine/resubmit", { event_ids: [EMAIL] });
  expect(leaks(await world.ops.audit.read(1, 100))).toEqual([]);
  expect(leaks(world.ops.lines)).toEqual([]);
  expect(leaks(world.log.lines)).toEqual([]);
});
