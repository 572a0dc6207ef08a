import {
  amount,
  anything,
  checkFields,
  currency,
  isObject,
  type JsonObject,
  listOf,
  missingFields,
  object,
  oneOf,
  problemLines,
  type Rule,
  text,
  textUpTo,
} from "../../rules.ts";

/** Names and addresses in the schemas. */
const label = textUpTo(255);

const wholeQuantity: Rule = (value) =>
  Number.isSafeInteger(value) && Number(value) >= 1 ? undefined : "must be an integer of 1 or more";

const PRODUCT: Readonly<Record<string, Rule>> = {
  product_id: label,
  product_name: label,
  variant_id: label,
  quantity: wholeQuantity,
  price: amount,
  image_url: label,
  product_url: label,
  metadata: object,
};
const PRODUCT_NEEDS = ["product_id", "product_name", "variant_id", "quantity", "price"];

const discount: Rule = (value) => {
  if (!isObject(value)) return "must be an object";
  return problemLines([
    ...missingFields(value, "", ["code", "amount"]),
    ...checkFields(value, "", { code: text, amount }),
  ])[0];
};

const COSTS: Readonly<Record<string, Rule>> = {
  total_value: amount,
  subtotal_value: amount,
  tax: amount,
  shipping: amount,
};
const SHARED: Readonly<Record<string, Rule>> = { currency, source: label, metadata: object };
const REFUND: Readonly<Record<string, Rule>> = {
  ...SHARED,
  order_id: label,
  total_value: amount,
  total_discounts: amount,
  discounts: listOf(discount),
  products: anything,
};

interface Schema {
  readonly fields: Readonly<Record<string, Rule>>;
  readonly required: readonly string[];
}

/** Required and optional properties. https://www.braze.com/docs/user_guide/data/activation/events/recommended_events */
const SCHEMAS: Readonly<Record<string, Schema>> = {
  "ecommerce.product_viewed": {
    fields: {
      ...SHARED,
      product_id: label,
      product_name: label,
      variant_id: label,
      price: amount,
      image_url: label,
      product_url: label,
      type: listOf(oneOf("price_drop", "back_in_stock")),
    },
    required: ["product_id", "product_name", "variant_id", "price", "currency", "source"],
  },
  "ecommerce.cart_updated": {
    fields: { ...SHARED, ...COSTS, cart_id: label, action: oneOf("add", "remove", "replace"), products: anything },
    required: ["cart_id", "currency", "products", "source"],
  },
  "ecommerce.checkout_started": {
    fields: { ...SHARED, ...COSTS, checkout_id: label, cart_id: label, products: anything },
    required: ["checkout_id", "total_value", "currency", "products", "source"],
  },
  "ecommerce.order_placed": {
    fields: { ...REFUND, ...COSTS, cart_id: label },
    required: ["order_id", "total_value", "currency", "products", "source"],
  },
  "ecommerce.order_refunded": {
    fields: REFUND,
    required: ["order_id", "total_value", "currency", "products", "source"],
  },
  "ecommerce.order_cancelled": {
    fields: { ...REFUND, ...COSTS, cancel_reason: label },
    required: ["order_id", "cancel_reason", "total_value", "currency", "products", "source"],
  },
};

/** Whether events of this name are held against a schema. */
export function isRecommended(name: string): boolean {
  return Object.hasOwn(SCHEMAS, name);
}

/** What the schema of this name finds wrong, in the form of Braze's own words: "The property '#/…' …". */
export function recommendedProblems(name: string, properties: JsonObject, strict: boolean): string[] {
  const schema = SCHEMAS[name];
  if (schema === undefined) return [];
  const { fields, required } = schema;
  const problems = [
    ...missingFields(properties, "", required),
    ...checkFields(properties, "", fields, strict ? undefined : anything),
    ...productProblems(properties.products, required.includes("products"), strict),
  ];
  const needsTotal = name === "ecommerce.cart_updated" && !["add", "remove"].includes(String(properties.action));
  const lines = problems.map(({ path, message }) => `The property '#/${path.replaceAll(".", "/")}' ${message}`);
  return needsTotal && properties.total_value === undefined
    ? [...lines, "The property '#/total_value' is required unless the action is add or remove"]
    : lines;
}

function productProblems(products: unknown, isRequired: boolean, strict: boolean) {
  if (!isRequired || products === undefined) return [];
  if (!Array.isArray(products) || products.length === 0) {
    return [{ path: "products", message: "must be a non-empty array", kind: "value" as const }];
  }
  return (products as readonly unknown[]).flatMap((product, index) => {
    const path = `products.${index}`;
    if (!isObject(product)) return [{ path, message: "must be an object", kind: "value" as const }];
    const unknown = strict ? undefined : anything;
    return [...missingFields(product, path, PRODUCT_NEEDS), ...checkFields(product, path, PRODUCT, unknown)];
  });
}
