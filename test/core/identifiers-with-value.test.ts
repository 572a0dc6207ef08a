import { identifiersWithValue } from "../../src/core/identifiers-with-value.ts";

test("what is undefined is not sent; the first of several fields may be any of them", () => {
  const fields: { em?: string; fn?: string; ln?: string } = { ln: "digest" };
  const sent = { email: fields.em, name: fields.fn ?? fields.ln, click_id: undefined };
  expect([...identifiersWithValue(sent)]).toEqual(["name"]);
  expect(identifiersWithValue({}).size).toBe(0);
});
