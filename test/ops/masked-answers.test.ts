import { lookupWorld, serverPurchase } from "../support/lookup-world.ts";
import { OPS_NOW } from "../support/ops-world.ts";

const EMAIL = "canary.person@plumage-mail.example";
const PHONE = "+4915199887766";
const NAME = "Tweetylina Featherstone";
const CANARIES = [EMAIL, encodeURIComponent(EMAIL), "plumage", PHONE, PHONE.slice(1), "99887766", NAME, "Featherstone"];

/** A world in which every place that a sender or a platform can write to holds somebody's address, number and name. */
async function plantedWorld() {
  const world = await lookupWorld();
  const [first_name, last_name] = NAME.split(" ");
  const user = { email: EMAIL, phone: PHONE, first_name, last_name, user_id: EMAIL, anonymous_id: PHONE };
  const properties = { note: `${NAME} <${EMAIL}> ${PHONE}` };
  const page = { url: `https://shop.example.com/?mail=${encodeURIComponent(EMAIL)}` };
  const whole = { user, properties, page };
  await world.send({
    events: [
      serverPurchase(`order of ${EMAIL}`, { ...whole, order_id: EMAIL }),
      serverPurchase("plain", whole),
      { event_name: `call ${PHONE}`, event_id: `call-${PHONE}`, ...whole },
      serverPurchase(`refused ${EMAIL}`, { ...whole, value: NAME }),
      { ...whole, event_name: { of: EMAIL }, event_id: PHONE },
      { ...whole, event_name: "lead", event_id: "keys", user: { ...user, [EMAIL]: NAME, email: { [EMAIL]: PHONE } } },
    ],
  });
  for (const id of [`order of ${EMAIL}`, "plain"]) {
    const reason = `no consent of ${EMAIL}, ${PHONE}`;
    const attempts = [{ at: OPS_NOW, status: 400, outcome: "rejected" as const, reason, batch: 1, took_ms: 5 }];
    await world.receipt(id, "meta", { state: "rejected", reason, attempts, attempt_count: 1 });
  }
  const control = { version: 1, since: 1, failed_probes: 0, state: "paused" as const, by: "key:abc" };
  await world.controls.save({ ...control, lane: "webhook", reason: `asked by ${EMAIL}` });
  return world;
}

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

function leaks(answer: unknown): string[] {
  const text = JSON.stringify(answer);
  return CANARIES.filter((canary) => text.includes(canary));
}

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
