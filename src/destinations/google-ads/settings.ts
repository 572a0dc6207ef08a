import { byDefault, type Field, SettingsError, settingsFrom, text } from "../../core/settings-schema.ts";
import type { ConversionSettings } from "./conversion.ts";

/** Settings of a Google Ads lane. */
export interface GoogleAdsSettings extends ConversionSettings {
  /** Customer id of the account that owns the conversion actions; hyphens are taken out. */
  customerId: string;
  /** Customer id of the manager account whose user signs in; absent when that user is one of the account itself. */
  loginCustomerId?: string | undefined;
}

const customerId: Field<string> = (given, field, issues) =>
  text("must be a customer id: ten digits, with or without hyphens", (id) => /^\d{3}-?\d{3}-?\d{4}$/.test(id))(
    given,
    field,
    issues,
  ).replaceAll("-", "");

const property = text("must be the name of a property", (name) => name.trim() !== "");

const FIELDS = settingsFrom<GoogleAdsSettings>({
  customerId,
  loginCustomerId: byDefault(customerId, undefined),
  merchantId: byDefault(
    text("must be a Merchant Center id, digits as text", (id) => /^\d{1,20}$/.test(id)),
    undefined,
  ),
  merchantFeedLabel: byDefault(
    text("must be a feed label such as US", (label) => /^[A-Z0-9_-]{1,20}$/.test(label)),
    undefined,
  ),
  merchantFeedLanguage: byDefault(
    text("must be an ISO 639-1 language such as en", (language) => /^[a-z]{2}$/.test(language)),
    undefined,
  ),
  refundRemainingValue: byDefault(property, undefined),
  refundPurchaseTime: byDefault(property, undefined),
});

const NEEDED: readonly (readonly [keyof GoogleAdsSettings, keyof GoogleAdsSettings])[] = [
  ["merchantFeedLabel", "merchantId"],
  ["merchantFeedLanguage", "merchantId"],
  ["refundPurchaseTime", "refundRemainingValue"],
];

/** Reads them, and refuses a setting that does nothing without another: whoever gave it waits for what never comes. */
export const googleAdsSettings = {
  parse(input: unknown): GoogleAdsSettings {
    const settings = FIELDS.parse(input);
    const issues = NEEDED.filter(([given, needed]) => settings[given] !== undefined && settings[needed] === undefined);
    if (issues.length === 0) return settings;
    throw new SettingsError(
      issues.map(([given, needed]) => ({ field: needed, rule: `must be given with ${given}`, got: "nothing" })),
    );
  },
};
