import { userFromTraits } from "../../src/sources/sdk-traits.ts";

test("both spellings of every trait", () => {
  const user = {
    email: "ada@example.com",
    first_name: "Ada",
    last_name: "Lovelace",
    gender: "female",
    date_of_birth: "1815-12-10",
    city: "London",
    postal_code: "12345",
    country: "GB",
  };
  const shared = { email: " ada@example.com ", gender: "Female", birthday: "1815-12-10T00:00:00Z" };
  const camel = {
    ...shared,
    firstName: "Ada",
    lastName: "Lovelace",
    address: { city: "London", postalCode: 12345, country: "gb" },
  };
  const snake = {
    ...shared,
    first_name: "Ada",
    last_name: "Lovelace",
    address: { city: "London", postal_code: "12345", country: "GB" },
  };
  expect(userFromTraits(camel)).toMatchObject(user);
  expect(userFromTraits(snake)).toMatchObject(user);
});

test("a full name is split only where nothing is guessed", () => {
  expect(userFromTraits({ name: "Ada Lovelace" })).toMatchObject({ first_name: "Ada", last_name: "Lovelace" });
  expect(userFromTraits({ name: "Juan Carlos García" })).toMatchObject({ first_name: undefined, last_name: undefined });
});

test("what cannot be read is absent", () => {
  const odd = { email: {}, phone: [], gender: "x", birthday: "1990-02-30", address: "London", firstName: "" };
  expect(Object.values(userFromTraits(odd)).filter((value) => value !== undefined)).toEqual([]);
  expect(userFromTraits({ address: { country: "Germania Inferior" } }).country).toBeUndefined();
});

test("a country by its name or three letters", () => {
  expect(userFromTraits({ address: { country: "Germany" } }).country).toBe("DE");
  expect(userFromTraits({ address: { country: "usa" } }).country).toBe("US");
});
