/** A purchase as a server sends it, with what all three shipped destinations ask for. */
export function purchaseInput(id: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    event_name: "purchase",
    event_id: id,
    order_id: id,
    value: "49.90",
    currency: "EUR",
    page: { url: "https://shop.example.com/thanks" },
    browser_ids: { ga_client_id: "1234567890.1700000000" },
    user: { email: `${id}@example.com`, country: "US", ip: "198.51.100.7", user_agent: "Mozilla/5.0" },
    ...more,
  };
}
