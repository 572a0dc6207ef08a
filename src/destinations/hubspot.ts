import { contactText } from "../core/contact-text.ts";
import { tokenProblem } from "../core/credential-form.ts";
import {
  type DeliveryContext,
  type Destination,
  defineDestination,
  type Identifier,
  OWN_NAME,
  type SkipReason,
  wireName,
} from "../core/destination.ts";
import { emailInClear } from "../core/email-in-clear.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { identifiersWithValue } from "../core/identifiers-with-value.ts";
import { incomplete, sharedSkipReason } from "../core/skip-checks.ts";
import { readAnswer } from "./hubspot/answer.ts";
import { apiVersionEnd, apiVersionWarning } from "./hubspot/api-version.ts";
import { contactInput, contactProperties, contactRows } from "./hubspot/contacts.ts";
import { actor, isEventName, occurrence, qualifiedName } from "./hubspot/occurrences.ts";
import { type HubspotSettings, hubspotSettings } from "./hubspot/settings.ts";

type Context = DeliveryContext<HubspotSettings>;

const HOST = "https://api.hubapi.com";
const NAME_RULE = "must be lower-case letters, digits and underscores, beginning with a letter, at most 50";

/**
 * HubSpot: contacts kept up to date by e-mail, or occurrences of custom events.
 * https://developers.hubspot.com/docs/api-reference/latest/overview
 */
export const hubspot: Destination<HubspotSettings> = defineDestination({
  id: "hubspot",
  name: "HubSpot",
  settings: hubspotSettings,
  catalogue: {
    status: "stable",
    dedup: "contacts: e-mail; events: `uuid` made of the event's key, 1 year",
    maxAge: "none",
    deletion: {
      by: "api",
      how: '`POST /crm/v3/objects/contacts/gdpr-delete` removes the contact for good, with `idProperty: "email"` by e-mail; an address that it does not know is put on a blocklist. Needs `crm.objects.contacts.write`.',
      identifiers: ["contact id", "e-mail"],
      docs: "https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/basic/post-crm-v3-objects-contacts-gdpr-delete",
    },
    consentRule: {
      because:
        "What people did is kept with their contact; whether they may be written to is their subscription there.",
    },
    docs: "https://developers.hubspot.com/docs/api-reference/latest/overview",
  },
  credentials: ["accessToken"],
  limits: {
    // Of contacts. Of events HubSpot would take 500, but a lane has one limit.
    batchSize: 100,
    // Not published; 100 contacts with everything have a tenth of it.
    bodyBytes: 1_000_000,
    // What ends the attempts is the lane's retry window.
    maxAgeMs: () => Number.POSITIVE_INFINITY,
    timeoutMs: 10_000,
    // Events fail together. Contacts may be answered row by row, which HubSpot documents for creating them; of upserts by
    // e-mail it says that they are not partial.
    batchFailure: "whole",
  },
  // What people did is kept with their contact, which is what this purpose is about. Legal basis and subscriptions are
  // HubSpot's own, and events never change them.
  consent: ["analytics_storage"],
  // Each is a contact worth knowing, or an event that somebody has to define in HubSpot first: few by default.
  eventNames: {
    purchase: "purchase",
    lead: "lead",
    sign_up: "sign_up",
    subscribe: "subscribe",
    start_trial: "start_trial",
    contact: "contact",
    schedule: "schedule",
    submit_application: "submit_application",
  },
  eventNameProblem: (name) => (isEventName(name) || name === OWN_NAME ? undefined : NAME_RULE),
  // HubSpot has one key of a contact. Its cookie only leads to contacts that its own tag has met.
  matchKeys: { email: 1 },
  dedupsByEventId: true,
  firstParty: true,
  needsRawContact: () => true,

  credentialProblem: tokenProblem("accessToken"),

  versionEnd: ({ apiVersion }) => apiVersionEnd(apiVersion),
  warnings(settings, now) {
    const warning = apiVersionWarning(settings.apiVersion, now);
    return warning === undefined ? [] : [warning];
  },

  identifiers: (event, { settings }) => (settings.send === "events" ? actorIn(event) : contactIn(event, settings)),

  skipReason(event, context) {
    return sharedSkipReason(event, hubspot, context) ?? nameProblem(event, context) ?? missingPerson(event, context);
  },

  // An event that is not defined in HubSpot fails its request: it shares none with others.
  batchKey: (event, context) => (context.settings.send === "events" ? eventName(event, context) : ""),

  buildRequest(events, context) {
    const { settings, credentials } = context;
    const path =
      settings.send === "events"
        ? `/events/${settings.apiVersion}/send/batch`
        : `/crm/objects/${settings.apiVersion}/contacts/batch/upsert`;
    const inputs =
      settings.send === "events"
        ? events.map((event) => occurrence(event, eventName(event, context), settings, context.now))
        : contactRows(events).map((row) => contactInput(row, settings));
    return {
      method: "POST",
      url: `${HOST}${path}`,
      headers: {
        authorization: `Bearer ${credentials.accessToken ?? "{accessToken}"}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ inputs }),
    };
  },

  classify: (response, events, context) => readAnswer(response, events, context?.settings.send),
});

function eventName(event: CanonicalEvent, context: Context): string {
  return qualifiedName(wireName(event, hubspot, context) ?? "", context.settings);
}

// A custom event under its own name, which senders spell as they like.
function nameProblem(event: CanonicalEvent, context: Context): SkipReason | undefined {
  if (context.settings.send === "contacts" || isEventName(wireName(event, hubspot, context) ?? "")) return undefined;
  return { code: "not_configured", detail: `the name of an event in HubSpot ${NAME_RULE}: give it another` };
}

function missingPerson(event: CanonicalEvent, { settings }: Context): SkipReason | undefined {
  if (settings.send === "contacts") {
    return emailInClear(contactText(event, "email")) === undefined
      ? incomplete("HubSpot finds contacts by e-mail: send user.email; a hash is of no use")
      : undefined;
  }
  return actor(event) === undefined
    ? incomplete("HubSpot needs user.email or the cookie hubspotutk to know whose event it is; a hash is of no use")
    : undefined;
}

function actorIn(event: CanonicalEvent): ReadonlySet<Identifier> {
  const who = actor(event);
  if (who === undefined) return new Set();
  return new Set<Identifier>(["email" in who ? "email" : "browser_id"]);
}

function contactIn(event: CanonicalEvent, settings: HubspotSettings): ReadonlySet<Identifier> {
  const sent = contactProperties(event, settings);
  const found: Partial<Record<Identifier, unknown>> = {
    email: emailInClear(contactText(event, "email")),
    phone: sent.phone,
    name: sent.firstname ?? sent.lastname,
    address: sent.address ?? sent.city ?? sent.state ?? sent.zip ?? sent.country,
  };
  return identifiersWithValue(found);
}
