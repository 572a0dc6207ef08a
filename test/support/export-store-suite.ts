import type { ExportStore } from "../../src/pipeline/export-ports.ts";

/** What every `ExportStore` must do. */
export function exportStoreSuite(create: () => Promise<ExportStore>): void {
  test("gives back what was put, in any script, and the later of two", async () => {
    const store = await create();
    await store.put("exports/a/1-events-0.json", `["é\u{1f600}\u0001"]`);
    await store.put("exports/a/2-events-0.json", "x".repeat(3_000_000));
    await store.put("exports/a/1-events-0.json", `["Ünï"]`);
    expect(await store.get("exports/a/1-events-0.json")).toBe(`["Ünï"]`);
    expect((await store.get("exports/a/2-events-0.json"))?.length).toBe(3_000_000);
  });

  test("what is not there is no error", async () => {
    const store = await create();
    expect(await store.get("exports/b/1-manifest.json")).toBeUndefined();
  });
}
