import { DAY_MS, HOUR_MS } from "../../src/core/durations.ts";
import type { ReplaySelection } from "../../src/core/replay-job.ts";
import type { ReplayRequest } from "../../src/pipeline/replay-request.ts";
import { order, replayWorld, START } from "../support/replay-world.ts";

async function refusal(
  world: ReturnType<typeof replayWorld>,
  selection: ReplaySelection,
  more: Partial<ReplayRequest> = {},
): Promise<unknown> {
  return world.create(selection, more).then(
    () => "taken",
    (error: unknown) => (error as { code?: string }).code,
  );
}

describe("by event id", () => {
  test("only the hours around the claims are read, and only those events are sent", async () => {
    const world = replayWorld();
    await world.enrich([order("e1"), order("other")]);
    const later = { event_time: START + 9 * HOUR_MS, received_at: START + 9 * HOUR_MS };
    world.clock.set(later.received_at);
    await world.enrich([order("e2", later)]);
    world.clock.set(START + 2 * DAY_MS);
    const job = await world.replay({ event_ids: ["e1", "e2", "unknown"], destinations: ["meta"] });
    expect(world.sent("meta")).toEqual(["e1", "e2"]);
    expect(job.windows).toEqual([
      { from: START - 60_000, to: START + 2 * HOUR_MS },
      { from: later.received_at - 60_000, to: later.received_at + 2 * HOUR_MS },
    ]);
    expect(job.counts.events).toBe(2);
  });

  test("a range that is given holds, also for events whose story nobody knows", async () => {
    const world = replayWorld();
    expect(await refusal(world, { event_ids: ["e1", "e2"] })).toBe("not_found");
    const from = START - HOUR_MS;
    expect((await world.create({ event_ids: ["e1"], from, to: START + 1 })).windows).toEqual([{ from, to: START + 1 }]);
  });
});

test("a range that begins long before the archive does is cut, so that nobody lists fifty years", async () => {
  const world = replayWorld();
  const { windows } = await world.create({ from: 0 });
  expect(windows).toEqual([{ from: START - 91 * DAY_MS, to: START + 1 }]);
  expect((await world.create({ person: "u-1" })).windows).toEqual(windows);
});

describe("by person", () => {
  test.each([
    ["e-mail", "  Ada@Lovelace.dev "],
    ["phone", "+49 151 12345678"],
    ["user id", "u-1"],
    ["anonymous id", "8f14e45f-ceea-467f-a9d2-8b1d0c1c2f3a"],
  ])("found by %s, and stored as digests only", async (_, person) => {
    const world = replayWorld();
    const stranger = { user: { user_id: "u-9", email: "grace@hopper.dev" }, browser_ids: {} };
    await world.enrich([order("hers"), order("other", stranger)]);
    world.clock.set(START + 2 * DAY_MS);
    const job = await world.replay({ person, destinations: ["meta"] });
    expect(world.sent("meta")).toEqual(["hers"]);
    const stored = JSON.stringify(await world.replays.list({ limit: 9 }));
    for (const secret of ["ada", "Ada", "12345678", "u-1", "8f14e45f"]) expect(stored).not.toContain(`"${secret}`);
    expect(job).not.toHaveProperty("selection.person");
  });

  test("events of somebody who turned out to be the same person are theirs", async () => {
    const world = replayWorld();
    const anonymous = { user: { anonymous_id: "a-1" }, browser_ids: {} };
    await world.enrich([order("before", anonymous)]);
    await world.enrich([order("login", { user: { anonymous_id: "a-1", user_id: "u-7" }, browser_ids: {} })]);
    await world.enrich([order("after", { user: { user_id: "u-7" }, browser_ids: {} })]);
    world.clock.set(START + 2 * DAY_MS);
    await world.replay({ person: "u-7", destinations: ["meta"] });
    expect(world.sent("meta").sort()).toEqual(["after", "before", "login"]);
  });

  test("a placeholder stands for nobody, and somebody unknown has no events", async () => {
    const world = replayWorld();
    await world.enrich([order("e1")]);
    world.clock.set(START + 2 * DAY_MS);
    expect(await refusal(world, { person: "guest" })).toBe("selection");
    expect((await world.replay({ person: "nobody@nowhere.dev" })).counts).toMatchObject({ events: 0, sent: 0 });
  });
});

describe("refused", () => {
  test("what says nothing, or what does not exist", async () => {
    const world = replayWorld();
    const from = START;
    expect(await refusal(world, { destinations: ["meta"] })).toBe("selection");
    expect(await refusal(world, { event_ids: [] })).toBe("selection");
    expect(await refusal(world, { from, to: from })).toBe("selection");
    expect(await refusal(world, { from, destinations: ["tiktok"] })).toBe("unknown_destination");
    expect(await refusal(world, { from, sources: ["web", "shop"] })).toBe("unknown_source");
    expect(await world.replays.list({ limit: 9 })).toEqual([]);
  });

  test("a forced replay that may count twice, unless that is confirmed", async () => {
    const world = replayWorld();
    const now = START + 2 * DAY_MS;
    world.clock.set(now);
    const recent = { from: now - HOUR_MS };
    const force = { force: true };
    // ga4 counts copies, whenever.
    expect(await refusal(world, recent, force)).toBe("double_count");
    expect(await refusal(world, { ...recent, destinations: ["ga4"] }, force)).toBe("double_count");
    expect(await refusal(world, { ...recent, destinations: ["meta"] }, force)).toBe("taken");
    // meta forgets.
    expect(await refusal(world, { from: START, destinations: ["meta"] }, force)).toBe("double_count");
    expect(await refusal(world, { from: START }, { ...force, confirm_double_count: true })).toBe("taken");
  });
});
