import { readCountry } from "../core/country.ts";
import { firstText, looseObject, looseText } from "./loose-fields.ts";

/** Traits of the Segment and RudderStack specs as `user` of the event contract; both spellings of each name. */
export function userFromTraits(traits: Record<string, unknown>): Record<string, unknown> {
  const address = looseObject(traits.address);
  const name = looseText(traits.name, 400);
  const gender = looseText(traits.gender, 10)?.toLowerCase();
  const country = firstText(address, ["country", "countryCode", "country_code"], 100);
  return {
    email: looseText(traits.email, 320),
    phone: looseText(traits.phone, 64),
    first_name: firstText(traits, ["firstName", "first_name", "firstname"], 200) ?? splitName(name).first,
    last_name: firstText(traits, ["lastName", "last_name", "lastname"], 200) ?? splitName(name).last,
    gender: gender !== undefined && /^(m|f|male|female)$/.test(gender) ? gender : undefined,
    date_of_birth: birthday(traits.birthday),
    street: firstText(address, ["street", "line1"], 400),
    city: looseText(address.city, 200),
    region: firstText(address, ["state", "region"], 200),
    postal_code: firstText(address, ["postalCode", "postal_code", "zip"], 32),
    country: country === undefined ? undefined : readCountry(country),
  };
}

// Only two words split without guessing.
function splitName(name: string | undefined): { first?: string; last?: string } {
  const [first, last, ...more] = name?.split(/\s+/) ?? [];
  return first !== undefined && last !== undefined && more.length === 0 ? { first, last } : {};
}

function birthday(value: unknown): string | undefined {
  const date = /^\d{4}-\d{2}-\d{2}/.exec(looseText(value) ?? "")?.[0];
  if (date === undefined || Number.isNaN(Date.parse(date))) return undefined;
  return new Date(date).toISOString().startsWith(date) ? date : undefined;
}
