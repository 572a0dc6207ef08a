import { byDefault, oneOf, recordOf, SettingsError, settingsFrom, text } from "../../core/settings-schema.ts";
import { DEFAULT_API_VERSION } from "./api-version.ts";
import { FIELD_RULE, isField } from "./fields.ts";

/** Settings of one lane to HubSpot. It does one of two things; whoever wants both makes two lanes. */
export interface HubspotSettings {
  /** `contacts` keeps people up to date, on every plan; `events` tells what they did, which takes an Enterprise plan. */
  send: "contacts" | "events";
  /** Hub id, digits as text; required for events, whose names begin with it. */
  portalId?: string | undefined;
  /** Version of HubSpot's API, `YYYY-MM`; each is served for 18 months. */
  apiVersion: string;
  /** HubSpot's internal property name → field of the event. The properties must exist in HubSpot. */
  properties: Record<string, string>;
  /** What happens to a contact's lifecycle stage: nothing, or `customer` with a purchase. */
  lifecycleStage: "keep" | "customer_on_purchase";
}

/** HubSpot takes so many properties with one occurrence of an event. */
const MOST_EVENT_PROPERTIES = 50;

/** What identifies the contact, or is set by other settings. */
const RESERVED = new Set(["email", "lifecyclestage"]);

const fields = settingsFrom<HubspotSettings>({
  send: byDefault(oneOf(["contacts", "events"]), "contacts"),
  portalId: byDefault(
    text("must be the hub id, digits as text", (id) => /^\d{1,15}$/.test(id)),
    undefined,
  ),
  apiVersion: byDefault(
    text("must be a version such as 2026-03", (version) => /^20\d\d-(?:03|09)$/.test(version)),
    DEFAULT_API_VERSION,
  ),
  properties: byDefault(
    recordOf(
      text(
        "must be the internal name of a HubSpot property, other than email and lifecyclestage",
        (name) => /^[a-z][a-z0-9_]{0,49}$/.test(name) && !RESERVED.has(name),
      ),
      text(FIELD_RULE, isField),
    ),
    {},
  ),
  lifecycleStage: byDefault(oneOf(["keep", "customer_on_purchase"]), "keep"),
});

/** The schema: a wrong setting throws with its field, the rule and what was given. */
export const hubspotSettings = {
  parse(input: unknown): HubspotSettings {
    const settings = fields.parse(input);
    const refuse = (field: string, rule: string, got: string) => new SettingsError([{ field, rule, got }]);
    if (settings.send === "contacts") return settings;
    if (settings.portalId === undefined) throw refuse("portalId", "is required to send events", "nothing");
    const count = Object.keys(settings.properties).length;
    if (count > MOST_EVENT_PROPERTIES) {
      throw refuse("properties", `must be at most ${MOST_EVENT_PROPERTIES} for events`, String(count));
    }
    if (settings.lifecycleStage === "keep") return settings;
    throw refuse("lifecycleStage", "belongs to a lane that sends contacts", JSON.stringify(settings.lifecycleStage));
  },
};
