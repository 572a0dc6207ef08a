import * as z from "zod/mini";
import { settingsFrom } from "../../core/settings-schema.ts";
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
export const webhookSettings = settingsFrom<WebhookSettings>(
  z.strictObject({
    url: z
      .string("must be an https URL")
      .check(z.refine(isHttpsUrl, "must be an https URL without user name, password and fragment")),
    headers: z._default(
      z.record(
        z.string().check(
          z.refine((name) => TOKEN.test(name), "must be a header name"),
          z.refine(
            (name) => !FORBIDDEN.test(name),
            "belongs to the connection or the signature; a secret one goes into the lane's secret as `authorization`",
          ),
        ),
        z.string("must be text").check(z.refine((value) => VISIBLE.test(value), "must be visible ASCII on one line")),
      ),
      {},
    ),
    personalData: z._default(z.enum(PERSONAL_DATA, "must be none, hashed or raw"), "hashed"),
  }),
);

function isHttpsUrl(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === "https:" && url.username === "" && url.password === "" && !text.includes("#");
}
