import { byDefault, oneOf, recordOf, settingsFrom, text } from "../../core/settings-schema.ts";
import { PERSONAL_DATA, type PersonalData } from "./payload.ts";

/** Settings of one webhook endpoint. */
export interface WebhookSettings {
  /** Where events are posted; https only. */
  url: string;
  /** Fixed headers, for receivers that cannot verify signatures. A secret one goes into the lane's secret instead. */
  headers: Record<string, string>;
  /** How much of the person leaves: `hashed` by default. */
  personalData: PersonalData;
}

/** Headers that belong to the connection, to us, or into the secret. */
const FORBIDDEN =
  /^(?:host|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|content-.*|cookie|authorization|webhook-.*)$/i;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VISIBLE = /^[\x20-\x7e]*$/;

/** The schema: a wrong setting throws with its field, the rule and what was given. */
export const webhookSettings = settingsFrom<WebhookSettings>({
  url: text("must be an https URL without user name, password and fragment", isHttpsUrl),
  headers: byDefault(
    recordOf(
      text(
        "must be a header name that belongs neither to the connection nor to the signature; the value of a secret " +
          "`authorization` goes into the lane's secret",
        (name) => TOKEN.test(name) && !FORBIDDEN.test(name),
      ),
      text("must be visible ASCII on one line", (value) => VISIBLE.test(value)),
    ),
    {},
  ),
  personalData: byDefault(oneOf(PERSONAL_DATA), "hashed"),
});

function isHttpsUrl(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === "https:" && url.username === "" && url.password === "" && !text.includes("#");
}
