/** Texts of a new destination's files. What its author has to find out is marked TODO, which a test looks for. */

import { DAY_MS } from "../src/core/durations.ts";

/** How a destination is called in the different places. */
export interface DestinationNames {
  /** File name and type of lanes, as in `google-ads`. */
  readonly id: string;
  /** Export, as in `googleAds`. */
  readonly camel: string;
  /** For people, as in `Google Ads`. */
  readonly title: string;
}

/** The declaration: it compiles, and delivers nothing until its tables are filled in. */
export function declarationText({ id, camel, title }: DestinationNames): string {
  const type = `${title.replaceAll(" ", "")}Settings`;
  return `import { type Destination, defineDestination } from "../core/destination.ts";
import { DAY_MS } from "../core/durations.ts";
import { statusOutcome } from "../core/platform-answer.ts";
import { settingsFrom, text } from "../core/settings-schema.ts";
import { sharedSkipReason } from "../core/skip-checks.ts";

/** TODO: one sentence for each setting, and the setting's own rule below. */
interface ${type} {
  accountId: string;
}

/** TODO: what this platform is, and where it documents its API. */
export const ${camel}: Destination<${type}> = defineDestination({
  id: "${id}",
  name: "${title}",
  settings: settingsFrom<${type}>({
    accountId: text("must be the account's id", (accountId) => accountId !== ""),
  }),
  catalogue: {
    status: "beta",
    dedup: "TODO",
    maxAge: "TODO",
    // TODO: what the platform documents for the deletion of one person; undocumented when nothing is found.
    deletion: { by: "undocumented", how: "TODO", identifiers: [], docs: "TODO" },
    consentRule: { because: "TODO." },
    docs: "TODO",
  },
  credentials: ["accessToken"],
  // TODO: each with its source.
  limits: {
    batchSize: 1,
    bodyBytes: 256_000,
    maxAgeMs: () => 7 * DAY_MS,
    timeoutMs: 10_000,
    batchFailure: "per_event",
  },
  // Without a field for refusals all three; with one, see whenDenied and takesPartial.
  consent: ["ad_storage", "ad_user_data", "ad_personalization"],
  // TODO: canonical name to the platform's; what is missing here is skipped.
  eventNames: {},
  // TODO: weights of the identifiers that the platform matches on, with the source.
  matchKeys: {},
  dedupsByEventId: false,
  needsRawContact: () => false,

  credentialProblem: ({ accessToken = "" }) => (accessToken.trim() === "" ? "accessToken is empty" : undefined),

  // TODO: what the request below really carries.
  identifiers: () => new Set(),

  skipReason: (event, context) => sharedSkipReason(event, ${camel}, context),

  // TODO: the platform's request. Wire names appear here and in classify, nowhere else.
  buildRequest(events, { credentials }) {
    return {
      method: "POST",
      url: "https://TODO.invalid/",
      headers: {
        "content-type": "application/json",
        authorization: \`Bearer \${credentials.accessToken ?? "{accessToken}"}\`,
      },
      body: JSON.stringify({ events: events.map(({ event_id }) => ({ event_id })) }),
    };
  },

  // TODO: what confirms a delivery. Until then nothing does: a success that nothing confirms is asked again.
  classify(response, events) {
    const outcome = statusOutcome(response);
    return events.map(() => outcome);
  },
});
`;
}

/** The entry of its deliver λ. */
export function entryText({ id, camel }: DestinationNames): string {
  return `import { createDeliverHandler } from "../../src/adapters/lambda-deliver.ts";
import { ${camel} } from "../../src/destinations/${id}.ts";

export const handler = createDeliverHandler(${camel});
`;
}

/** Its stand-in in the sandbox: it takes nothing until it judges. */
export function platformText({ id, camel, title }: DestinationNames): string {
  return `import { type Judgement, jsonAnswer, type PlatformRequest, type SandboxPlatform } from "../model.ts";

/** TODO: what ${title} checks and answers, from its documentation and not from our builder: each checks the other. */
export const ${camel}: SandboxPlatform = {
  id: "${id}",
  hosts: ["TODO.invalid"],
  dedupWindowMs: 0,
  judge: judge${camel.charAt(0).toUpperCase()}${camel.slice(1)},
  failure: (status) => jsonAnswer(status, { error: "scripted failure" }),
};

function judge${camel.charAt(0).toUpperCase()}${camel.slice(1)}({ host }: PlatformRequest): Judgement {
  return { platform: "${id}", target: host, answer: jsonAnswer(501, { error: "TODO" }), events: [] };
}
`;
}

/** Its page. */
export function pageText({ id, title }: DestinationNames): string {
  return `# \`${id}\`: ${title}

| Setting | Default | Means |
|---|---|---|
| \`accountId\` | required | TODO |

Credentials: \`accessToken\`. Consent: \`ad_storage\`, \`ad_user_data\`.

| Event | Sent as | Event | Sent as |
|---|---|---|---|
| TODO | TODO | TODO | TODO |

- **Person**: TODO
- **Event**: TODO

| Skipped as \`incomplete\` | When |
|---|---|
| TODO | TODO |

Limits: TODO.

Answers: TODO: which answer is a delivery, and what each code of the platform comes to.

Not there yet: TODO.
`;
}

