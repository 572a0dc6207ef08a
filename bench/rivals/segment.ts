import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fullPurchase } from "../mapping-lanes.ts";

// The same purchase through Segment's package, with each action's own default mapping: as it is called
// (`executeAction`: mapping, validation of the payload, `perform`, its request client up to the network), and its
// mapping and `perform` alone, with the request taken and serialised instead of sent.

type Json = Record<string, unknown>;
interface Action {
  fields: Json;
  perform(request: (url: string, options?: { json?: unknown }) => Promise<unknown>, data: Json): Promise<unknown>;
}
interface Definition {
  actions: Record<string, Action>;
  presets?: { name: string; mapping?: Json }[];
}
interface Core {
  Destination: new (definition: Definition) => { executeAction(action: string, input: Json): Promise<unknown> };
  defaultValues(fields: Json): Json;
  transform(mapping: Json, event: Json): Json;
  removeUndefined(payload: Json): Json;
}

interface Rival {
  readonly folder: string;
  readonly action: string;
  readonly preset?: string;
  readonly settings: Json;
  /** Fields that its validation would make lists of. */
  readonly lists?: readonly string[];
  readonly mapping?: Json;
}

const RIVALS: Readonly<Record<string, Rival>> = {
  meta: {
    folder: "facebook-conversions-api",
    action: "purchase",
    mapping: { action_source: "website" },
    settings: { pixelId: "1", token: "t" },
  },
  ga4: {
    folder: "google-analytics-4",
    action: "purchase",
    mapping: { clientId: "1234567890.1700000000" },
    settings: { measurementId: "G-A", apiSecret: "s" },
  },
  tiktok: {
    folder: "tiktok-conversions",
    action: "reportWebEvent",
    preset: "Complete Payment",
    settings: { pixelCode: "c", accessToken: "t" },
    lists: ["phone_number", "email", "external_id"],
  },
  pinterest: {
    folder: "pinterest-conversions",
    action: "reportConversionEvent",
    preset: "Checkout",
    // Its own default maps the e-mail only; these are the paths that its documentation names for the rest.
    mapping: {
      ...Object.fromEntries(
        "app_name app_version app_id device_brand device_model device_carrier device_type os_version"
          .split(" ")
          .map((field) => [field, "x"]),
      ),
      language: "en",
      wifi: true,
      user_data: {
        ...Object.fromEntries(
          Object.entries({
            email: "email",
            phone: "phone",
            first_name: "first_name",
            last_name: "last_name",
            gender: "gender",
            birthday: "birthday",
            city: "address.city",
            state: "address.state",
            zip: "address.postal_code",
            country: "address.country",
          }).map(([field, trait]) => [field, { "@path": `$.context.traits.${trait}` }]),
        ),
        external_id: { "@path": "$.userId" },
        client_ip_address: { "@path": "$.context.ip" },
        client_user_agent: { "@path": "$.context.userAgent" },
      },
    },
    settings: { ad_account_id: "1", conversion_token: "t" },
    lists: [
      "user_data.email",
      "user_data.phone",
      "user_data.external_id",
      "user_data.gender",
      "user_data.last_name",
      "user_data.first_name",
      "user_data.city",
      "user_data.state",
      "user_data.zip",
      "user_data.country",
    ],
  },
  snapchat: {
    folder: "snap-conversions-api",
    action: "reportConversionEvent",
    preset: "Purchase",
    settings: { pixel_id: "p" },
    lists: ["user_data.externalId"],
  },
  linkedin: {
    folder: "linkedin-conversions",
    action: "streamConversion",
    mapping: { email: { "@path": "$.properties.email" } },
    settings: {},
  },
  reddit: {
    folder: "reddit-conversions-api",
    action: "standardEvent",
    preset: "Purchase",
    settings: { ad_account_id: "a", conversion_token: "t" },
  },
};

/** Two ways to turn one full purchase into a platform's body with Segment's code. */
export interface SegmentMappers {
  readonly whole: () => Promise<string>;
  readonly performOnly: () => Promise<string>;
}

