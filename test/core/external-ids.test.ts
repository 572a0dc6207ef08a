import { externalIdDigests, idDigest } from "../../src/core/external-ids.ts";

// printf %s 'cust_789' | sha256sum, and so on.
const CUSTOMER = "504a4e5658b9ec0d44476bd8f05377b945ede925c6b73f56dd63ddf3688ff025";
const VISITOR = "2e96105c29d2c92c48ffb367fa6e4b40db08207d649bcf83aa1cec30532a1e17";
const RENE = "1d5cc3f69b89d8bfb2428f6acb0044437089110724688dc2c6aec9a8446ff4f7";

test.each([
  [" cust_789 ", CUSTOMER],
  [CUSTOMER.toUpperCase(), CUSTOMER],
  ["", undefined],
  ["  ", undefined],
  [undefined, undefined],
])("the digest of %j", (id, digest) => {
  expect(idDigest(id)).toBe(digest);
});

test("has one digest for both spellings of a letter, and another for another case", () => {
  expect(idDigest("Ren\u00e9")).toBe(RENE);
  expect(idDigest("Rene\u0301")).toBe(RENE);
  expect(idDigest("ren\u00e9")).not.toBe(RENE);
});

test.each([
  [{ user_id: "cust_789", anonymous_id: "anon-1" }, undefined, [CUSTOMER, VISITOR]],
  [{ user_id: "cust_789", anonymous_id: "cust_789" }, undefined, [CUSTOMER]],
  [{}, { person_id: "p", user_id: "cust_789", anonymous_id: "anon-1" }, [CUSTOMER, VISITOR]],
  [{ user_id: "cust_789" }, { person_id: "p", user_id: "other" }, [CUSTOMER]],
  [{ user_id: " " }, undefined, undefined],
  [{}, undefined, undefined],
])("%j with %j has the external ids %j", (user, known, digests) => {
  expect(externalIdDigests(known === undefined ? { user } : { user, known })).toEqual(digests);
});
