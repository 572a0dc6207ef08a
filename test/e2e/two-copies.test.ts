import { sha256Hex } from "../../src/core/hashing.ts";
import { SHOP_VISITOR } from "../support/app-calls.ts";
import { E2E_TEST_MS, eventually, type RunningApp, startApp } from "../support/running-app.ts";
import { type SandboxControl, sandboxControl } from "../support/sandbox-control.ts";

import.meta.jest.setTimeout(E2E_TEST_MS);

let app: RunningApp;
let sandbox: SandboxControl;

function allOf(value: "granted" | "denied") {
  return { ad_storage: value, ad_user_data: value, ad_personalization: value, analytics_storage: value };
}

/** A person's of their own: the graph learns from two copies whose device it was, and would fill in what others left. */
function identifiersOf(id: string) {
  const n = id.length;
  return { phone: `+1650555${1200 + n}`, fbp: `fb.1.1700000000000.${n}`, fbc: `fb.1.1790000000000.IwAR0Click${n}` };
}

/** What a tag knows. Nothing in it leads the identity graph to the person whom the server knows. */
function byTag(id: string, changes: object = {}): Promise<void> {
  const { fbc, fbp } = identifiersOf(id);
  const event = {
    event_id: id,
    event_name: "purchase",
    value: "140",
    currency: "EUR",
    page: { url: `https://shop.example.com/thanks?order=${id}` },
    user: { country: "US" },
    browser_ids: { fbp, fbc },
    ...changes,
  };
  return app.send(event, SHOP_VISITOR);
}

const emailOf = (id: string) => `${id}@example.com`;

/** What a back end knows. */
function byServer(id: string, changes: object = {}): Promise<void> {
  const event = {
    event_id: id,
    event_name: "purchase",
    value: "149.85",
    currency: "EUR",
    user: { email: emailOf(id), phone: identifiersOf(id).phone, country: "US" },
    ...changes,
  };
  return app.send(event);
}

interface MetaEvent {
  readonly action_source: string;
  readonly event_source_url?: string;
  readonly custom_data: { readonly value: number };
  readonly user_data: Readonly<Record<string, unknown>>;
}

async function atMeta(id: string): Promise<MetaEvent> {
  const { event } = await sandbox.arrived("meta", id);
  return event as MetaEvent;
}

/** Meta's part of the story once it has an end. */
async function ended(id: string) {
  return eventually(`an end of ${id}`, async () => {
    const told = (await app.story(id))?.deliveries.find(({ lane }) => lane === "meta");
    return told?.state === "pending" ? undefined : told;
  });
}

beforeAll(async () => {
  app = await startApp({ config: "test/support/merge.config.ts" });
  sandbox = sandboxControl(app.sandboxUrl);
});

afterAll(async () => {
  await app.stop();
});

const WHOLE = (id: string, { fbc, fbp, phone } = identifiersOf(id)) => ({
  action_source: "website",
  event_source_url: `https://shop.example.com/thanks?order=${id}`,
  custom_data: { value: 149.85 },
  user_data: {
    em: [sha256Hex(`${id}@example.com`)],
    ph: [sha256Hex(phone.slice(1))],
    fbp,
    fbc,
    client_ip_address: "198.51.100.20",
    client_user_agent: SHOP_VISITOR.headers["user-agent"],
  },
});

test.each([
  ["tag-first", byTag, byServer],
  ["server-first", byServer, byTag],
])("%s: one request has the cookies, the contact and the true value", async (id, first, second) => {
  await first(id);
  await eventually(`the claim of ${id}`, async () => (await app.story(id))?.story);
  await second(id);
  expect(await atMeta(id)).toMatchObject(WHOLE(id));
  await ended(id);
  const told = await app.story(id);
  const [other] = told?.later_copies ?? [];
  const delivered = told?.deliveries.find(({ lane }) => lane === "meta");
  expect(delivered?.merged).toEqual([other?.source.id]);
  // What the report of each copy says it lacks, the other one brought.
  const alone = delivered?.decision?.quality?.score ?? 10;
  const both = other?.qualities.find(({ lane }) => lane === "meta")?.quality.score ?? 0;
  expect(both).toBeGreaterThan(alone);
  expect(other?.adds).toEqual(
    expect.arrayContaining(id === "tag-first" ? ["email", "phone"] : ["ip", "user_agent", "fbp", "fbc"]),
  );
});

test("in Europe a server that knows of no consent does not lose what the banner allowed a moment later", async () => {
  const user = { email: "granted@example.com", country: "DE" };
  await byServer("granted-later", { user });
  await eventually("the claim", async () => (await app.story("granted-later"))?.story);
  await byTag("granted-later", { user: { country: "DE" }, consent: allOf("granted") });
  const { user_data } = await atMeta("granted-later");
  expect(user_data).toMatchObject({ em: [sha256Hex("granted@example.com")], client_ip_address: "198.51.100.20" });
});

test("and nobody's answer, or a refusal in the other copy, keeps it away", async () => {
  await byServer("unanswered", { user: { email: "silent@example.com", country: "DE" } });
  await byServer("refused", { user: { email: "refuses@example.com", country: "US" } });
  await eventually("the claim", async () => (await app.story("refused"))?.story);
  await byTag("refused", { consent: allOf("denied") });
  const [unanswered, refused] = [await ended("unanswered"), await ended("refused")];
  expect(unanswered).toMatchObject({ state: "skipped", skip: { code: "consent" } });
  expect(unanswered?.skip?.detail).toContain("not answered in any copy");
  expect(refused).toMatchObject({ state: "skipped", skip: { code: "consent" } });
  expect(refused?.skip?.detail).toContain("denied by another copy");
  expect(await sandbox.received({ platform: "meta", event_id: "refused" })).toEqual([]);
});

test("without a second copy it goes alone, and what comes too late is told of and sent nowhere", async () => {
  await byTag("alone");
  const { user_data } = await atMeta("alone");
  expect(user_data).not.toHaveProperty("em");
  // It arrived, so that its wait is over.
  await byServer("alone");
  const late = await eventually("the late copy", async () => (await app.story("alone"))?.later_copies?.[0]);
  expect(late).toMatchObject({ late: true, adds: expect.arrayContaining(["email", "phone"]) });
  await atMeta("alone");
});

test("whose browser and whose click it was is known from then on, though neither copy says both", async () => {
  const id = "guest-who-never-logs-in";
  const { fbp, fbc } = identifiersOf(id);
  await byTag(id);
  await eventually("the claim", async () => (await app.story(id))?.story);
  await byServer(id);
  const buyer = { em: [sha256Hex(emailOf(id))] };
  expect(await atMeta(id)).toMatchObject({ user_data: buyer });
  // The tag's next page, and what a CRM makes of the visit later.
  await byTag("next page", { event_name: "page_view", browser_ids: { fbp } });
  const fbclid = fbc.split(".")[3];
  await byServer("contract", { event_name: "subscribe", user: { country: "US" }, click_ids: { fbclid } });
  expect(await atMeta("next page")).toMatchObject({ user_data: { ...buyer, fbp } });
  expect(await atMeta("contract")).toMatchObject({ user_data: { ...buyer, fbp } });
  expect((await app.story("contract"))?.story?.identity.found_by).toBe("click");
});
