import type { Page } from "../../src/ops/contract/page.ts";

/** Reads pages until there are enough items or no more; `next` is where the answer stopped. */
export async function readPages<Item, Answer extends Page<Item>>(
  limit: number,
  readPage: (cursor: string | undefined, left: number) => Promise<Answer>,
  onPage: (answer: Answer, soFar: number) => void = () => {},
  cursor?: string,
): Promise<Answer> {
  const items: Item[] = [];
  let from = cursor;
  for (;;) {
    const answer = await readPage(from, limit - items.length);
    items.push(...answer.items);
    onPage(answer, items.length);
    from = answer.next;
    if (from === undefined || items.length >= limit) return { ...answer, items };
  }
}
