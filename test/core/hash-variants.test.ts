import fc from "fast-check";
import { HASH_VARIANTS } from "../../src/core/event.ts";
import { hashVariants } from "../../src/core/hash-variants.ts";

test("every variant of one person, national phone read in the default country", () => {
  const user = { email: "  Jane.Doe+Promo@GMAIL.com ", phone: "(415) 555-2671" };
  expect(hashVariants(user, { defaultCountry: "US" })).toEqual({
    hashes: {
      email_plain: "5f0d1df1fc49e30424381b57b1d4c73e067772a4267dde043a19b026935602c8",
      email_google: "d6117306485ed0e50afab3ac871e98f81699151f30281527d63ff5f233656c69",
      phone_e164: "cb6880e416769253645cb9c6b8989154bf66a56a77fc14c81fb1019663cbb928",
      phone_digits: "758fbf68945f21c416814c539ab578876c8d98fb69e6da692def92cd52417fe0",
    },
    problems: [],
  });
});

test("the person's own country wins over the default one", () => {
  const german = hashVariants({ phone: "030 901820", country: "DE" }, { defaultCountry: "US" });
  expect(german).toEqual(hashVariants({ phone: "+49 30 901820" }, {}));
  expect(german.hashes.phone_digits).toBe("c03f76216358b07b09a300613908002987efc1ae9a2ef2a85d57d5a971bf821a");
});

test("what does not parse is left out and named, without its value", () => {
  const { hashes, problems } = hashVariants({ email: "jane.doe", phone: "555-2671" }, {});
  expect(hashes).toEqual({});
  expect(problems.map(({ field }) => field)).toEqual(["email", "phone"]);
  expect(JSON.stringify(problems)).not.toMatch(/jane|2671/);
});

test("a digest in a raw field is no variant and no problem", () => {
  const digest = "A".repeat(64);
  expect(hashVariants({ email: digest, phone: digest }, { defaultCountry: "US" })).toEqual({
    hashes: {},
    problems: [],
  });
});

test("nothing given is nothing wrong", () => {
  expect(hashVariants({}, {})).toEqual({ hashes: {}, problems: [] });
  expect(hashVariants({ email: " ", phone: "" }, {})).toEqual({ hashes: {}, problems: [] });
});

test("any text gives 64 hex digits or nothing, and never throws", () => {
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.emailAddress(), fc.stringMatching(/^\+?[0-9 ]{0,16}$/));
  fc.assert(
    fc.property(text, text, fc.option(fc.string(), { nil: undefined }), (email, phone, country) => {
      const { hashes } = hashVariants({ email, phone }, country === undefined ? {} : { defaultCountry: country });
      for (const variant of HASH_VARIANTS) expect(hashes[variant] ?? "0".repeat(64)).toMatch(/^[0-9a-f]{64}$/);
    }),
  );
});
