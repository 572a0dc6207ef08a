import {
  allOf,
  amount,
  anything,
  boolean,
  checkFields,
  count,
  currency,
  integer,
  isObject,
  type JsonObject,
  listOfUpTo,
  matching,
  missingFields,
  object,
  oneOf,
  type Problem,
  pathsOfEmails,
  type Rule,
  text,
  textUpTo,
} from "../../rules.ts";
import { epochSeconds, withinDays } from "../../time-rules.ts";

const MOST_ROWS = 1000;

/** Awin's lists are separated by it. */
const noPipe: Rule = (value) => (String(value).includes("|") ? "must not hold |" : undefined);
const plainText = allOf(text, noPipe);
/** A float of two decimals, above zero: orders of nothing are refused. */
const price = allOf(amount, (value) => (isWholeCents(Number(value)) ? undefined : "must have two decimals at most"));
const positive = allOf(price, (value) => (Number(value) > 0 ? undefined : "must be above zero"));
const clickId = matching(/^[\w,.-]+$/, "one awc, or several with commas between");
const rows = (rule: Rule) => listOfUpTo(MOST_ROWS, rule, 1);

function orderFields(now: number): Readonly<Record<string, Rule>> {
  return {
    orderReference: allOf(textUpTo(50), noPipe),
    amount: positive,
    channel: matching(/^[A-Za-z]+$/, "a channel"),
    currency,
    commissionGroups: rows(object),
    awc: clickId,
    voucher: plainText,
    publisherId: count,
    clickTime: integer,
    customerAcquisition: oneOf("NEW", "RETURNING"),
    transactionTime: epochSeconds(now, withinDays(365)),
    isTest: boolean,
    basket: rows(object),
    custom: object,
  };
}

const GROUP_FIELDS: Readonly<Record<string, Rule>> = {
  code: allOf(text, matching(/^[^|:,]+$/, "a code without | : ,")),
  amount: positive,
};

const BASKET_FIELDS: Readonly<Record<string, Rule>> = {
  id: plainText,
  name: plainText,
  price,
  quantity: allOf(count, (value) => (Number(value) > 0 ? undefined : "must be above zero")),
  sku: plainText,
  category: plainText,
  commissionGroupCode: plainText,
};

/** Every rule of one order. `strict` refuses fields that Awin's documents do not name. */
export function awinOrderProblems(order: unknown, now: number, strict: boolean): Problem[] {
  if (!isObject(order)) return [problem("", "must be an object")];
  const unknown = strict ? undefined : anything;
  return [
    ...missingFields(order, "", ["orderReference", "amount", "channel", "currency", "commissionGroups"]),
    ...checkFields(order, "", orderFields(now), unknown),
    ...attributionProblems(order),
    ...commissionProblems(order, unknown),
    ...basketProblems(order.basket, unknown),
    ...customProblems(order.custom),
    ...pathsOfEmails(order, "", new Set()).map((path) => problem(path, "must not hold an e-mail address in clear")),
  ];
}

function attributionProblems({ awc, voucher, publisherId, clickTime }: JsonObject): Problem[] {
  const isClick = publisherId !== undefined && clickTime !== undefined;
  if ((publisherId === undefined) !== (clickTime === undefined)) {
    return [problem("publisherId", "and clickTime need each other")];
  }
  return awc === undefined && voucher === undefined && !isClick
    ? [problem("awc", "or voucher, or publisherId with clickTime, is required")]
    : [];
}

function commissionProblems(order: JsonObject, unknown: Rule | undefined): Problem[] {
  const groups = Array.isArray(order.commissionGroups) ? (order.commissionGroups as readonly unknown[]) : [];
  const found = groups.filter(isObject);
  const sum = found.reduce((all, group) => all + cents(group.amount), 0);
  return [
    ...found.flatMap((group, index) => {
      const path = `commissionGroups[${index}]`;
      return [...missingFields(group, path, ["code", "amount"]), ...checkFields(group, path, GROUP_FIELDS, unknown)];
    }),
    ...(found.length > 0 && sum !== cents(order.amount) ? [problem("commissionGroups", "must add up to amount")] : []),
  ];
}

function basketProblems(basket: unknown, unknown: Rule | undefined): Problem[] {
  const rowsOf: readonly unknown[] = Array.isArray(basket) ? basket : [];
  return rowsOf.filter(isObject).flatMap((row, index) => {
    const path = `basket[${index}]`;
    const required = missingFields(row, path, ["id", "name", "price", "quantity"]);
    return [...required, ...checkFields(row, path, BASKET_FIELDS, unknown)];
  });
}

function customProblems(custom: unknown): Problem[] {
  if (!isObject(custom)) return [];
  return Object.entries(custom).flatMap(([number, value]) => {
    const isNumber = /^[1-9]\d*$/.test(number);
    const wrong = isNumber ? plainText(value) : "must be the number of a custom parameter";
    return wrong === undefined ? [] : [problem(`custom.${number}`, wrong)];
  });
}

function cents(value: unknown): number {
  return typeof value === "number" ? Math.round(value * 100) : Number.NaN;
}

function isWholeCents(value: number): boolean {
  return Math.abs(value * 100 - Math.round(value * 100)) < 1e-4;
}

function problem(path: string, message: string): Problem {
  return { path, message, kind: "value" };
}
