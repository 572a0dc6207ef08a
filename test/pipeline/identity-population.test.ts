import { createPopulation } from "../support/population.ts";
import { scorePopulation } from "../support/population-score.ts";

test("people who share devices, mailboxes, phones and networks, and mistype, are told apart", async () => {
  const population = createPopulation(1, 3_000);
  const { allowed, joined, precision, recall } = await scorePopulation(population);
  expect(joined).toBeGreaterThan(50_000);
  expect(allowed).toBeGreaterThan(50_000);
  expect(precision).toBeGreaterThanOrEqual(0.999);
  expect(recall).toBeGreaterThanOrEqual(0.99);
}, 300_000);

test("the population has what makes it hard", () => {
  const { events, owners } = createPopulation(2, 1_500);
  const sharedBy = (kind: string, least: number) =>
    [...owners].filter(([name, humans]) => name.startsWith(kind) && humans.size >= least).length;
  expect(sharedBy("email familie", 2)).toBeGreaterThan(3);
  expect(sharedBy("email info@", 2)).toBeGreaterThan(3);
  expect(sharedBy("anonymous_id anon-tablet", 2)).toBeGreaterThan(50);
  expect(sharedBy("anonymous_id anon-kiosk", 20)).toBeGreaterThan(0);
  expect([...owners].filter(([name, humans]) => name.startsWith("phone") && humans.size === 0)).not.toEqual([]);
  expect([...owners.keys()].filter((name) => name.includes(".exmaple")).length).toBeGreaterThan(10);
  const byClick = [...Map.groupBy(events, ({ event }) => event.click_ids?.gclid?.value)];
  const opened = byClick
    .filter(([click]) => click !== undefined)
    .map(([, of]) => new Set(of.map(({ human }) => human)).size);
  expect([opened.length > 500, opened.filter((humans) => humans > 1).length > 20]).toEqual([true, true]);
  expect(events.filter(({ event }) => event.source.id === "crm").length).toBeGreaterThan(100);
  const ips = Map.groupBy(events, ({ event }) => event.user.ip);
  expect([...ips.values()].filter((of) => new Set(of.map(({ human }) => human)).size > 1).length).toBeGreaterThan(100);
});
