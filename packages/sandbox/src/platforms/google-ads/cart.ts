import {
  amount,
  anything,
  checkFields,
  isObject,
  type JsonObject,
  listOf,
  matching,
  object,
  type Rule,
  text,
} from "../../rules.ts";
import { filled, type GoogleProblem, withReason } from "./problem.ts";

const CART_FIELDS: Readonly<Record<string, Rule>> = {
  merchantId: matching(/^\d+$/, "of a Merchant Center id: digits"),
  merchantFeedLabel: text,
  merchantFeedLanguageCode: matching(/^[a-z]{2}$/, "of ISO 639-1"),
  transactionDiscount: amount,
  couponCodes: filled(listOf(text)),
  items: filled(listOf(object)),
};
/** An int64, which JSON may write as a number or as text. */
const INT64: Rule = (value) =>
  (Number.isSafeInteger(value) && Number(value) > 0) || (typeof value === "string" && /^[1-9]\d{0,17}$/.test(value))
    ? undefined
    : "must be a whole number above zero";
const ITEM_FIELDS: Readonly<Record<string, Rule>> = {
  merchantProductId: text,
  quantity: INT64,
  unitPrice: amount,
  itemId: text,
  conversionValue: amount,
  merchantId: text,
  merchantFeedLabel: text,
  merchantFeedLanguageCode: text,
  additionalItemParameters: anything,
  customVariables: anything,
};

/** Every rule of cart data; what Google takes all the same is marked as a warning. */
export function cartProblems(event: JsonObject): GoogleProblem[] {
  const { cartData: cart, adIdentifiers: ids } = event;
  if (!isObject(cart)) return [];
  const problems: GoogleProblem[] = checkFields(cart, "cartData", CART_FIELDS).map(withReason);
  const warn = (path: string, message: string, name: string) =>
    problems.push({ path, message, reason: `WARNING_REASON_${name}`, isWarning: true });
  if (isObject(ids) && (ids.gbraid !== undefined || ids.wbraid !== undefined)) {
    warn("cartData", "is not supported with a braid", "CART_DATA_NOT_SUPPORTED_WITH_GBRAID_OR_WBRAID");
  }
  if (cart.merchantId === undefined) warn("cartData.merchantId", "is missing", "INVALID_MERCHANT_ID");
  for (const [index, item] of (Array.isArray(cart.items) ? cart.items : []).entries()) {
    if (!isObject(item)) continue;
    const path = `cartData.items[${index}]`;
    problems.push(...checkFields(item, path, ITEM_FIELDS).map(withReason));
    if (item.merchantProductId === undefined) {
      warn(`${path}.merchantProductId`, "is missing", "CART_DATA_ITEM_MERCHANT_PRODUCT_ID_MISSING");
    }
    if (item.unitPrice === undefined) warn(`${path}.unitPrice`, "is missing", "CART_DATA_ITEM_UNIT_PRICE_MISSING");
  }
  return problems;
}
