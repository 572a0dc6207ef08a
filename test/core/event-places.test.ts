import type { CanonicalEvent } from "../../src/core/event.ts";
import { listsPlace, placesOf } from "../../src/core/event-places.ts";

type Said = Pick<CanonicalEvent, "location" | "user"> & { jurisdiction?: string };

test.each<[string, Said, string[]]>([
  ["nothing", { user: {} }, []],
  ["an address", { user: { country: "DE" } }, ["DE"]],
  ["a state by its code", { user: { country: "US", region: "CA" } }, ["US-CA"]],
  ["a state by its name", { user: { country: "US", region: "California" } }, ["US-CA"]],
  ["a region that is no code", { user: { country: "DE", region: "Bayern" } }, ["DE"]],
  ["a misspelt state", { user: { country: "US", region: "Kalifornia" } }, ["US"]],
  ["a region without a country", { user: { region: "CA" } }, []],
  ["a jurisdiction", { user: {}, jurisdiction: "US-CA" }, ["US-CA"]],
  ["a jurisdiction in lower case", { user: {}, jurisdiction: "de-by" }, ["DE-BY"]],
  ["the Union", { user: {}, jurisdiction: "EU" }, ["BE"]],
  ["the United Kingdom", { user: {}, jurisdiction: "UK" }, ["GB"]],
  ["a jurisdiction whose region is no code", { user: {}, jurisdiction: "DE-Bavaria" }, ["DE"]],
  ["no jurisdiction at all", { user: { country: "US" }, jurisdiction: "nonsense" }, ["US"]],
  ["a connection", { user: {}, location: { country: "FR", region: "IDF" } }, ["FR-IDF"]],
  ["three places", { user: { country: "US" }, jurisdiction: "CA", location: { country: "DE" } }, ["US", "CA", "DE"]],
  ["one place three times", { user: { country: "US" }, jurisdiction: "US", location: { country: "US" } }, ["US"]],
  [
    "a country beside its own region",
    { user: { country: "US" }, location: { country: "US", region: "CA" } },
    ["US-CA"],
  ],
  ["two regions", { user: { country: "US", region: "NY" }, jurisdiction: "US-CA" }, ["US-NY", "US-CA"]],
])("%s", (_, { jurisdiction, ...said }, places) => {
  expect(placesOf({ ...said, ...(jurisdiction === undefined ? {} : { consent: { jurisdiction } }) })).toEqual(places);
});

test.each<[string[], string | undefined, boolean]>([
  [["*"], "DE", true],
  [["*"], undefined, true],
  [["unknown"], undefined, true],
  [["unknown"], "DE", false],
  [["US"], "US", true],
  [["US"], "US-CA", true],
  [["US-CA"], "US-CA", true],
  [["US-CA"], "US-NY", false],
  [["US-CA"], "US", false],
  [["DE", "FR"], undefined, false],
])("a rule for %j means %s: %s", (listed, place, means) => {
  expect(listsPlace(listed, place)).toBe(means);
});
