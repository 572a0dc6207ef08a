import { ACTION_SOURCES, type ActionSource } from "../../core/event.ts";
import {
  byDefault,
  type Field,
  oneOf,
  recordOf,
  SettingsError,
  settingsFrom,
  text,
} from "../../core/settings-schema.ts";

/** Kinds of data that TikTok keeps apart; each has an id of its own, and a request speaks for one of them. */
const EVENT_SOURCES = ["web", "app", "offline", "crm"] as const;
export type EventSource = (typeof EVENT_SOURCES)[number];

/** At least one id of a kind of data; an event whose kind has none is skipped. */
export interface TikTokSettings {
  /** Pixel code, for events of websites. */
  pixelCode?: string | undefined;
  /** TikTok's own id of the app, not the store's. iOS and Android have one each, so each needs an entry of its own. */
  appId?: string | undefined;
  /** Offline event set, for what happens in shops, on the phone, in chats and by mail. */
  offlineEventSetId?: string | undefined;
  /** CRM event set, for what becomes of leads. */
  crmEventSetId?: string | undefined;
  /** Where events of an action source go, where it is not the usual one. */
  eventSources: Partial<Record<ActionSource, EventSource>>;
  /** Name of the CRM that leads come from, as TikTok shows it: `salesforce`, `hubspot` ... */
  leadEventSource?: string | undefined;
  /** Code of Events Manager's "Test events" page; sent only in test mode. */
  testEventCode?: string | undefined;
}

/** The setting that holds the id of each kind. */
export const ID_SETTINGS = {
  web: "pixelCode",
  app: "appId",
  offline: "offlineEventSetId",
  crm: "crmEventSetId",
} as const satisfies Record<EventSource, keyof TikTokSettings>;

const ids = /^\d{5,25}$/;
const eventSources: Field<Partial<Record<ActionSource, EventSource>>> = recordOf(
  oneOf(ACTION_SOURCES),
  oneOf(EVENT_SOURCES),
);

const fields = settingsFrom<TikTokSettings>({
  pixelCode: byDefault(
    text("must be the pixel code, letters and digits", (code) => /^[A-Za-z0-9]{10,40}$/.test(code)),
    undefined,
  ),
  appId: byDefault(
    text("must be the TikTok App ID of Events Manager, digits as text", (id) => ids.test(id)),
    undefined,
  ),
  offlineEventSetId: byDefault(
    text("must be the id of an offline event set, digits as text", (id) => ids.test(id)),
    undefined,
  ),
  crmEventSetId: byDefault(
    text("must be the id of a CRM event set, digits as text", (id) => ids.test(id)),
    undefined,
  ),
  eventSources: byDefault(eventSources, {}),
  leadEventSource: byDefault(
    text("must be the name of the CRM, up to 100 characters", (name) => /^\S(?:.{0,98}\S)?$/.test(name)),
    undefined,
  ),
  testEventCode: byDefault(
    text("must look like TEST12345", (code) => /^TEST\w{1,40}$/.test(code)),
    undefined,
  ),
});

/** Reads the settings; a lane without any id could send nothing. */
export const tikTokSettings = {
  parse(input: unknown): TikTokSettings {
    const settings = fields.parse(input);
    const names = Object.values(ID_SETTINGS);
    if (names.some((name) => settings[name] !== undefined)) return settings;
    throw new SettingsError([
      { field: names.join(", "), rule: "at least one of these is needed", got: "none of them" },
    ]);
  },
};

/** Kinds that settings send events to without giving their id, in words for synth. */
export function missingIds(settings: TikTokSettings): string[] {
  return Object.entries(settings.eventSources)
    .filter(([, source]) => settings[ID_SETTINGS[source]] === undefined)
    .map(
      ([action, source]) =>
        `eventSources sends ${action} to ${source}, and ${ID_SETTINGS[source]} is missing: such events are skipped`,
    );
}
