import type { OwnLaneQueue } from "../../src/pipeline/ports.ts";

/** One queue under test, with what a test needs to see of it. */
export interface OwnLaneQueueWorld {
  readonly queue: OwnLaneQueue;
  /** Puts messages on the lane, receives them, and returns their receipt handles in order. */
  receive(bodies: readonly string[]): Promise<string[]>;
  /** How long each message is still hidden, seconds, in order; undefined when its timeout was never changed. */
  hiddenSeconds(receiptHandles: readonly string[]): Promise<(number | undefined)[]>;
  deadLetters(): Promise<{ body: string; reason: string }[]>;
}

/** What every `OwnLaneQueue` must do. */
export function ownLaneQueueSuite(create: () => Promise<OwnLaneQueueWorld>): void {
  const bodiesOf = (count: number) => Array.from({ length: count }, (_, index) => `body ${index}`);

  test("postpones each message by its own time, more of them than one call takes", async () => {
    const world = await create();
    const handles = await world.receive(bodiesOf(23));
    await world.queue.postpone(handles.map((receiptHandle, index) => ({ receiptHandle, seconds: 1_000 + index })));
    expect(await world.hiddenSeconds(handles)).toEqual(handles.map((_, index) => 1_000 + index));
  });

  test("a message that cannot be postponed does not hinder the others", async () => {
    const world = await create();
    const handles = await world.receive(bodiesOf(3));
    const seconds = [60, 99_999, 70];
    await world.queue.postpone(
      handles.map((receiptHandle, index) => ({ receiptHandle, seconds: seconds[index] ?? 0 })),
    );
    expect(await world.hiddenSeconds(handles)).toEqual([60, undefined, 70]);
  });

  test("dead letters keep their body and their reason, more of them than one call takes", async () => {
    const world = await create();
    const entries = bodiesOf(23).map((body, index) => ({ body, reason: `reason ${index}` }));
    await world.queue.deadLetter(entries);
    const byBody = (a: { body: string }, b: { body: string }) => a.body.localeCompare(b.body);
    expect((await world.deadLetters()).toSorted(byBody)).toEqual(entries.toSorted(byBody));
  });

  test("bodies that one call could not carry together all arrive", async () => {
    const world = await create();
    const entries = ["a", "b", "c"].map((letter) => ({ body: letter.repeat(600_000), reason: letter }));
    await world.queue.deadLetter(entries);
    expect((await world.deadLetters()).map(({ body }) => body.length)).toEqual([600_000, 600_000, 600_000]);
  });

  test("nothing to do is fine", async () => {
    const { deadLetters, queue } = await create();
    await queue.postpone([]);
    await queue.deadLetter([]);
    expect(await deadLetters()).toEqual([]);
  });
}
