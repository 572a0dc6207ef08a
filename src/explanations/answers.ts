import type { ExplanationEntry } from "./entry.ts";
import { newCredential, PASSES, PASSES_OR_STATUS_PAGE, setting } from "./remedies.ts";

/** What statuses and the lack of a confirmation mean wherever the platform itself says no more. */
export const ANY_ANSWER: readonly ExplanationEntry[] = [
  {
    of: "rejected",
    when: /^HTTP 413\b/,
    shown: "HTTP 413",
    means: "The event is larger than the platform takes, even alone in its request.",
    todo: "Send fewer or shorter items and properties.",
  },
  {
    of: "rejected",
    when: /^HTTP 4\d\d$/,
    shown: "HTTP 4xx without words",
    means: "The platform refuses this event, alone in its request, and does not say why.",
    todo: "Run `npx tracklayer preview <lane> event.json` with such an event, and compare the request with the platform's documentation.",
  },
  {
    of: "unauthorized",
    when: /^HTTP 401\b/,
    shown: "HTTP 401",
    means: "The platform does not take the lane's credentials: they are wrong, expired or revoked.",
    todo: newCredential("Make new credentials at the platform."),
  },
  {
    of: "unauthorized",
    when: /^HTTP 403\b/,
    shown: "HTTP 403",
    means: "The credentials are known, but may not send events to this account.",
    todo: "Give whoever made them access to the account at the platform, and check the ids in the lane's `settings`.",
  },
  {
    of: "unauthorized",
    when: /\bhas moved\b|\bno longer has this version\b/,
    shown: "… address has moved; no longer has this version of its API",
    means: "The platform has nothing left at the address that this version of TrackLayer knows.",
    todo: "Update TrackLayer and deploy.",
  },
  {
    of: "unauthorized",
    when: /^HTTP (?:404|405|410)\b/,
    shown: "HTTP 404, 405, 410",
    means: "The platform knows no account, pixel or version like that of the lane's settings.",
    todo: `${setting("correct the ids of the lane's `settings`")} If they are right, update TrackLayer: the address may have changed.`,
  },
  {
    of: "retry",
    when: /^HTTP 429\b/,
    shown: "HTTP 429",
    means: "The lane sends faster than the platform takes, or than your plan there allows.",
    todo: "Nothing: it is sent again when the platform says. When the lane's backlog keeps growing, lower its `maxConcurrency` or send fewer kinds of events.",
  },
  {
    of: "retry",
    when: /^HTTP (?:408|425|5\d\d)\b/,
    shown: "HTTP 408, 425, 5xx",
    means: "The platform is in trouble; it said nothing about the event.",
    todo: PASSES_OR_STATUS_PAGE,
  },
  {
    of: "retry",
    when: /^HTTP 423\b/,
    shown: "HTTP 423",
    means: "The platform is busy with the same record.",
    todo: PASSES,
  },
  {
    of: "retry",
    when: /^HTTP [13]\d\d\b/,
    shown: "HTTP 1xx, 3xx",
    means: "The platform points somewhere else, which is neither followed nor believed.",
    todo: "Check the ids, the region and the address in the lane's `settings`. When they are right, update TrackLayer: the platform may have moved.",
  },
  {
    of: "retry",
    when: /^HTTP 2\d\d\b|\banswered 2\d\d\b|\bgave the event no status\b/,
    shown: "a 2xx that does not confirm the event",
    means: "The platform answered without confirming this event, which therefore does not count as delivered.",
    todo: PASSES_OR_STATUS_PAGE,
  },
  {
    of: "retry",
    when: /^HTTP 4\d\d(?:$| without )/,
    shown: "HTTP 4xx without the platform's own words",
    means: "Something in front of the platform refused the request; that says nothing about the event.",
    todo: PASSES_OR_STATUS_PAGE,
  },
];