type Fields = Readonly<Record<string, unknown>>;

const NOW = 1_795_185_142_512;
const EVENT_TIME = NOW - 60_000;
const USER = {
  user_id: "cust_789",
  email: "Jane.Doe@example.com",
  phone: "+49 151 12345678",
  first_name: "Jane",
  last_name: "Doe",
  city: "Berlin",
  postal_code: "10115",
  country: "DE",
  ip: "203.0.113.9",
  user_agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36",
};
const ITEM = { id: "sku-1", name: "Blue mug", category: "Kitchen", price: "49.95", quantity: 3 };

/** What of the sample purchase differs in each case that every destination must have. */
const CASES: Readonly<Record<string, { readonly about: string; readonly event: Fields }>> = {
  "add-to-cart": { about: "an item is put into the cart", event: { event_name: "add_to_cart", order_id: undefined } },
  answers: { about: "what each answer of the platform comes to", event: {} },
  "consent-refused": {
    about: "without consent nothing is sent",
    event: { consent: { ad_storage: "granted", ad_user_data: "denied", ad_personalization: "denied" } },
  },
  "custom-event": {
    about: "an event of the sender's own",
    event: { event_name: "custom", custom_name: "quote_requested", order_id: undefined, items: undefined },
  },
  lead: { about: "a lead", event: { event_name: "lead", order_id: undefined, items: undefined, lead_id: "L-1" } },
  "minimal-identity": { about: "one identifier is enough", event: { user: { email: "jane@example.com" } } },
  "non-ascii": {
    about: "names and places in other scripts",
    event: { user: { ...USER, first_name: "Zoë", last_name: "Müller-Çelik", city: "São Paulo" } },
  },
  "pre-hashed": {
    about: "digests that the sender made pass as they are",
    event: { user: { email_sha256: "a".repeat(64), phone_sha256: "b".repeat(64), user_agent: USER.user_agent } },
  },
  "purchase-full": { about: "a purchase with everything that is known of it", event: {} },
  refund: { about: "a refund of the whole order", event: { event_name: "refund" } },
  "several-items": { about: "two products", event: { items: [ITEM, { id: "sku-2", price: "5", quantity: 1 }] } },
  "sign-up": {
    about: "a registration",
    event: { event_name: "sign_up", order_id: undefined, items: undefined, value: undefined, currency: undefined },
  },
  "too-old": { about: "older than the platform takes", event: { event_time: NOW - 4000 * DAY_MS } },
  "zero-value": { about: "a purchase that cost nothing", event: { value: "0" } },
};

/** Cases of which nothing is sent. */
const SKIPPED: Readonly<Record<string, string>> = { "consent-refused": "consent", "too-old": "too_old" };

/** Required golden cases by name: the events are there, what becomes of them is not, so that every one fails. */
export function goldenTexts(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(CASES).map(([name, { about, event }]) => {
      const code = SKIPPED[name];
      const expected =
        code !== undefined
          ? { skip: { code, detail: "TODO" } }
          : { request: { method: "POST", url: "TODO", headers: {}, body: "TODO" }, identifiers: ["TODO"] };
      const golden = {
        about,
        settings: { accountId: "TODO" },
        context: { credentials: { accessToken: "test-token" }, now: NOW },
        events: [{ ...purchase(name), ...event }],
        ...expected,
        ...(name === "answers" ? { responses: [{ about: "TODO", status: 200, body: "TODO", outcome: "TODO" }] } : {}),
      };
      return [name, `${JSON.stringify(golden, null, 2)}\n`];
    }),
  );
}

function purchase(name: string): Fields {
  return {
    schema_version: 1,
    event_id: `${name}-1`,
    event_id_origin: "given",
    event_name: "purchase",
    event_time: EVENT_TIME,
    received_at: EVENT_TIME + 400,
    source: { id: "shop-server", kind: "server", dialect: "tracklayer", dedup_scope: "shop" },
    action_source: "website",
    page: { url: "https://shop.example.com/thanks" },
    user: USER,
    consent: {
      ad_storage: "granted",
      ad_user_data: "granted",
      ad_personalization: "granted",
      analytics_storage: "granted",
    },
    order_id: "100017",
    value: "149.85",
    currency: "EUR",
    items: [ITEM],
  };
}

/** Export of its explanations, as in `GOOGLE_ADS`. */
export function explanationsName({ id }: DestinationNames): string {
  return id.replaceAll("-", "_").toUpperCase();
}

/** Explanations of its failures: none yet, and a test names each golden answer that lacks one. */
export function explanationsText(names: DestinationNames): string {
  return `import type { DestinationExplanations } from "./entry.ts";

/** TODO: known answers of ${names.title}, the most special first: what each means, and what to do. */
export const ${explanationsName(names)}: DestinationExplanations = {
  docs: "https://TODO.invalid/",
  entries: [],
};
`;
}
