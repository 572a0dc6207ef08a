import { isPlaceholder } from "./identity-identifiers.ts";

/** Shorter ones are counters of a shop that was just set up, and what people type to see whether a form works. */
const SHORTEST_ORDER_ID = 3;

/**
 * True for an order id that many orders share because nobody meant it: it tells of nobody whose order it was. Real ids
 * that look alike (a shop's order 123) are among them; being given nobody's identifiers costs such an order little.
 */
export function isPlaceholderOrder(orderId: string): boolean {
  const id = orderId.trim().toLowerCase();
  if (id.length < SHORTEST_ORDER_ID || isPlaceholder(id)) return true;
  return WORD.test(id) || /^(.)\1*$/.test(id) || "0123456789".includes(id) || "1234567890".includes(id);
}

/** Words that stand where an order's number was meant, with or without a number of their own. */
const WORD =
  /^(?:test|demo|dummy|sample|example|order|orderid|order_id|transaction|transaction_id|abc|xyz|foo|bar)[\W_]*\d{0,3}$/;
