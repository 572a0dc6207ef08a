import fc from "fast-check";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { isTooBroad, type MetaUserData, userData } from "../../src/destinations/meta/user-data.ts";
import { purchaseEvent } from "../support/events.ts";

function only(part: Partial<CanonicalEvent>): MetaUserData {
  const { browser_ids: _browser, click_ids: _clicks, ...rest } = purchaseEvent({ user: {} });
  return userData({ ...rest, ...part });
}

test.each<[string, (keyof MetaUserData)[]]>([
  ["nothing", []],
  ["a user agent", ["client_user_agent"]],
  ["a place and a gender", ["ct", "st", "zp", "country", "ge", "client_user_agent"]],
  ["a birth date and a user agent", ["db", "client_user_agent"]],
  ["a first name and a gender", ["fn", "ge"]],
  ["a last name and a gender", ["ln", "ge"]],
])("%s points at nobody", (_what, keys) => {
  expect(isTooBroad(Object.fromEntries(keys.map((key) => [key, "x"])))).toBe(true);
});

test.each<(keyof MetaUserData)[]>([
  ["em"],
  ["client_ip_address", "client_user_agent"],
  ["fn", "ln"],
  ["db", "ge"],
  ["fbp"],
])("%s and %s can point at someone", (...keys) => {
  expect(isTooBroad(Object.fromEntries(keys.map((key) => [key, "x"])))).toBe(false);
});

test("a click id of any text gives an fbc that Meta takes, with its case, or none", () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1_500_000_000_000, max: 2_000_000_000_000 }), (value, seen_at) => {
      const { fbc } = only({ click_ids: { fbclid: { value, seen_at } } });
      if (/\s/.test(value) || value === "") expect(fbc).toBeUndefined();
      else expect(fbc).toBe(`fb.1.${seen_at}.${value}`);
    }),
  );
});

test("a private address is not sent", () => {
  expect(only({ user: { ip: "192.168.0.7" } })).toEqual({});
});

test("the same id as user and anonymous id is sent once", () => {
  expect(only({ user: { user_id: "7", anonymous_id: " 7 " } }).external_id).toHaveLength(1);
});
