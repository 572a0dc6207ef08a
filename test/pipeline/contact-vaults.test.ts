import { createContactVault } from "../../src/core/sealed-contacts.ts";
import { openVault } from "../../src/pipeline/contact-vaults.ts";
import { SecretError } from "../../src/pipeline/ports.ts";

type Line = readonly [level: string, message: string, fields: unknown];

function logged() {
  const lines: Line[] = [];
  const line = (level: string) => (message: string, fields?: unknown) => void lines.push([level, message, fields]);
  return { lines, log: { error: line("error"), warn: line("warn") } };
}

const VAULT = createContactVault({ key: "k".repeat(64) });

test("without a lane that needs one there is no vault and nothing is said", async () => {
  const { lines, log } = logged();
  expect(await openVault({ log })).toBeUndefined();
  expect(lines).toEqual([]);
});

test("a key that cannot be read is said by its kind, and ends nothing", async () => {
  const { lines, log } = logged();
  const contacts = { current: () => Promise.reject(new TypeError("key jane@example.org")) };
  expect(await openVault({ contacts, log })).toBeUndefined();
  expect(lines).toEqual([
    ["error", "the key of people's contacts cannot be read; none are filled in", { error: "TypeError" }],
  ]);
});

test("a key that only a person can mend is said with what is wrong with it", async () => {
  const { lines, log } = logged();
  const reason = "secret tracklayer/production/contacts cannot be read: ResourceNotFoundException";
  await openVault({ contacts: { current: () => Promise.reject(new SecretError(reason)) }, log });
  expect(lines).toMatchObject([["error", expect.any(String), { error: "SecretError", error_message: reason }]]);
});

test("what cannot be opened is counted once for the batch, without a value", async () => {
  const { lines, log } = logged();
  const vault = await openVault({ contacts: { current: async () => VAULT }, log });
  const foreign = createContactVault({ key: "o".repeat(64) }).seal("email", "jane@example.org");
  const damaged = `${VAULT.seal("phone", "+4915112345678").slice(0, -2)}AA`;
  expect(vault?.open("email", foreign)).toEqual({ problem: "another_key" });
  expect(vault?.open("email", foreign)).toEqual({ problem: "another_key" });
  expect(vault?.open("phone", damaged)).toEqual({ problem: "damaged" });
  expect(vault?.open("email", VAULT.seal("email", "jane@example.org"))).toEqual({ text: "jane@example.org" });
  expect(lines).toEqual([]);
  vault?.tell();
  expect(lines).toEqual([
    ["warn", "contacts are sealed with another key", { contacts: 2 }],
    ["error", "sealed contacts are damaged", { contacts: 1 }],
  ]);
});
