/** Runs something and gives back the lines that it wrote to standard output and standard error, in order. */
export async function capturedOutput(run: () => unknown): Promise<string[]> {
  const lines: string[] = [];
  const streams = [process.stdout, process.stderr];
  const writes = streams.map((stream) => stream.write);
  for (const stream of streams) {
    stream.write = ((chunk: string | Uint8Array) => lines.push(String(chunk)) > 0) as typeof stream.write;
  }
  try {
    await run();
  } finally {
    for (const [index, stream] of streams.entries()) stream.write = writes[index] ?? stream.write;
  }
  return lines.flatMap((text) => text.split("\n")).filter((line) => line !== "");
}
