import { advertisingId, advertisingIdAsWritten } from "../../src/core/advertising-id.ts";

test.each([
  [{ advertising_id: " 6D92078A-8246-4BA4-AE5B-76104861E7DC " }, "6d92078a-8246-4ba4-ae5b-76104861e7dc"],
  [
    { advertising_id: "6d92078a-8246-4ba4-ae5b-76104861e7dc", advertising_tracking_allowed: true },
    "6d92078a-8246-4ba4-ae5b-76104861e7dc",
  ],
  [{ advertising_id: "6d92078a-8246-4ba4-ae5b-76104861e7dc", advertising_tracking_allowed: false }, undefined],
  [{ advertising_id: "6d92078a" }, undefined],
  [{ advertising_id: "jane@example.com" }, undefined],
  [{ advertising_id: "a".repeat(64) }, undefined],
  [{ advertising_id: "00000000-0000-0000-0000-000000000000" }, undefined],
  [{ advertising_id: " " }, undefined],
  [{}, undefined],
  [undefined, undefined],
])("%j has the advertising id %p", (device, id) => {
  expect(advertisingId(device === undefined ? {} : { device })).toBe(id);
});

test("is written as the device has it where a platform takes it in clear", () => {
  const device = { advertising_id: " 6D92078A-8246-4BA4-AE5B-76104861E7DC " };
  expect(advertisingIdAsWritten({ device })).toBe("6D92078A-8246-4BA4-AE5B-76104861E7DC");
  expect(advertisingIdAsWritten({ device: { advertising_id: "jane@example.com" } })).toBeUndefined();
  expect(advertisingIdAsWritten({ device: { ...device, advertising_tracking_allowed: false } })).toBeUndefined();
});
