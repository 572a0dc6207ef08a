import type { DestinationExplanations } from "./entry.ts";
import { newCredential, setting } from "./remedies.ts";

const LOG = "look at the receiver's own log for the `webhook-id` of the event.";

/** What a receiver's status means; its words are the receiver's own. */
export const WEBHOOK: DestinationExplanations = {
  docs: "https://www.standardwebhooks.com",
  entries: [
    {
      of: "unauthorized",
      when: /^HTTP 410\b/,
      shown: "410",
      means: "The receiver has closed this endpoint and asks not to be called any more.",
      todo: setting("set `url` to the new endpoint, or take the lane out"),
    },
    {
      of: "unauthorized",
      when: /^HTTP 401\b/,
      shown: "401",
      means: "The receiver does not take the signature, or misses an authorization.",
      todo: newCredential(
        "Compare `secret` with the receiver's, whole and with `whsec_`. The receiver must check the signature over the raw body, with a clock that is right; `authorization` goes into the secret too.",
      ),
    },
    {
      of: "unauthorized",
      when: /^HTTP 403\b/,
      shown: "403",
      means: "The receiver, or a firewall in front of it, does not let the request in.",
      todo: "Let POST requests with the header `webhook-signature` through; the lane's addresses are those of AWS and change. A header that the receiver asks for goes into `headers`.",
    },
    {
      of: "rejected",
      when: /^HTTP 413\b/,
      shown: "413",
      means: "The event is larger than the receiver takes.",
      todo: "Allow bodies of 256 kB at the receiver, or set `personalData` to `hashed` or `none`.",
    },
    {
      of: "rejected",
      when: /^HTTP 415\b/,
      shown: "415",
      means: "The receiver does not read JSON.",
      todo: "Have it take `content-type: application/json`.",
    },
    {
      of: "rejected",
      when: /^HTTP 4(?:00|22)\b/,
      shown: "400, 422",
      means: "The receiver read the event and refuses it.",
      todo: `To see why, ${LOG} It should answer 2xx to events that it does not care about.`,
    },
    {
      of: "retry",
      when: /^HTTP (?:404|405)\b/,
      shown: "404, 405",
      means: "The receiver has no route for POST at this address, at least not now.",
      todo: "Correct `url` of the lane, or have the receiver answer POST there.",
    },
    {
      of: "retry",
      when: /^HTTP 409\b/,
      shown: "409",
      means: "The receiver is busy with the same event or record.",
      todo: `Nothing: it is sent again. When it lasts, ${LOG}`,
    },
    {
      of: "retry",
      when: /^HTTP 402\b/,
      shown: "402",
      means: "The receiver asks for a payment: mostly its provider has stopped it.",
      todo: "Settle the bill of whoever hosts the receiver.",
    },
    {
      of: "retry",
      when: /\bredirects are not followed\b/,
      shown: "301, 302, 307, 308",
      means: "The receiver has moved, and redirects are not followed: they could lead personal data anywhere.",
      todo: "Set `url` of the lane to the address that it redirects to, and deploy.",
    },
    {
      of: "retry",
      when: /^HTTP (?:408|425|429|5\d\d)\b/,
      shown: "408, 425, 429, 5xx",
      means: "The receiver is in trouble or has too much to do.",
      todo: `Nothing: it is sent again. When it lasts, ${LOG}`,
    },
  ],
};
