import type { ConsentState } from "../../src/core/consent.ts";
import { jurisdictionOf, limitsDataUse } from "../../src/core/data-use.ts";
import type { User } from "../../src/core/event.ts";

test.each<[ConsentState | undefined, boolean]>([
  [undefined, false],
  [{}, false],
  [{ limited_data_use: false, gpc: false, ad_personalization: "granted" }, false],
  [{ limited_data_use: true }, true],
  [{ gpc: true }, true],
  [{ ad_personalization: "denied" }, true],
  [{ ad_storage: "denied", ad_user_data: "denied", analytics_storage: "denied" }, false],
])("%j limits the use of data: %s", (consent, limited) => {
  expect(limitsDataUse(consent === undefined ? {} : { consent })).toBe(limited);
});

test.each<[string | undefined, User, object]>([
  ["US-CA", {}, { country: "US", region: "CA" }],
  ["US-CA", { country: "DE", region: "BY" }, { country: "US", region: "CA" }],
  ["us-ca", {}, { country: "US", region: "CA" }],
  ["UK", {}, { country: "GB" }],
  // The Union is a law and no country: a platform would not know it.
  ["EU", { country: "DE" }, { country: "DE" }],
  ["EU", {}, {}],
  ["DE", { country: "US", region: "CA" }, { country: "DE" }],
  [undefined, {}, {}],
  [undefined, { country: "US" }, { country: "US" }],
  [undefined, { country: "US", region: "California" }, { country: "US", region: "CA" }],
  [undefined, { country: "CA", region: "Québec" }, { country: "CA", region: "QC" }],
  [undefined, { country: "US", region: "somewhere" }, { country: "US" }],
  [undefined, { country: "DE", region: "BY" }, { country: "DE" }],
])("the law of %s for %j", (jurisdiction, user, place) => {
  const consent = jurisdiction === undefined ? {} : { jurisdiction };
  expect(jurisdictionOf({ consent, user })).toEqual(place);
});

test("without a word of the law or of where the person lives, the connection tells", () => {
  const location = { country: "US", region: "CA" };
  expect(jurisdictionOf({ user: {}, location })).toEqual({ country: "US", region: "CA" });
  expect(jurisdictionOf({ user: { country: "DE" }, location })).toEqual({ country: "DE" });
  expect(jurisdictionOf({ user: {}, location, consent: { jurisdiction: "US-NY" } })).toEqual({
    country: "US",
    region: "NY",
  });
});
