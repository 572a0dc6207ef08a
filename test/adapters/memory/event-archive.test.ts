import { createMemoryEventArchive } from "../../../src/adapters/memory/event-archive.ts";
import { archiveReaderSuite } from "../../support/archive-reader-suite.ts";
import { eventArchiveSuite } from "../../support/event-archive-suite.ts";

eventArchiveSuite(async () => {
  const archive = createMemoryEventArchive();
  return { archive, events: async () => archive.events() };
});

archiveReaderSuite(async () => {
  const archive = createMemoryEventArchive();
  return { reader: archive, store: async (at, lines) => archive.plant(at, lines) };
});
