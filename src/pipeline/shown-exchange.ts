import type { DestinationRequest, DestinationResponse } from "../core/destination.ts";

/**
 * Requests and answers as a person at a terminal may see them: whole, but for what signs in. Unlike `platformWords` it
 * keeps hashes and addresses: whoever looks gave the event.
 */

/** Stands where a secret was. */
const HIDDEN = "[secret]";

/** Shorter credentials would be found in everything; a platform gives none. */
const SHORTEST_SECRET = 4;

const SECRET_HEADER = /authorization|cookie|secret|signature|token|password|api-?key/i;
const SECRET_FIELD =
  "(?:[a-z_-]*(?:secret|password|access_?token|refresh_?token|id_?token|api_?key|private_?key)|token|key|sig|signature|assertion)";
/** A preview shows credentials by name, as `{accessToken}`, which is no secret. */
const PLACEHOLDER = /^(?:(?:bearer|basic) )?(?:\{|%7B)\w+(?:\}|%7D)$/i;

/** Hides the given secrets wherever they stand, in every spelling that a request gives them, and what is named as one. */
export interface SecretMask {
  /** Learns another, such as an access token that a platform has just given. */
  add(secret: string): void;
  request(request: DestinationRequest): DestinationRequest;
  response(response: DestinationResponse): DestinationResponse;
}

/** A mask for these credentials. */
export function createSecretMask(credentials: Iterable<string>): SecretMask {
  const spellings = new Set<string>();
  const add = (secret: string): void => {
    if (secret.length < SHORTEST_SECRET) return;
    for (const spelling of spellingsOf(secret)) spellings.add(spelling);
  };
  const known = [...credentials];
  for (const secret of known) add(secret);
  // Basic authorization joins two of them.
  for (const user of known) for (const word of known) add(Buffer.from(`${user}:${word}`).toString("base64"));

  const text = (shown: string): string => {
    let masked = shown;
    // The longest first: a secret may begin like another.
    for (const spelling of [...spellings].sort((a, b) => b.length - a.length))
      masked = masked.replaceAll(spelling, HIDDEN);
    return masked;
  };
  const headers = (shown: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(shown).map(([name, value]) => [name, headerValue(name, text(value))]));
  return {
    add,
    request: (request) => ({
      ...request,
      url: withoutNamed(text(request.url)),
      headers: headers(request.headers),
      body: withoutNamed(text(request.body)),
    }),
    response: (response) => ({
      ...response,
      headers: headers(response.headers),
      body: withoutNamed(text(response.body)),
    }),
  };
}

function spellingsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const form = new URLSearchParams([["", secret]]).toString().slice(1);
  return [secret, json, form, encodeURIComponent(secret), Buffer.from(secret).toString("base64")];
}

function headerValue(name: string, value: string): string {
  if (!SECRET_HEADER.test(name) || PLACEHOLDER.test(value)) return value;
  const [scheme, ...rest] = value.split(" ");
  return rest.length > 0 && /^(bearer|basic|oauth)$/i.test(scheme ?? "") ? `${scheme} ${HIDDEN}` : HIDDEN;
}

const NAMED_IN_QUERY = new RegExp(`((?:^|[?&])${SECRET_FIELD}=)([^&#\\s]+)`, "gi");
const NAMED_IN_JSON = new RegExp(`("${SECRET_FIELD}"\\s*:\\s*")((?:[^"\\\\]|\\\\.)*)(")`, "gi");

/** For secrets that are in no credentials: an endpoint's own token, what a settings' URL carries. */
function withoutNamed(shown: string): string {
  return shown
    .replaceAll(NAMED_IN_QUERY, (whole, name: string, value: string) =>
      PLACEHOLDER.test(value) ? whole : `${name}${HIDDEN}`,
    )
    .replaceAll(NAMED_IN_JSON, (whole, name: string, value: string, end: string) =>
      PLACEHOLDER.test(value) || value === "" ? whole : `${name}${HIDDEN}${end}`,
    );
}
