/** What stands in an archive in place of an erased event. Replays and searches keep their place by counting lines. */
export function erasedLine(archivedAt: number): string {
  return JSON.stringify({ v: 1, erased: true, archived_at: archivedAt });
}

const BEGINNING = erasedLine(0).slice(0, '{"v":1,"erased":true'.length);

/** Whether there was an event here that was erased: nothing to read, and nothing broken either. */
export function isErasedLine(line: string): boolean {
  return line.startsWith(BEGINNING);
}
