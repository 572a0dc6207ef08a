import fc from "fast-check";
import { HASH_VARIANTS } from "../../src/core/event.ts";
import { hashVariants } from "../../src/core/hash-variants.ts";

const DIGEST = "a".repeat(64);

test("every variant of one person, national phone read in the default country", () => {
  const user = { email: "  Jane.Doe+Promo@GMAIL.com ", phone: "(415) 555-2671" };
  expect(hashVariants(user, { defaultCountry: "US" })).toEqual({
    hashes: {
      email_plain: "5f0d1df1fc49e30424381b57b1d4c73e067772a4267dde043a19b026935602c8",
      email_google: "d6117306485ed0e50afab3ac871e98f81699151f30281527d63ff5f233656c69",
      email_microsoft: "d6117306485ed0e50afab3ac871e98f81699151f30281527d63ff5f233656c69",
      email_reddit: "d6117306485ed0e50afab3ac871e98f81699151f30281527d63ff5f233656c69",
      email_amazon: "5f0d1df1fc49e30424381b57b1d4c73e067772a4267dde043a19b026935602c8",
      phone_e164: "cb6880e416769253645cb9c6b8989154bf66a56a77fc14c81fb1019663cbb928",
      phone_digits: "758fbf68945f21c416814c539ab578876c8d98fb69e6da692def92cd52417fe0",
    },
    phoneE164: "+14155552671",
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

test.each([
  [{ email: DIGEST, phone: DIGEST }, ["email", "phone"]],
  [{ email_sha256: DIGEST }, ["email"]],
  [{ email: "jane@example.com", email_sha256: DIGEST }, []],
])("%j: a digest is no variant, and reported where nothing better goes out", (user, reported) => {
  const { hashes, phoneE164, problems } = hashVariants(user, { defaultCountry: "US" });
  expect(Object.values(hashes)).not.toContain(DIGEST);
  expect(phoneE164).toBeUndefined();
  expect(problems.map(({ field }) => field)).toEqual(reported);
  for (const { problem } of problems) expect(problem).toContain("hashed by the sender");
});

test("nothing given is nothing wrong", () => {
  expect(hashVariants({}, {})).toEqual({ hashes: {}, problems: [] });
  expect(hashVariants({ email: " ", phone: "" }, {})).toEqual({ hashes: {}, problems: [] });
});

test("any text gives 64 hex digits or nothing, and never throws", () => {
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.emailAddress(), fc.stringMatching(/^\+?[0-9 ]{0,16}$/));
  fc.assert(
    fc.property(text, text, fc.option(fc.string(), { nil: undefined }), (email, phone, country) => {
      const options = country === undefined ? {} : { defaultCountry: country };
      const { hashes, phoneE164 } = hashVariants({ email, phone }, options);
      expect(phoneE164 ?? "+0").toMatch(/^\+\d+$/);
      expect(phoneE164 === undefined).toBe(hashes.phone_e164 === undefined);
      for (const variant of HASH_VARIANTS) expect(hashes[variant] ?? "0".repeat(64)).toMatch(/^[0-9a-f]{64}$/);
    }),
  );
});
