import { byDefault, flag, listOf, oneOf, recordOf, settingsFrom, text } from "../../core/settings-schema.ts";

/** Settings of an Awin lane. */
export interface AwinSettings {
  /** Advertiser id, digits as text. */
  advertiserId: string;
  /**
   * Whose sale an order with an Awin click is: `last_click` gives it to the channel of a later paid click that we know
   * of, `aw` always to Awin.
   */
  channel: "last_click" | "aw";
  /** Property in which the shop's own rule says the channel; it goes before `channel`. */
  channelProperty?: string | undefined;
  /** Item category → commission group; other items are of the event's own group. */
  commissionGroupsByCategory: Record<string, string>;
  /** What the sender's values contain and Awin's amounts must not. */
  valueIncludes: ("tax" | "shipping")[];
  /** Currency of events that carry none, such as leads. */
  currency?: string | undefined;
  /** Whether an order without a click is sent for its voucher code. */
  voucherWithoutClick: boolean;
  /** Property that says who is new: true, `new` or `NEW`, else false, `returning` or `RETURNING`. */
  customerTypeProperty?: string | undefined;
  /** Number of one of Awin's custom parameters → property that it is filled with. */
  customParameters: Record<string, string>;
}

/** Codes stand between `|`, `:` and `,` in Awin's older tags, and hold none of them. */
export const COMMISSION_GROUP = /^(?!\s)[^|:,\p{Cc}\p{Cs}]{1,50}(?<!\s)$/u;

const group = text("must be the code of a commission group: 1 to 50 characters, none of | : ,", (code) =>
  COMMISSION_GROUP.test(code),
);
const property = text("must be the name of a property", (name) => name.trim() !== "");

/** Reads them. */
export const awinSettings = settingsFrom<AwinSettings>({
  advertiserId: text("must be the advertiser id, digits as text", (id) => /^\d{1,12}$/.test(id)),
  channel: byDefault(oneOf(["last_click", "aw"]), "last_click"),
  channelProperty: byDefault(property, undefined),
  commissionGroupsByCategory: byDefault(
    recordOf(
      text("must be the name of a category", (category) => category.trim() !== ""),
      group,
    ),
    {},
  ),
  valueIncludes: byDefault(listOf(oneOf(["tax", "shipping"])), []),
  currency: byDefault(
    text("must be an ISO 4217 code in upper case", (code) => /^[A-Z]{3}$/.test(code)),
    undefined,
  ),
  voucherWithoutClick: byDefault(flag, true),
  customerTypeProperty: byDefault(property, undefined),
  customParameters: byDefault(
    recordOf(
      text("must be the number of a custom parameter", (number) => /^[1-9]\d{0,2}$/.test(number)),
      property,
    ),
    {},
  ),
});
