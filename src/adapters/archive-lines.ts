import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";

/** A line that is longer is no event of ours: what is packed into one Firehose record is shorter. */
const LONGEST_LINE = 2_000_000;
/** What is given in place of the lines that an object lost, so that a reader counts one that it cannot read. */
const BROKEN = "the object ends before its end";

/**
 * The lines of a compressed object. What is broken in it costs its own lines: the last line then is no JSON, for readers
 * to count. Throws what befalls the connection.
 */
export async function* gunzippedLines(body: unknown): AsyncGenerator<string> {
  if (!(body instanceof Readable)) throw new Error("S3 answered without a body");
  const gunzip = createGunzip();
  // An error of the socket is no error of the stream that it is piped into: nobody would hear of it.
  body.on("error", (error) => gunzip.destroy(error)).pipe(gunzip);
  try {
    yield* linesOf(gunzip);
  } finally {
    body.destroy();
  }
}

async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const chunk of stream) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = parts.pop() ?? "";
      if (rest.length > LONGEST_LINE) rest = rest.slice(0, LONGEST_LINE);
      yield* parts.filter((line) => line !== "");
    }
  } catch (error) {
    if (!isFormatError(error)) throw error;
    rest = BROKEN;
  }
  if (rest !== "") yield rest;
}

/** Whether it is the object that is wrong, and not the way to it. */
function isFormatError(error: unknown): boolean {
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  return code.startsWith("Z_");
}
