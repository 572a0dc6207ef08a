import { join } from "node:path";
import { MappingSwitches } from "../src/mapping-switches.ts";
import { temporaryDirectory } from "./support/assembly-fixture.ts";
import { mappingModel } from "./support/mapping-model.ts";

const MODEL = mappingModel("a");

test("a switch holds over a restart, until a deployment says otherwise", () => {
  const file = join(temporaryDirectory(), "mappings.json");
  const other = { ...MODEL, uuid: "b" };
  new MappingSwitches([MODEL, other], file).set(MODEL, false);
  const restarted = new MappingSwitches([MODEL, other], file);
  expect([MODEL, other].map((model) => restarted.isEnabled(model))).toEqual([false, true]);
  // The template turned it off itself, so its word is the newer one, also when it takes it back.
  const off = { ...MODEL, enabled: false };
  expect(new MappingSwitches([off, other], file).isEnabled(off)).toBe(false);
  expect(new MappingSwitches([MODEL, other], file).isEnabled(MODEL)).toBe(true);
});

test("without a file nothing is kept", () => {
  new MappingSwitches([MODEL], undefined).set(MODEL, false);
  expect(new MappingSwitches([MODEL], undefined).isEnabled(MODEL)).toBe(true);
});
