import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { addPrivacyErase } from "./privacy-erase.ts";
import { addPrivacyExport } from "./privacy-export.ts";
import { addPrivacyPlatforms } from "./privacy-platforms.ts";

/** Adds `privacy` with what can be done with people's own data. */
export function addPrivacy(program: Command, cli: Cli): void {
  const privacy = program.command("privacy").description("what people may ask for their data");
  addPrivacyErase(privacy, cli);
  addPrivacyExport(privacy, cli);
  addPrivacyPlatforms(privacy, cli);
}
