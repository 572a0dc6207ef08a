import { lookupWorld, serverPurchase } from "./lookup-world.ts";
import { OPS_NOW } from "./ops-world.ts";

export const EMAIL = "canary.person@plumage-mail.example";
export const PHONE = "+4915199887766";
export const NAME = "Tweetylina Featherstone";
const CANARIES = [
  ...[EMAIL, encodeURIComponent(EMAIL), "plumage", PHONE, PHONE.slice(1), "99887766"],
  ...[NAME, "Tweetylina", "Featherstone"],
];

/** Which of the planted words an answer, a log line or an entry tells. */
export function leaks(answer: unknown): string[] {
  const text = JSON.stringify(answer);
  return CANARIES.filter((canary) => text.includes(canary));
}

/** A world in which every place that a sender or a platform can write to holds somebody's address, number and name. */
export async function plantedWorld() {
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
  const scores = [{ event: `sold to ${EMAIL}`, coverage: { email: 1 } }];
  const last = { read_at: OPS_NOW, about: "a score", scores };
  await world.readBacks.save({ lane: "meta", tried_at: OPS_NOW, next_at: OPS_NOW, problem: `of ${EMAIL}`, last });
  return world;
}
