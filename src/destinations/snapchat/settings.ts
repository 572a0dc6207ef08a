import { byDefault, oneOf, SettingsError, settingsFrom, text } from "../../core/settings-schema.ts";
import { DATA_PROCESSING_OPTIONS, type DataProcessingOption } from "./data-processing.ts";

/** Settings of a Snapchat lane; one of the two asset ids at least. */
export interface SnapchatSettings {
  /** Snap Pixel id, for what happens on websites and offline. */
  pixelId?: string | undefined;
  /** Snap App id, for what happens in apps. */
  snapAppId?: string | undefined;
  /** Number of the iOS app in the App Store, for events that do not say it. */
  iosAppId?: string | undefined;
  /** The word that asks Snapchat to limit its use of an event. */
  dataProcessingOption: DataProcessingOption;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const FIELDS = settingsFrom<SnapchatSettings>({
  pixelId: byDefault(
    text("must be the Snap Pixel id, a UUID", (id) => UUID.test(id)),
    undefined,
  ),
  snapAppId: byDefault(
    text("must be the Snap App id, a UUID", (id) => UUID.test(id)),
    undefined,
  ),
  iosAppId: byDefault(
    text("must be the app's number in the App Store, digits as text", (id) => /^\d{5,15}$/.test(id)),
    undefined,
  ),
  dataProcessingOption: byDefault(oneOf(DATA_PROCESSING_OPTIONS), "LMU"),
});

/** Reads them, and refuses a lane that could send nothing. */
export const snapchatSettings = {
  parse(input: unknown): SnapchatSettings {
    const settings = FIELDS.parse(input);
    if (settings.pixelId === undefined && settings.snapAppId === undefined) {
      throw new SettingsError([{ field: "pixelId", rule: "must be given, or snapAppId, or both", got: "nothing" }]);
    }
    return settings;
  },
};
