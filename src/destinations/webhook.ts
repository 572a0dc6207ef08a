import {
  type DeliveryContext,
  type Destination,
  defineDestination,
  type Identifier,
  OWN_NAME,
  wireName,
} from "../core/destination.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { ruleFor } from "../core/event-rules.ts";
import { hashVariant } from "../core/hashing.ts";
import { sharedSkipReason } from "../core/skip-checks.ts";
import { readAnswer } from "./webhook/answer.ts";
import { payloadData } from "./webhook/payload.ts";
import { type WebhookSettings, webhookSettings } from "./webhook/settings.ts";
import { messageId, signatureHeader, signingKey } from "./webhook/signature.ts";

type Context = DeliveryContext<WebhookSettings>;

/** Signed webhooks to an endpoint of the user's own, by Standard Webhooks 1.0.0. https://www.standardwebhooks.com */
export const webhook: Destination<WebhookSettings> = defineDestination({
  id: "webhook",
  name: "Webhook",
  settings: webhookSettings,
  catalogue: {
    status: "stable",
    dedup: "`webhook-id`, by the receiver",
    maxAge: "none",
    consentFields: "`data.consent`",
    deletion: {
      by: "nothing",
      how: "The receiver is your own: delete the person there by what you keep people by.",
      identifiers: [],
      docs: "https://www.standardwebhooks.com",
    },
    consentRule: { because: "The receiver is the sender's own system, which is told what was answered." },
    docs: "https://www.standardwebhooks.com",
  },
  // Beside it, `previousSecret` while the secret is rotated, and `authorization` for a secret header of that name.
  credentials: ["secret"],
  limits: {
    batchSize: 1,
    bodyBytes: 256_000,
    // A receiver of one's own takes any age: what ends the attempts is the lane's retry window.
    maxAgeMs: () => Number.POSITIVE_INFINITY,
    timeoutMs: 15_000,
    batchFailure: "per_event",
  },
  consent: [],
  takesPartial: ["limited", "without_identifiers"],
  // Event types are dotted, object before action.
  eventNames: {
    page_view: "page.viewed",
    view_item: "product.viewed",
    view_item_list: "product_list.viewed",
    search: "search.performed",
    add_to_cart: "cart.item_added",
    remove_from_cart: "cart.item_removed",
    view_cart: "cart.viewed",
    add_to_wishlist: "wishlist.item_added",
    begin_checkout: "checkout.started",
    add_shipping_info: "checkout.shipping_info_added",
    add_payment_info: "checkout.payment_info_added",
    purchase: "order.completed",
    refund: "order.refunded",
    lead: "lead.created",
    sign_up: "user.signed_up",
    login: "user.logged_in",
    subscribe: "subscription.started",
    start_trial: "trial.started",
    contact: "contact.requested",
    schedule: "appointment.scheduled",
    submit_application: "application.submitted",
    custom: OWN_NAME,
  },
  matchKeys: {},
  // The receiver's part of Standard Webhooks: drop a webhook-id that it has seen.
  dedupsByEventId: true,
  firstParty: true,
  needsRawContact: ({ personalData }) => personalData === "raw",

  credentialProblem({ secret = "", previousSecret, authorization = "" }) {
    if (signingKey(secret) === undefined) return "secret must be whsec_ and base64 of at least 24 bytes";
    if (previousSecret !== undefined && signingKey(previousSecret) === undefined) {
      return "previousSecret must be whsec_ and base64 of at least 24 bytes";
    }
    return /^[\x20-\x7e]*$/.test(authorization) ? undefined : "authorization must be visible ASCII on one line";
  },

  identifiers,

  skipReason: (event, context) => sharedSkipReason(event, webhook, context),

  buildRequest(events, context) {
    const [event] = events;
    if (event === undefined || events.length > 1) throw new RangeError("a webhook carries exactly one event");
    const id = messageId(event, context.lane);
    const timestampSeconds = Math.floor(context.now / 1000);
    const body = JSON.stringify({
      type: eventType(event, context),
      timestamp: new Date(event.event_time).toISOString(),
      data: payloadData(event, context.settings.personalData),
    });
    const { authorization } = context.credentials;
    return {
      method: "POST",
      url: context.settings.url,
      headers: {
        ...context.settings.headers,
        ...(authorization ? { authorization } : {}),
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": String(timestampSeconds),
        "webhook-signature": signatureHeader({ id, timestampSeconds, body }, keys(context)),
      },
      body,
    };
  },

  classify(response, events) {
    const outcome = readAnswer(response);
    return events.map(() => outcome);
  },
});

/** Types hold letters, digits, underscores and dots only; the sender's own spelling is in `data.custom_name`. */
function eventType(event: CanonicalEvent, context: Context): string {
  const name = wireName(event, webhook, context) ?? event.event_name;
  if (event.event_name !== "custom" || ruleFor(event, context)?.name !== undefined) return name;
  const own = name
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, "_");
  return `custom.${own.replace(/^_+|_+$/g, "") || "event"}`;
}

// A preview runs without the secret and shows no signature. A secret that is there but unusable is never replaced by
// a weaker one.
function keys({ credentials }: Context): Uint8Array[] {
  return [credentials.secret, credentials.previousSecret]
    .filter((secret) => secret !== undefined)
    .map((secret) => {
      const key = signingKey(secret);
      if (key === undefined) throw new RangeError("the signing secret is not whsec_ and base64 of at least 24 bytes");
      return key;
    });
}

function identifiers(event: CanonicalEvent, { settings }: Context): ReadonlySet<Identifier> {
  if (settings.personalData === "none") return new Set();
  const { user, known, browser_ids, click_ids } = event;
  const isRaw = settings.personalData === "raw";
  const sent: Record<Identifier, unknown> = {
    email: hashVariant(event, "email_plain") ?? (isRaw && user.email),
    phone: hashVariant(event, "phone_e164") ?? (isRaw && user.phone),
    external_id: user.user_id ?? user.anonymous_id ?? known?.user_id ?? known?.anonymous_id,
    click_id: Object.keys({ ...known?.click_ids, ...click_ids }).length > 0,
    browser_id: Object.keys({ ...known?.browser_ids, ...browser_ids }).length > 0,
    ip_and_user_agent: isRaw && user.ip && user.user_agent,
    name: isRaw && (user.first_name || user.last_name),
    address: isRaw && (user.street || user.city || user.postal_code),
    date_of_birth: isRaw && user.date_of_birth,
    gender: isRaw && user.gender,
  };
  return new Set((Object.keys(sent) as Identifier[]).filter((identifier) => Boolean(sent[identifier])));
}