/** Per platform, Segment's code with the network taken away. */
export async function segmentMappers(): Promise<Record<string, SegmentMappers>> {
  const require = createRequire(import.meta.url);
  const core = require("@segment/actions-core") as Core;
  const network = require(join(dirname(require.resolve("@segment/actions-core")), "fetch.js")) as { default: unknown };
  const sent: { body: string } = { body: "" };
  network.default = async (request: { text(): Promise<string> }) => {
    sent.body = await request.text();
    return new Response("{}", { status: 200, headers: { "content-type": "application/json" } });
  };
  const mappers = Object.entries(RIVALS).map(([id, rival]) => {
    const folder = `@segment/action-destinations/dist/destinations/${rival.folder}`;
    const { default: definition } = require(folder) as { default: Definition };
    return [id, mappersOf(rival, definition, core, sent)] as const;
  });
  return Object.fromEntries(mappers);
}

function mappersOf(rival: Rival, definition: Definition, core: Core, sent: { body: string }): SegmentMappers {
  const action = definition.actions[rival.action];
  if (action === undefined) throw new Error(`${rival.folder} has no action ${rival.action}`);
  const preset = definition.presets?.find(({ name }) => name === rival.preset);
  const mapping = { ...core.defaultValues(action.fields), ...preset?.mapping, ...rival.mapping };
  const event = segmentEvent();
  const destination = new core.Destination(definition);
  const common = {
    settings: rival.settings,
    auth: { accessToken: "t" },
    features: {},
    syncMode: "add",
    hookOutputs: { onMappingSave: { outputs: { id: "789123", name: "rule", conversionType: "PURCHASE" } } },
  };
  const request = async (_url: string, options?: { json?: unknown }) => {
    sent.body = JSON.stringify(options?.json);
    return { status: 200, data: {}, content: "", headers: new Map() };
  };
  const taken = (): string => {
    const { body } = sent;
    if (body === "") throw new Error(`${rival.folder} made no request`);
    sent.body = "";
    return body;
  };
  return {
    async whole() {
      await destination.executeAction(rival.action, {
        event,
        mapping: { ...mapping, ...common.hookOutputs },
        ...common,
      });
      return taken();
    },
    async performOnly() {
      const payload = core.removeUndefined(core.transform(mapping, event));
      for (const path of rival.lists ?? []) makeList(payload, path.split("."));
      await action.perform(request, { payload, rawData: event, ...common });
      return taken();
    },
  };
}

function makeList(payload: Json, [first = "", ...rest]: readonly string[]): void {
  const value = payload[first];
  if (value === undefined || value === null) return;
  if (rest.length > 0) makeList(value as Json, rest);
  else if (!Array.isArray(value)) payload[first] = [value];
}

/** The benchmark's purchase as a Segment track call. */
function segmentEvent(): Json {
  const { user, page, order_id, value, currency, items, event_time, event_id } = fullPurchase(Date.now());
  const contact = { email: user.email, phone: user.phone, first_name: user.first_name, last_name: user.last_name };
  const address = { city: user.city, state: user.region, postal_code: user.postal_code, country: user.country };
  return {
    type: "track",
    event: "Order Completed",
    messageId: event_id,
    userId: user.user_id,
    anonymousId: "anonymous-1",
    timestamp: new Date(event_time).toISOString(),
    context: {
      ip: user.ip,
      userAgent: user.user_agent,
      page: { url: page?.url, referrer: page?.referrer, title: page?.title },
      traits: { ...contact, birthday: user.date_of_birth, gender: user.gender, address },
      integrations: { "LinkedIn Conversions API": { linkedIn_UUID: "71ed0e38-28e4-4a68-8cc1-cf5ecbaa4f7f" } },
    },
    properties: {
      ...contact,
      order_id,
      currency,
      value: Number(value),
      total: Number(value),
      revenue: Number(value),
      fbc: "fb.1.1787234100000.IwAR2x_AbC-123dEf",
      fbp: "fb.1.1786000000000.1098115397",
      ttclid: "E.C.P.AbC123dEf456",
      products: items?.map((item) => ({
        product_id: item.id,
        name: item.name,
        category: item.category,
        brand: item.brand,
        price: Number(item.price),
        quantity: item.quantity,
      })),
    },
  };
}
