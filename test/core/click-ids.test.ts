import { readFileSync } from "node:fs";
import { BROWSER_IDS } from "../../src/core/browser-ids.ts";
import { CLICK_ID_NAMES, CLICK_IDS } from "../../src/core/click-ids.ts";
import { isLiveClick } from "../../src/core/click-lifetimes.ts";
import { DAY_MS } from "../../src/core/durations.ts";

test("a click counts from its moment to the last of its days, and not before", () => {
  for (const name of CLICK_ID_NAMES) {
    const last = CLICK_IDS[name].lifetimeDays * DAY_MS;
    expect([0, last, last + 1, -1].map((age) => isLiveClick(name, 5, 5 + age))).toEqual([true, true, false, false]);
  }
});

test("a click id goes by its first URL parameter, as senders know it", () => {
  for (const name of CLICK_ID_NAMES) expect(CLICK_IDS[name].parameters[0]).toBe(name);
});

test("docs/ingest.md lists every id with where it is read and how long it counts", () => {
  const rows = readFileSync("docs/ingest.md", "utf8")
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()));
  const named = (name: string, columns: number) =>
    rows.find((cells) => cells.length === columns + 2 && cells[2] === `\`${name}\``)?.slice(3, -1);
  const code = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(", ");
  for (const [name, { parameters, cookies, lifetimeDays }] of Object.entries(CLICK_IDS)) {
    expect([name, named(name, 5)]).toEqual([
      name,
      [code(parameters), code(Object.keys(cookies)), String(lifetimeDays)],
    ]);
  }
  for (const [name, { cookie }] of Object.entries(BROWSER_IDS)) {
    expect([name, named(name, 3)]).toEqual([name, [code([cookie])]]);
  }
});
