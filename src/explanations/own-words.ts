import type { ExplanationEntry } from "./entry.ts";
import { newCredential, PASSES, PASSES_OR_STATUS_PAGE, setting } from "./remedies.ts";

const OAUTH = "https://www.rfc-editor.org/rfc/rfc6749#section-5.2";

/** What TrackLayer itself says when there was no answer, no request or no credential; the same in every lane. */
export const OWN_WORDS: readonly ExplanationEntry[] = [
  {
    of: "retry",
    when: /^refused together with (?:another event|others)\b/,
    shown: "refused together with another event; refused together with others",
    means:
      "Another event in the same request was wrong, and the platform took none of them; nothing is wrong with this one.",
    todo: "Nothing: it goes again without the other. Look at which events of `<lane>` the platform refused.",
  },
  {
    of: "retry",
    when: /^timeout: /,
    shown: "timeout",
    means: "The platform did not answer in time; whether it took the event is not known.",
    todo: PASSES_OR_STATUS_PAGE,
  },
  {
    of: "retry",
    when: /^connection: .*(?:ENOTFOUND|EAI_AGAIN)/,
    shown: "connection: ENOTFOUND, EAI_AGAIN",
    means: "The name of the platform's host was not found, so nothing was sent.",
    todo: "If `<lane>` is a webhook, check the host in `url`. Otherwise nothing: the lane sends it again by itself.",
  },
  {
    of: "retry",
    when: /^connection: .*(?:CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS|ERR_SSL)/,
    shown: "connection: a certificate's error",
    means: "The host showed a certificate that cannot be trusted, so nothing was sent.",
    todo: "If `<lane>` is a webhook, renew the receiver's certificate with its whole chain. Otherwise look at the platform's status page.",
  },
  {
    of: "retry",
    when: /^(?:connection: |no answer: )/,
    shown: "connection, no answer",
    means: "The connection broke before the platform answered.",
    todo: PASSES_OR_STATUS_PAGE,
  },
  {
    of: "retry",
    when: /^refused_address: /,
    shown: "refused_address",
    means: "The address is not a public https one, and nothing is ever sent to another.",
    todo: setting("set an https address that is reachable from the internet"),
  },
  {
    of: "unauthorized",
    when: /^secret \S+ lacks |must hold all of one of these/,
    shown: "secret … lacks …; must hold all of one of these",
    means: "The lane's secret does not hold the credentials that the platform asks for, so nothing was sent.",
    todo: newCredential("Fill in the named fields; docs/destinations has a page that says where they come from."),
  },
  {
    of: "unauthorized",
    when: /^(?:field \S+ of )?secret \S+ (?:cannot be read|has no text value|is not JSON|is not a JSON object|is not a string)/,
    shown: "secret … cannot be read; is not JSON …",
    means: "The lane's secret is missing, may not be read, or is not a flat JSON object of texts.",
    todo: newCredential('Write it as JSON, such as `{"accessToken":"…"}`; where it is missing, deploy first.'),
  },
  {
    of: "unauthorized",
    when: /was made for the sandbox|^--credentials: |has no readable secret|must be an object of texts|^\S+ is not JSON$/,
    shown: "was made for the sandbox; --credentials; has no readable secret",
    means: "The file with credentials for this test is missing, unreadable, or holds those that `npm start` made up.",
    todo: "Write the platform's own credentials into that file, or test with `--stack` what is deployed.",
  },
  {
    of: "unauthorized",
    when: /^secret \S+: /,
    shown: "secret …: what is wrong with a field",
    means: "A field of the lane's secret cannot be what the platform gave out, so nothing was sent.",
    todo: newCredential("Copy the named field from the platform once more, whole and without quotes or line ends."),
  },
  {
    of: "retry",
    when: /^secret \S+ could not be read/,
    shown: "secret … could not be read",
    means: "AWS Secrets Manager did not answer, so nothing was sent.",
    todo: PASSES,
  },
  {
    of: "unauthorized",
    when: /^access token: invalid_grant/,
    shown: "access token: invalid_grant",
    means:
      "The refresh token or key has expired, was revoked, or is another app's: the platform gives no access token for it.",
    todo: newCredential("Connect the account again and take the new refresh token."),
    docs: OAUTH,
  },
  {
    of: "unauthorized",
    when: /^access token: (?:invalid_client|unauthorized_client)/,
    shown: "access token: invalid_client, unauthorized_client",
    means: "Client id, client secret and refresh token do not belong to one app.",
    todo: newCredential(
      "Copy client id and secret from the platform's console, and connect the account through that app.",
    ),
    docs: OAUTH,
  },
  {
    of: "unauthorized",
    when: /^access token: (?:invalid_scope|access_denied)/,
    shown: "access token: invalid_scope, access_denied",
    means: "The account's owner did not allow what sending events needs.",
    todo: newCredential("Connect the account again and allow all that is asked for."),
    docs: OAUTH,
  },
  {
    of: "unauthorized",
    when: /^access token: /,
    shown: "access token: any other refusal",
    means: "The platform gives no access token for what is in the lane's secret.",
    todo: newCredential(
      "Check every field of the secret against the platform's console, or connect the account again.",
    ),
    docs: OAUTH,
  },
  {
    of: "retry",
    when: /^access token: /,
    shown: "access token: no answer, HTTP 5xx, no time",
    means: "The platform's sign-in did not give an access token just now, so nothing was sent.",
    todo: PASSES_OR_STATUS_PAGE,
  },
  {
    of: "retry",
    when: /^(?:the request cannot be built|the destination's code failed on this event|the answer cannot be read|\d+ verdicts for )/,
    shown: "the request cannot be built; the destination's code failed; the answer cannot be read",
    means: "TrackLayer's code for this platform failed on this event: a defect, and no fault of yours.",
    todo: "Run `npx tracklayer preview <lane> event.json` with such an event and report what it says.",
  },
  {
    of: "rejected",
    when: /^the request has \d+ bytes/,
    shown: "the request has … bytes, the platform takes …",
    means: "This event alone is larger than the platform takes.",
    todo: "Send fewer or shorter items and properties with an event.",
  },
];
