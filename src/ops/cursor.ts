import type { z } from "zod/mini";
import { OpsRefusal } from "./route.ts";

/**
 * Where a list goes on, as text that callers give back and do not read. It holds positions and no filters: whoever goes
 * on gives the filters again. Nothing of a person is in it, since cursors end up in logs and shell histories.
 */
export function writeCursor(position: object): string {
  return Buffer.from(JSON.stringify(position)).toString("base64url");
}

const LONGEST_CURSOR = 1_000;

/** The position in a cursor; undefined without one. Throws `OpsRefusal` 400 when it is not one of this list's. */
export function readCursor<Position>(cursor: string | undefined, shape: z.ZodMiniType<Position>): Position | undefined {
  if (cursor === undefined) return undefined;
  const read = cursor.length > LONGEST_CURSOR ? undefined : shape.safeParse(parsed(cursor));
  if (read?.success !== true) throw invalidCursor();
  return read.data;
}

/** For a cursor that was made up, or given with other filters. */
export function invalidCursor(): OpsRefusal {
  const todo = "give back the `next` of the answer before, with the same filters, or leave it out";
  return new OpsRefusal(400, "invalid_cursor", "cursor is not one that this list gave", todo);
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}
