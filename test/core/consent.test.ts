import { type ConsentState, joinedVendorRefusals, withRefusals } from "../../src/core/consent.ts";

describe("what was refused after an event", () => {
  const answered: ConsentState = {
    ad_storage: "granted",
    ad_user_data: "granted",
    tcf: "CPX",
    answered_by: { ad_storage: "tcf", ad_user_data: "tcf" },
    refused_to: { ad_storage: [755] },
  };

  test("takes the strings off that grant it still, and is no answer of theirs", () => {
    expect(withRefusals(answered, { ad_user_data: "denied" })).toEqual({
      ad_storage: "granted",
      ad_user_data: "denied",
      answered_by: { ad_storage: "tcf" },
      refused_to: { ad_storage: [755] },
    });
  });

  test("leaves out more companies, and none fewer", () => {
    const { refused_to, ...others } = withRefusals(answered, { refused_to: { ad_storage: [42], ad_user_data: [42] } });
    expect(refused_to).toEqual({ ad_storage: [42, 755], ad_user_data: [42] });
    expect(others).not.toHaveProperty("tcf");
  });

  test("changes nothing where it is what the event says itself", () => {
    expect(withRefusals(answered, {})).toBe(answered);
    expect(withRefusals(answered, { refused_to: { ad_storage: [755] } })).toBe(answered);
  });
});

test("companies that any of several states leaves out are left out, in ascending order", () => {
  const states = [{ refused_to: { ad_storage: [793, 42] } }, undefined, {}, { refused_to: { ad_storage: [755, 42] } }];
  expect(joinedVendorRefusals(states)).toEqual({ ad_storage: [42, 755, 793] });
  expect(joinedVendorRefusals([undefined, {}])).toEqual({});
});
