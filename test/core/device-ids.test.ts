import { withDeviceIds } from "../../src/core/device-ids.ts";
import { graphIdentifiers } from "../../src/core/identity-identifiers.ts";
import { hashedEvent } from "../support/events.ts";

const FBP = "fb.1.1700000000000.7";
const KNOWN = { anonymous_ids: ["tablet", "phone"], browser_ids: { fbp: FBP, ttp: "another-browsers" } };
const device = hashedEvent({ user: { anonymous_id: "phone" }, browser_ids: { fbp: FBP } });
const keys = new Set(graphIdentifiers(device).map(({ key }) => key));

function bought(source: { identity_scope?: string; contact_scope?: string } = {}) {
  const event = hashedEvent({ user: { email: "ada@lovelace.dev", anonymous_id: "cart" }, browser_ids: { scid: "s" } });
  return { ...event, source: { ...event.source, ...source } };
}

test("an event gets the ids of a device whose keys these are, and no others of its person", () => {
  const event = withDeviceIds(bought(), keys, KNOWN);
  expect(event).toMatchObject({ user: { email: "ada@lovelace.dev", anonymous_id: "phone" } });
  expect(event?.browser_ids).toEqual({ scid: "s", fbp: FBP });
});

test("of a device whose person is not known by any of them there is nothing", () => {
  expect(withDeviceIds(bought(), keys, { anonymous_ids: ["tablet"], browser_ids: {} })).toBeUndefined();
  expect(withDeviceIds(bought(), new Set(), KNOWN)).toBeUndefined();
});

test("the same id in another scope is another device's", () => {
  expect(withDeviceIds(bought({ identity_scope: "brand", contact_scope: "brand" }), keys, KNOWN)).toBeUndefined();
});
