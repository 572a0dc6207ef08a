import { DENIED, GRANTED } from "../support/consent-answers.ts";
import { SAMPLES } from "../support/destination-samples.ts";
import { purchaseInput } from "../support/purchase-input.ts";
import { E2E_TEST_MS, eventually, type RunningApp, startApp } from "../support/running-app.ts";
import { type SandboxControl, sandboxControl } from "../support/sandbox-control.ts";

// Most of it is waiting for a whole pipeline, on machines of any speed.
import.meta.jest.setTimeout(E2E_TEST_MS);

// Every destination of the catalogue at once, from HTTP in to the platform's request out, tokens fetched where there are
// any. What each request holds is the goldens' to say; here nothing may be missing between the parts.

let app: RunningApp;
let sandbox: SandboxControl;
const LANES = Object.keys(SAMPLES);

beforeAll(async () => {
  app = await startApp({ config: "test/support/catalogue.config.ts" });
  sandbox = sandboxControl(app.sandboxUrl);
});

afterAll(async () => {
  await app.stop();
});

const CLICKS = new URLSearchParams({
  fbclid: "IwAR2x_AbC-123dEf",
  gclid: "Cj0KCQjwAbC123",
  ttclid: "E.C.P.AbC123dEf456",
  epik: "dj0yJnU9AbC123",
  ScCid: "b8e1a9f2-AbC-4d3e",
  rdt_cid: "3184742045291813272",
  msclkid: "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
  li_fat_id: "71ed0e38-28e4-4a68-8cc1-cf5ecbaa4f7f",
  twclid: "26l6412g5p4iyj65a2oic2ayg2",
  awc: "1001_1604938381_6a8b5b0c1d2e3f405162738495a6b7c8",
  tblci: `GiD${"AbC123dEf4".repeat(7)}`,
  ob_click_id: "v1-AbC123dEf456",
  oppref: "AbC.123-dEf",
  qclid: "tx4WjFrBNzoQAbC",
  ndclid: "ndAbC123dEf456",
  _kx: "AbC123dEf456.XyZ789",
  aref: "ArefTokenAbC123",
});

/** State by lane once none is on its way any more, or as it is after a minute. */
async function settled(eventId: string): Promise<Record<string, string>> {
  let states: Record<string, string> = {};
  await eventually(`${eventId} at every lane`, async () => {
    const { deliveries = [] } = (await app.story(eventId)) ?? {};
    states = Object.fromEntries(
      deliveries.map(({ lane, state, reason, skip }) => [
        lane,
        state === "delivered" ? state : `${state} ${JSON.stringify({ reason, skip })}`,
      ]),
    );
    const isOpen = ({ state }: { state: string }) => ["pending", "attempting", "retry", "unauthorized"].includes(state);
    return deliveries.length === LANES.length && !deliveries.some(isOpen);
  }).catch(() => undefined);
  return states;
}

const PERSON = {
  email: "Ana.Full+Shop@Gmail.com",
  phone: "+1 650 555 1212",
  user_id: "user-00042",
  anonymous_id: "anonymous-42",
  first_name: "Ana",
  last_name: "O'Connor",
  city: "San Francisco",
  region: "CA",
  postal_code: "94103",
  country: "US",
  ip: "198.51.100.7",
  user_agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36",
};

test("a purchase with everything reaches every platform of the catalogue, and each takes it", async () => {
  await app.send(
    purchaseInput("catalogue-1", {
      user: PERSON,
      page: { url: `https://shop.example.com/thanks?${CLICKS}`, title: "Thank you" },
      currency: "USD",
      items: [{ id: "SKU-1", name: "Blue Mug", category: "Kitchen", brand: "Acme", price: "24.95", quantity: 2 }],
      consent: GRANTED,
    }),
  );
  expect(await settled("catalogue-1")).toEqual(Object.fromEntries(LANES.map((lane) => [lane, "delivered"])));
  for (const platform of LANES) {
    const received = await sandbox.received({ platform });
    expect({ platform, problems: received.flatMap(({ problems }) => problems) }).toEqual({ platform, problems: [] });
    expect({ platform, counted: received.some(({ verdict }) => verdict === "counted") }).toEqual({
      platform,
      counted: true,
    });
  }
});

test("without consent no platform that needs it hears of the purchase", async () => {
  const before = await sandbox.counted();
  await app.send(
    purchaseInput("catalogue-2", { user: { ...PERSON, email: "no@example.org", user_id: "user-no" }, consent: DENIED }),
  );
  const states = await settled("catalogue-2");
  // A webhook is the user's own system, which takes all with what was said of consent.
  const { webhook, ...others } = states;
  expect(webhook).toBe("delivered");
  for (const [lane, state] of Object.entries(others)) expect(`${lane} ${state}`).toMatch(/skipped/);
  const after = await sandbox.counted();
  for (const platform of Object.keys(others))
    expect({ platform, n: after[platform] }).toEqual({ platform, n: before[platform] });
});
