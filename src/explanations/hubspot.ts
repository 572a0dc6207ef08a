import type { DestinationExplanations } from "./entry.ts";
import { newCredential, PASSES, PASSES_OR_STATUS_PAGE, setting } from "./remedies.ts";

const KEY = "HubSpot → Development → Keys → Service keys (or your private app)";

/** Known categories of HubSpot's errors. */
export const HUBSPOT: DestinationExplanations = {
  docs: "https://developers.hubspot.com/docs/api-reference/error-handling",
  entries: [
    {
      of: "unauthorized",
      when: /\bMISSING_SCOPES\b/,
      shown: "MISSING_SCOPES",
      means: "The token lacks the right to write what the lane sends.",
      todo: `Give it \`crm.objects.contacts.write\` for contacts or \`behavioral_events.send.write\` for events: ${KEY} → Scopes. Then put the token into the secret of \`<lane>\` again if it has changed.`,
    },
    {
      of: "unauthorized",
      when: /\bBANNED\b/,
      shown: "BANNED",
      means: "HubSpot has blocked the account or the app.",
      todo: "Ask HubSpot's support why, and have it lifted.",
    },
    {
      of: "unauthorized",
      when: /^HTTP 40[13]\b|_AUTHENTICATION\b/,
      shown: "401, INVALID_AUTHENTICATION, EXPIRED_AUTHENTICATION",
      means: "HubSpot does not take the token: it is wrong, expired or was replaced by another.",
      todo: newCredential(`Copy the token once more, or rotate it: ${KEY}.`),
    },
    {
      of: "unauthorized",
      when: /^HTTP 4(?:04|10)\b/,
      shown: "404, 410, apiVersion",
      means: "HubSpot no longer serves the version of its API that the lane speaks.",
      todo: setting("set `apiVersion` to a newer one, or take it out to get the newest that we know"),
    },
    {
      of: "retry",
      when: /^make the property in HubSpot/,
      shown: "make the property in HubSpot: PROPERTY_DOESNT_EXIST",
      means: "A property that `properties` of the lane name was never made in HubSpot.",
      todo: "Make it (HubSpot → Settings → Data management → Properties; for events: the custom event → Properties), or correct its internal name in `properties` and deploy.",
    },
    {
      of: "retry",
      when: /^take the property out/,
      shown: "take the property out of settings.properties: READ_ONLY_VALUE",
      means: "HubSpot fills a property that `properties` of the lane name by itself, and lets nobody else.",
      todo: "Take it out of `properties`, or name one of your own there, and deploy.",
    },
    {
      of: "retry",
      when: /^make the event in HubSpot/,
      shown: "make the event in HubSpot",
      means: "The custom event that `events` of the lane names was never made in HubSpot.",
      todo: "Make it (HubSpot → Data management → Custom events), or correct its internal name in `events` and deploy.",
    },
    {
      of: "retry",
      when: /\bDAILY\b/,
      shown: "429, DAILY",
      means: "The account has used up the requests of its plan for today, with all apps together.",
      todo: "Nothing: it is sent again after midnight in the account's time zone. When it keeps happening, turn off events in `events` of the lane, or ask HubSpot for a higher limit.",
    },
    {
      of: "retry",
      when: /^HTTP 429\b/,
      shown: "429, SECONDLY, TEN_SECONDLY_ROLLING",
      means: "The lane sends faster than HubSpot takes just now.",
      todo: "Nothing: it is sent again after some seconds. When the backlog keeps growing, lower the lane's `maxConcurrency`.",
    },
    {
      of: "retry",
      when: /\bCONFLICT\b/,
      shown: "409, CONFLICT",
      means: "Somebody else wrote to the same contact at the same moment.",
      todo: PASSES,
    },
    {
      of: "retry",
      when: /^HTTP 423\b|\bLOCKED\b/,
      shown: "423, LOCKED",
      means: "HubSpot is still busy with earlier changes to the same records.",
      todo: PASSES,
    },
    {
      of: "retry",
      when: /\bMIGRATION_IN_PROGRESS\b|^HTTP 477\b/,
      shown: "477, MIGRATION_IN_PROGRESS",
      means: "HubSpot is moving the account to another data centre.",
      todo: "Nothing: it is sent again; a move takes up to a day.",
    },
    {
      of: "retry",
      when: /\b(?:INTERNAL_ERROR|TIMEOUT)\b/,
      shown: "INTERNAL_ERROR, TIMEOUT",
      means: "HubSpot is in trouble; it said nothing about the contact.",
      todo: PASSES_OR_STATUS_PAGE,
      docs: "https://status.hubspot.com",
    },
    {
      of: "rejected",
      when: /\bINVALID_EMAIL\b/,
      shown: "VALIDATION_ERROR, INVALID_EMAIL",
      means: "HubSpot does not take the e-mail address.",
      todo: "Check addresses in the form before they are sent: HubSpot refuses what can receive no mail.",
    },
    {
      of: "rejected",
      when: /\bDuplicate IDs\b/,
      shown: "Duplicate IDs found in batch input",
      means: "Two addresses in one request are the same contact's for HubSpot.",
      todo: "Nothing, if the lane delivered the others: such a request is cut until they stand apart. Otherwise report it.",
    },
    {
      of: "rejected",
      when: /\bVALIDATION_ERROR\b/,
      shown: "VALIDATION_ERROR",
      means: "HubSpot does not take the value of a property; its words say which.",
      todo: "Compare the property's type in HubSpot (a number, a date, one of a list) with the field that `properties` of the lane fills it from.",
    },
  ],
};
