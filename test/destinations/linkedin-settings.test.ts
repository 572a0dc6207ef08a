import { linkedin } from "../../src/destinations/linkedin.ts";

const parse = (input: unknown) => linkedin.settings.parse(input);

test("needs no settings", () => {
  expect(parse({})).toEqual({ apiVersion: "202608", ipAddress: false });
});

test.each(["2026-08", "202613", "202600", "v202608", "202512", 202608])("refuses the version %s", (apiVersion) => {
  expect(() => parse({ apiVersion })).toThrow(/apiVersion: must be a version that LinkedIn released/);
});

test.each(["", " "])("refuses '%s' as the name of a property", (titleProperty) => {
  expect(() => parse({ titleProperty })).toThrow(/titleProperty: must be the name of a property/);
});

test.each(["", "Purchase", "urn:lla:llaPartnerConversion:104012", "104 012"])("'%s' is no conversion rule", (name) => {
  expect(linkedin.eventNameProblem?.(name)).toMatch(/number of a conversion rule/);
});

test("a conversion rule is a number", () => {
  expect(linkedin.eventNameProblem?.("104012")).toBeUndefined();
});

describe("versions that end", () => {
  const at = (day: string) => Date.parse(`${day}T00:00:00Z`);
  const warnings = (apiVersion: string, day: string) => linkedin.warnings?.(parse({ apiVersion }), at(day));

  test.each([
    ["202601", "2026-11-15"],
    ["202603", "2027-01-14"],
    ["202607", "2027-05-15"],
    ["202608", "2027-06-15"],
    ["202611", "2026-11-23"],
  ])("%s is fine on %s", (version, day) => {
    expect(warnings(version, day)).toEqual([]);
  });

  test.each([
    ["202601", "2026-11-16", "LinkedIn's API version 202601 ends on 2027-01-15, in 60 days: set apiVersion to 202608"],
    ["202601", "2027-01-15", "LinkedIn's API version 202601 ends on 2027-01-15, in 0 days: set apiVersion to 202608"],
    [
      "202601",
      "2027-01-16",
      "LinkedIn's API version 202601 was retired on 2027-01-15 and refuses every call: set apiVersion to 202608",
    ],
    [
      "202511",
      "2026-11-23",
      "LinkedIn's API version 202511 was retired on 2026-11-16 and refuses every call: set apiVersion to 202608",
    ],
    [
      "202506",
      "2026-11-23",
      "LinkedIn's API version 202506 was retired long ago and refuses every call: set apiVersion to 202608",
    ],
    [
      "202602",
      "2026-12-20",
      "LinkedIn's API version 202602 ends around 2027-02-15, its exact day is not known: set apiVersion to 202608",
    ],
    [
      "202608",
      "2027-07-01",
      "LinkedIn's API version 202608 ends around 2027-08-15, its exact day is not known: set apiVersion to a newer one of LinkedIn's migrations page",
    ],
  ])("%s is warned of on %s", (version, day, warning) => {
    expect(warnings(version, day)).toEqual([warning]);
  });
});

describe("the two ways to sign in", () => {
  const refresh = { clientId: "77abc", clientSecret: "s3cret", refreshToken: "AQXrefresh" };

  test("a refresh token is traded for an access token", () => {
    const request = linkedin.tokenRequest?.(refresh, 0);
    expect(request).toMatchObject({
      method: "POST",
      url: "https://www.linkedin.com/oauth/v2/accessToken",
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      grant_type: "refresh_token",
      refresh_token: "AQXrefresh",
      client_id: "77abc",
      client_secret: "s3cret",
    });
  });

  test("a token of the account is used as it is, unless there is a refresh token too", () => {
    expect(linkedin.tokenRequest?.({ accessToken: "AQXaccess" }, 0)).toBeUndefined();
    expect(linkedin.tokenRequest?.({ ...refresh, accessToken: "AQXold" }, 0)?.body).toContain("refresh_token");
  });

  test.each([
    [{}, "accessToken"],
    [{ accessToken: "two words" }, "accessToken"],
    [{ ...refresh, refreshToken: "AQX\n" }, "refreshToken"],
    [{ clientId: "77abc", clientSecret: "s3cret" }, "accessToken"],
  ])("of %j it says that %s is wrong", (secret, field) => {
    const problem = linkedin.credentialProblem?.(secret);
    expect(problem).toBe(`${field} empty, or with characters that LinkedIn's ids and tokens do not have`);
    expect(problem).not.toContain("AQX");
  });

  test("takes either when it is whole", () => {
    expect(linkedin.credentialProblem?.(refresh)).toBeUndefined();
    expect(linkedin.credentialProblem?.({ accessToken: "AQXaccess" })).toBeUndefined();
  });
});
